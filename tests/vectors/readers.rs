//! Hand-written claims types, correct and faulty: a faulty one does not make an invalid token valid.

use gatevault::TokenError;
use gatevault::claims::{ClaimReader, ClaimWriter, FromClaims, ToClaims};
use serde::de::MapAccess;

use crate::forge::{Members, claiming, lacking, with_claims};
use crate::verdicts::{manager, missing, mistyped};
use gatevault_tests::Outline;

/// Reads like a derived type.
#[derive(Debug)]
struct Clerk {
    id: u64,
    role: String,
    level: Option<i8>,
}

impl<'t> FromClaims<'t> for Clerk {
    fn read_claims<A: MapAccess<'t>>(claims: &mut ClaimReader<'t, '_, A>) -> Result<Self, A::Error> {
        let (mut role, mut level) = (None, None);
        while let Some(name) = claims.next_name()? {
            match &*name {
                "role" => claims.read(&mut role)?,
                "level" => claims.read(&mut level)?,
                _ => claims.skip()?,
            }
        }
        let level = match level {
            None => None,
            text => Some(claims.required_with("level", text, |text: String| text.parse::<i8>())?),
        };
        Ok(Self { role: claims.required("role", role)?, level, id: claims.read_subject()? })
    }
}

/// Reads nothing.
#[derive(Debug)]
struct Idle;

impl<'t> FromClaims<'t> for Idle {
    fn read_claims<A: MapAccess<'t>>(_: &mut ClaimReader<'t, '_, A>) -> Result<Self, A::Error> {
        Ok(Self)
    }
}

/// Treats the first error as the end.
#[derive(Debug)]
struct Hasty;

impl<'t> FromClaims<'t> for Hasty {
    fn read_claims<A: MapAccess<'t>>(claims: &mut ClaimReader<'t, '_, A>) -> Result<Self, A::Error> {
        while let Ok(Some(_)) = claims.next_name() {
            claims.skip()?;
        }
        Ok(Self)
    }
}

/// Ignores every error.
#[derive(Debug)]
struct Deaf;

impl<'t> FromClaims<'t> for Deaf {
    fn read_claims<A: MapAccess<'t>>(claims: &mut ClaimReader<'t, '_, A>) -> Result<Self, A::Error> {
        for _ in 0..100 {
            if let Ok(Some(_)) = claims.next_name() {
                drop(claims.skip());
            }
        }
        Ok(Self)
    }
}

/// Requires the subject before it has read anything.
#[derive(Debug)]
struct Impatient;

impl<'t> FromClaims<'t> for Impatient {
    fn read_claims<A: MapAccess<'t>>(claims: &mut ClaimReader<'t, '_, A>) -> Result<Self, A::Error> {
        claims.read_subject::<u64>()?;
        Ok(Self)
    }
}

macro_rules! writes_the_subject_only {
    ($($claims:ty),+) => {
        $(impl ToClaims for $claims {
            fn write_claims(&self, claims: &mut ClaimWriter<'_>) -> Result<(), TokenError> {
                claims.subject(&42)
            }
        })+
    };
}
writes_the_subject_only!(Clerk, Idle, Hasty, Deaf, Impatient);

