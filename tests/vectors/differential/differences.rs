//! The known differences between the verdicts of `jsonwebtoken` and ours. The reference verifier has a rule for each.

use gatevault::error::InvalidReason;
use gatevault::{Algorithm, Payload, TokenError};
use gatevault_tests::{Outline, SECRET};

use super::key::Key;
use super::reference::verify_signature;
use crate::forge::{Members, claiming, heading, with_claims, with_header};
use crate::verdicts::manager;

/// Returns whether `jsonwebtoken` accepts the token, apart from its dates.
fn theirs_accept(token: &str) -> bool {
    let key = Key { algorithm: Algorithm::HS256, secret: SECRET, id: None, until: None };
    verify_signature(token, &key).is_ok_and(|claims| claims.is_some())
}

fn ours(token: &str) -> Result<(), TokenError> {
    manager().decode_access_token::<Payload>(token).map(drop)
}

#[test]
fn each_listed_token_is_refused_by_us_alone() {
    let header = Members::header().json();
    let claims = Members::claims().json();
    let twice = |json: &str, member: &str| format!("{},{member},{member}}}", &json[..json.len() - 1]);
    let extension = |name| InvalidReason::Extension(name).into();
    for (token, verdict) in [
        (heading("b64", "true"), extension("b64")),
        (
            with_header(Members::header().with("crit", r#"["b64"]"#).with("b64", "true").json()),
            extension("b64"),
        ),
        (heading("typ", r#""dpop+jwt""#), InvalidReason::Type.into()),
        (with_header(twice(&header, r#""x":1"#)), Outline::DECODE),
        (with_claims(twice(&claims, r#""x":1"#)), Outline::DECODE),
        (claiming("x", r#"{"a":1,"a":1}"#), Outline::DECODE),
        (claiming("iat", r#""noon""#), InvalidReason::MistypedClaim("iat".into()).into()),
    ] {
        assert!(theirs_accept(&token), "jsonwebtoken refuses it now, as we do: {token}");
        assert_eq!(verdict, ours(&token).unwrap_err(), "{token}");
    }
}

#[test]
fn each_listed_token_is_refused_by_jsonwebtoken_alone() {
    for token in [claiming("sub", "[]"), claiming("sub", r#"{"a":1}"#)] {
        assert!(!theirs_accept(&token), "jsonwebtoken accepts it now, as we do: {token}");
        assert_eq!(ours(&token), Ok(()), "{token}");
    }
}

#[test]
fn an_extension_that_must_be_understood_is_refused_by_both() {
    for (name, value) in [
        ("crit", r#"["exp"]"#),
        ("crit", r#"["b64"]"#),
        ("crit", "[]"),
        ("crit", "7"),
        ("b64", "false"),
        ("b64", "7"),
    ] {
        let token = heading(name, value);
        assert!(!theirs_accept(&token), "{name}: {value}");
        assert!(
            matches!(ours(&token), Err(TokenError::Invalid(InvalidReason::Extension(_)))),
            "{name}: {value}"
        );
    }
}
