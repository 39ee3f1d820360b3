//! Claims of a type that derives serde's traits: reading is as strict as for any other claims type.

use std::collections::BTreeMap;
use std::fmt;

use gatevault::claims::Serde;
use gatevault::token::TokenText;
use gatevault::{Payload, TokenError, Verified};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use crate::forge::{Members, claiming, lacking, with_claims};
use crate::verdicts::{manager, missing, mistyped, patient_manager};
use gatevault_tests::Outline;

fn read<T: serde::de::DeserializeOwned>(token: &str) -> Result<Serde<T>, TokenError> {
    manager().decode_access_token_in(token, &mut TokenText::new()).map(Verified::into_claims)
}

type Map = BTreeMap<String, Value>;

#[derive(Debug, Deserialize)]
struct Clerk {
    user_id: u64,
    role: Option<Role>,
    #[expect(dead_code, reason = "is only read from tokens")]
    tags: Option<Vec<Value>>,
}

#[derive(Debug, Deserialize)]
struct Role {
    name: String,
}

#[test]
fn a_repeated_member_is_refused_at_every_depth() {
    for claims in [
        r#""a":1,"a":1"#,
        r#""a":1,"\u0061":2"#,
        r#""role":{"name":"x","name":"x"}"#,
        r#""role":{"name":"x","x":[{"y":1,"y":1}]}"#,
        r#""tags":[1,{"a":{"b":1,"b":2}}]"#,
        r#""unknown":{"a":1,"a":2}"#,
        r#""exp":1"#,
        r#""\u0065xp":4102444800"#,
        r#""user_id":42"#,
        r#""jti":"8a6e3f0c""#,
    ] {
        let good = Members::claims().json();
        let token = with_claims(format!("{},{claims}}}", &good[..good.len() - 1]));
        assert_eq!(Outline::DECODE, read::<Clerk>(&token).unwrap_err(), "{claims}");
        assert_eq!(Outline::DECODE, read::<Map>(&token).unwrap_err(), "{claims}");
        assert_eq!(Outline::DECODE, read::<IgnoredAny>(&token).unwrap_err(), "{claims}");
    }
}