fn clerk() -> Members {
    Members::claims().with("role", r#""admin""#)
}

fn read(claims: &Members) -> Result<Clerk, TokenError> {
    let verified = manager().decode_access_token::<Clerk>(&with_claims(claims.json()))?;
    Ok(verified.into_claims())
}

#[test]
fn a_typed_claim_of_another_type_is_rejected() {
    let good = read(&clerk().with("level", r#""-7""#).with("unknown", r#"[{"x":1}]"#)).unwrap();
    assert_eq!((good.id, &*good.role, good.level), (42, "admin", Some(-7)));
    assert_eq!(read(&clerk()).unwrap().level, None);
    let cases = [
        ("no role", clerk().without("role"), missing("role")),
        ("role null", clerk().with("role", "null"), mistyped("role")),
        ("role a list", clerk().with("role", r#"["admin"]"#), mistyped("role")),
        ("role a number", clerk().with("role", "1"), mistyped("role")),
        ("level too large", clerk().with("level", r#""128""#), mistyped("level")),
        ("level a number", clerk().with("level", "7"), mistyped("level")),
        ("level null", clerk().with("level", "null"), mistyped("level")),
        ("subject a text", clerk().with("user_id", r#""42""#), mistyped("user_id")),
        ("subject negative", clerk().with("user_id", "-42"), mistyped("user_id")),
        ("no subject", clerk().without("user_id"), missing("user_id")),
        ("role twice", clerk().with(r"rol\u0065", r#""clerk""#), Outline::DECODE),
        ("level twice", clerk().with("level", r#""1""#).with(r"\u006cevel", r#""2""#), Outline::DECODE),
        ("unknown twice", clerk().with("x", "1").with(r"\u0078", "1"), Outline::DECODE),
        ("unknown, twice within", clerk().with("x", r#"{"y":1,"y":1}"#), Outline::DECODE),
        ("unknown, out of range", clerk().with("x", "1e400"), Outline::DECODE),
    ];
    for (name, claims, expected) in cases {
        assert_eq!(expected, read(&claims).unwrap_err(), "{name}");
    }
}

#[test]
fn errors_in_registered_claims_take_precedence_over_a_missing_claim() {
    let bare = clerk().without("role");
    assert_eq!(read(&bare.clone().with("exp", "1")).unwrap_err(), TokenError::Expired);
    assert_eq!(missing("jti"), read(&bare.clone().without("jti")).unwrap_err());
    assert!(matches!(read(&bare.clone().with("type", r#""refresh""#)).unwrap_err(), TokenError::Invalid(_)));
    let trailing = with_claims(bare.with("exp", "1").json() + "x");
    assert_eq!(Outline::DECODE, manager().decode_token::<Clerk>(&trailing).unwrap_err());
}

#[test]
fn a_type_that_does_not_read_to_the_end_accepts_no_token() {
    let good = with_claims(clerk().json());
    assert_eq!(Outline::DECODE, manager().decode_token::<Idle>(&good).unwrap_err());
    assert_eq!(Outline::DECODE, manager().decode_token::<Impatient>(&good).unwrap_err());
}

#[test]
fn a_type_that_swallows_errors_does_not_make_an_invalid_token_valid() {
    let good = with_claims(clerk().json());
    assert!(manager().decode_token::<Hasty>(&good).is_ok());
    assert!(manager().decode_token::<Deaf>(&good).is_ok());
    let bad = [
        claiming("nbf", r#""9999999999""#),
        claiming("nbf", "9e300"),
        claiming("aud", "[1]"),
        claiming("aud", "true"),
        claiming("iss", "[]"),
        claiming("sid", "null"),
        claiming("acr", "1"),
        claiming("amr", "1"),
        claiming("amr", "[null]"),
        claiming("x", r#"{"y":1,"y":2}"#),
        claiming(r"\u0065xp", "9999999999"),
        lacking("exp"),
        lacking("type"),
        lacking("jti"),
    ];
    for token in bad {
        assert!(manager().decode_token::<Hasty>(&token).is_err(), "hasty: {token}");
        assert!(manager().decode_token::<Deaf>(&token).is_err(), "deaf: {token}");
    }
}

/// Claims whose own `Deserialize` would accept the last of two members.
#[derive(Debug, gatevault::Claims)]
struct Configured {
    user_id: u64,
    settings: serde_json::Value,
    limits: std::collections::BTreeMap<String, u64>,
}

#[test]
fn a_duplicate_member_inside_a_map_is_rejected() {
    let decode = |settings: &str, limits: &str| {
        let claims = Members::claims().with("settings", settings).with("limits", limits);
        manager()
            .decode_token::<Configured>(&with_claims(claims.json()))
            .map(gatevault::Verified::into_claims)
    };
    let good = decode(r#"{"theme":{"dark":true}}"#, r#"{"a":1}"#).unwrap();
    assert_eq!((good.user_id, good.settings["theme"]["dark"] == true, good.limits["a"]), (42, true, 1));
    let repeated = [
        (r#"{"theme":1,"theme":2}"#, "{}"),
        (r#"{"theme":{"dark":1,"d\u0061rk":2}}"#, "{}"),
        (r#"[[{"x":1,"x":1}]]"#, "{}"),
        ("{}", r#"{"a":1,"a":2}"#),
        ("{}", r#"{"a":1,"\u0061":2}"#),
    ];
    for (settings, limits) in repeated {
        assert_eq!(Outline::DECODE, decode(settings, limits).unwrap_err(), "{settings} {limits}");
    }
}
