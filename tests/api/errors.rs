//! The two messages of an error, for the client and for the log, and its HTTP form.

use std::error::Error as _;
use std::time::Duration;

use gatevault::error::{DecodeReason, InvalidReason};
use gatevault::{ConfigError, Error, GuardError, HashingError, Payload, TokenError};
use gatevault_tests::tokens;

fn every_denial() -> Vec<(GuardError, u16, Option<&'static str>)> {
    let invalid = Some(r#"Bearer error="invalid_token""#);
    let expired = Some(r#"Bearer error="invalid_token", error_description="the token has expired""#);
    let config = ConfigError::Missing { setting: "lookup_by_id", needed_for: "a refresh" };
    vec![
        (GuardError::MissingToken, 401, Some("Bearer")),
        (TokenError::Expired.into(), 401, expired),
        (TokenError::Decode(DecodeReason::Opaque).into(), 401, invalid),
        (TokenError::from(InvalidReason::Signature).into(), 401, invalid),
        (GuardError::invalid_credentials("wrong"), 401, Some("Bearer")),
        (GuardError::unauthorized("not your post"), 403, None),
        (GuardError::TooManyAttempts { retry_after: Duration::from_secs(3) }, 429, None),
        (GuardError::unavailable("the store is down"), 503, None),
        (GuardError::NotInstalled, 500, None),
        (GuardError::Config(config), 500, None),
    ]
}

#[test]
fn every_denial_has_its_status_and_challenge() {
    for (denial, status, challenge) in every_denial() {
        assert_eq!(denial.status(), status, "{denial:?}");
        assert_eq!(denial.challenge().as_deref(), challenge, "{denial:?}");
    }
}

#[test]
fn the_client_never_learns_what_exactly_was_wrong() {
    let reasons = [
        InvalidReason::Signature,
        InvalidReason::Algorithm,
        InvalidReason::Bound,
        InvalidReason::Revoked,
        InvalidReason::MissingClaim("role".into()),
        InvalidReason::Kind { expected: "access" },
    ];
    for reason in reasons {
        let denial = GuardError::from(TokenError::from(reason.clone()));
        assert_eq!(denial.to_string(), "the token is not valid");
        assert_eq!(denial.source().unwrap().to_string(), reason.to_string());
    }
    let denial = GuardError::unauthorized("payload.org_id == Some(org_id)");
    assert_eq!(denial.to_string(), "not allowed");
    assert_eq!(denial.source().unwrap().to_string(), "payload.org_id == Some(org_id)");
    assert_eq!(GuardError::unavailable("db:5432 refused").to_string(), "temporarily unavailable");
}

#[test]
fn every_error_converts_into_the_error_over_all() {
    fn token() -> Result<(), Error> {
        Ok(Err(TokenError::Decode(DecodeReason::Opaque))?)
    }
    fn hashing() -> Result<(), Error> {
        Ok(Err(HashingError::ContainsNul)?)
    }
    fn config() -> Result<(), Error> {
        Ok(Err(ConfigError::MissingKey)?)
    }
    fn guard() -> Result<(), Error> {
        Ok(Err(GuardError::from(TokenError::Expired))?)
    }
    assert!(matches!(token(), Err(Error::Token(TokenError::Decode(_)))));
    assert!(matches!(hashing(), Err(Error::Hashing(HashingError::ContainsNul))));
    assert!(matches!(config(), Err(Error::Config(ConfigError::MissingKey))));
    assert!(matches!(guard(), Err(Error::Guard(GuardError::Token(TokenError::Expired)))));
}

#[test]
fn no_error_contains_the_token_that_caused_it() {
    let tokens = tokens();
    let good = tokens.create_access_token(&Payload::new(42).with("note", "sesame")).unwrap();
    for position in 0..good.len() {
        let mut bad = good.clone().into_bytes();
        bad[position] ^= 1;
        let Ok(bad) = String::from_utf8(bad) else { continue };
        let error = tokens.decode_token::<Payload>(&bad).unwrap_err();
        let printed = format!("{error} {error:?} {:?}", error.source().map(ToString::to_string));
        let fragments = bad.split('.').filter(|segment| segment.len() > 3);
        assert!(fragments.clone().all(|segment| !printed.contains(segment)), "{printed}");
        assert!(!printed.contains("sesame"));
    }
}