#[test]
fn bytes_around_the_claims_and_anything_but_an_object_are_refused() {
    let good = Members::claims().with("role", r#"{"name":"x"}"#).json();
    assert_eq!(read::<Clerk>(&with_claims(format!(" {good}\n"))).unwrap().role.as_ref().unwrap().name, "x");
    for claims in [
        format!("{good}x"),
        format!("{good}{good}"),
        format!("{good},"),
        format!("[{good}]"),
        good[..good.len() - 1].to_owned(),
        format!("{},}}", &good[..good.len() - 1]),
        "null".to_owned(),
        "[]".to_owned(),
        r#""text""#.to_owned(),
        String::new(),
    ] {
        assert_eq!(Outline::DECODE, read::<Clerk>(&with_claims(&claims)).unwrap_err(), "{claims}");
        assert_eq!(Outline::DECODE, read::<Option<Map>>(&with_claims(&claims)).unwrap_err(), "{claims}");
    }
}

#[test]
fn deep_nesting_is_refused_without_deep_recursion() {
    for open in ["[", r#"{"a":"#] {
        let token = claiming("tags", &open.repeat(200_000 / open.len()));
        let verdict = patient_manager().decode_access_token::<Serde<Value>>(&token);
        assert_eq!(Outline::DECODE, verdict.unwrap_err());
    }
    let token = claiming("tags", &format!("{}{}", "[".repeat(500), "]".repeat(500)));
    assert_eq!(Outline::DECODE, read::<Clerk>(&token).unwrap_err());
    assert_eq!(Outline::DECODE, read::<IgnoredAny>(&token).unwrap_err());
}

#[test]
fn the_subject_and_registered_claims_are_validated_for_every_type() {
    assert_eq!(read::<Clerk>(&claiming("user_id", "42")).unwrap().user_id, 42);
    assert_eq!(missing("user_id"), read::<Clerk>(&lacking("user_id")).unwrap_err());
    assert_eq!(missing("user_id"), read::<IgnoredAny>(&lacking("user_id")).unwrap_err());
    assert_eq!(mistyped("user_id"), read::<Clerk>(&claiming("user_id", r#""ada""#)).unwrap_err());
    for (name, value) in [
        ("user_id", r#""""#),
        ("user_id", "1.5"),
        ("user_id", "null"),
        ("user_id", "[42]"),
        ("exp", r#""4102444800""#),
        ("exp", "-1"),
        ("iat", "null"),
        ("nbf", "[]"),
        ("iss", "7"),
        ("aud", r#"["a",7]"#),
        ("acr", "7"),
        ("acr", "[]"),
        ("amr", "7"),
        ("amr", r#"["pwd",7]"#),
        ("jti", "7"),
        ("type", "{}"),
    ] {
        let token = claiming(name, value);
        assert_eq!(mistyped(name), read::<IgnoredAny>(&token).unwrap_err(), "{name}: {value}");
        assert_eq!(mistyped(name), read::<Map>(&token).unwrap_err(), "{name}: {value}");
    }
    for name in ["exp", "jti", "type"] {
        assert_eq!(missing(name), read::<IgnoredAny>(&lacking(name)).unwrap_err(), "{name}");
    }
    // A fraction is truncated, for the type as for the manager.
    assert_eq!(read::<Map>(&claiming("exp", "4102444800.9")).unwrap()["exp"], 4_102_444_800_u64);
}

/// Stops after the first name.
#[derive(Debug)]
struct Hasty;

impl<'de> Deserialize<'de> for Hasty {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct HastyVisitor;
        impl<'de> Visitor<'de> for HastyVisitor {
            type Value = Hasty;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("claims")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut claims: A) -> Result<Hasty, A::Error> {
                drop(claims.next_key::<String>()?);
                Ok(Hasty)
            }
        }
        deserializer.deserialize_map(HastyVisitor)
    }
}

/// Ignores every error.
#[derive(Debug)]
struct Deaf;

impl<'de> Deserialize<'de> for Deaf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DeafVisitor;
        impl<'de> Visitor<'de> for DeafVisitor {
            type Value = Deaf;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("claims")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut claims: A) -> Result<Deaf, A::Error> {
                for _ in 0..100 {
                    drop(claims.next_value::<u8>());
                    drop(claims.next_key::<bool>());
                    drop(claims.next_key::<String>());
                    drop(claims.next_value::<String>());
                }
                Ok(Deaf)
            }
        }
        drop(deserializer.deserialize_any(DeafVisitor));
        Ok(Self)
    }
}

/// Reads no claim.
#[derive(Debug)]
struct Idle;

impl<'de> Deserialize<'de> for Idle {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Ok(Self)
    }
}

#[test]
fn a_type_that_stops_early_or_ignores_errors_accepts_no_other_token() {
    let first = |claims: &str| with_claims(format!("{{{claims},{}", &Members::claims().json()[1..]));
    for good in [first(r#""a":1"#), first(r#""a":{"b":[1]}"#), with_claims(Members::claims().json())] {
        assert!(read::<Hasty>(&good).is_ok());
        assert!(read::<Idle>(&good).is_ok());
    }
    for bad in [
        claiming("exp", "1"),
        claiming("exp", "[]"),
        claiming("type", r#""refresh""#),
        claiming("user_id", r#""""#),
        claiming("jti", "7"),
        lacking("exp"),
        lacking("user_id"),
        with_claims(format!("{}x", Members::claims().json())),
        with_claims(r#"{"a":1,"a":2}"#),
        first(r#""exp":4102444800"#),
    ] {
        assert!(read::<Hasty>(&bad).is_err());
        assert!(read::<Deaf>(&bad).is_err());
        assert!(read::<Idle>(&bad).is_err());
        assert!(manager().decode_access_token::<Payload>(&bad).is_err());
    }
}
