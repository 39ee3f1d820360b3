//! Errors and debug output: they contain neither the secret nor the token.

use std::error::Error as _;
use std::fmt::Debug;

use gatevault::error::Warning;
use gatevault::{ConfigError, Error, GuardError, Payload, SigningKey, TokenError, TokenManager};
use gatevault_tests::{SECRET, hex};

use crate::differential::mutation::forged;
use crate::differential::setting::setting;
use crate::differential::{cases, runner};
use crate::forge::encoded;
use proptest::prop_assert;

/// Returns every text of an error: for the client, the log and the debugger.
fn printed(error: &TokenError) -> String {
    let reason = error.source().map(|reason| format!("{reason} {reason:?}")).unwrap_or_default();
    let (guard, any) = (GuardError::from(error.clone()), Error::from(error.clone()));
    let source = guard.source().map(ToString::to_string);
    format!(
        "{error} {error:?} {error:#?} {reason} {guard} {guard:?} {source:?} {:?} {any} {any:?}",
        guard.challenge()
    )
}

/// Returns the forms in which the bytes of a secret could be printed.
fn spellings(secret: &str) -> Vec<String> {
    vec![
        secret.to_owned(),
        secret.to_ascii_uppercase(),
        encoded(secret),
        hex(secret),
        secret.as_bytes().iter().map(u8::to_string).collect::<Vec<_>>().join(", "),
    ]
}

fn assert_silent(text: &str, secret: &str) {
    for spelling in spellings(secret) {
        let beginning = &spelling[..spelling.len().min(12)];
        assert!(!text.contains(beginning), "{beginning} is in {text}");
    }
}

#[test]
fn no_error_contains_the_token_or_the_secret() {
    let outcome = runner(cases(3000)).run(&(setting(), forged()), |(setting, forged)| {
        let token = forged.token(&setting);
        if let Err(error) = setting.decode(&token) {
            let printed = printed(&error);
            let found = token
                .split('.')
                .filter(|segment| segment.len() > 8)
                .find(|segment| printed.contains(*segment));
            prop_assert!(found.is_none(), "{:?} is in {}", found, printed);
            prop_assert!(!printed.contains("8a6e3f0c"), "the token's id is in {}", printed);
            prop_assert!(spellings(SECRET).iter().all(|spelling| !printed.contains(spelling)), "{}", printed);
        }
        Ok(())
    });
    outcome.unwrap();
}

fn shown(value: &impl Debug) -> String {
    format!("{value:?} {value:#?}")
}

#[test]
fn the_debug_output_of_keys_builders_and_managers_does_not_contain_the_secret() {
    let secret = "qz7-passphrase-that-is-never-shown";
    let keys = [SigningKey::hs256(secret), SigningKey::hs384(secret), SigningKey::hs512(secret)];
    for key in keys.map(Result::unwrap) {
        assert_silent(&shown(&key), secret);
        let named = key.with_id("2026-11").unwrap();
        assert_silent(&shown(&named), secret);
        let builder = TokenManager::builder().key(named);
        assert_silent(&shown(&builder), secret);
        let tokens = builder.build().unwrap();
        assert_silent(&shown(&tokens), secret);
        assert_silent(&shown(&gatevault::GateVault::new(tokens.clone())), secret);
        for warning in tokens.warnings() {
            assert_silent(&format!("{warning} {}", shown(&warning)), secret);
        }
        let token = tokens.create_access_token(&Payload::new(42)).unwrap();
        assert!(tokens.decode_token::<Payload>(&token).is_ok());
    }
    let builder = TokenManager::builder().secret(secret);
    assert_silent(&shown(&builder), secret);
    assert_silent(&shown(&builder.build().unwrap()), secret);
}

#[test]
fn no_configuration_error_contains_the_secret() {
    let secret = "qz7-short-secret";
    let builder = || TokenManager::builder().secret(secret);
    let errors = [
        builder().deny_short_key().build().unwrap_err(),
        builder().key(SigningKey::hs256(secret).unwrap()).build().unwrap_err(),
        builder().issuer("").build().unwrap_err(),
        builder().subject_claim("exp").build().unwrap_err(),
        builder().max_token_bytes(1).build().unwrap_err(),
        builder().access_expiry(std::time::Duration::ZERO).build().unwrap_err(),
        SigningKey::hs256(secret).unwrap().with_id("").unwrap_err(),
    ];
    assert!(matches!(errors[0], ConfigError::ShortKey { bytes: 16, .. }), "{:?}", errors[0]);
    for error in errors {
        assert_silent(&format!("{error} {}", shown(&error)), secret);
        let any = Error::from(error);
        assert_silent(&format!("{any} {}", shown(&any)), secret);
    }
    let tokens = builder().build().unwrap();
    assert!(matches!(tokens.warnings()[..], [Warning::ShortKey { bytes: 16, .. }]));
    assert_silent(&format!("{} {}", tokens.warnings()[0], shown(&tokens.warnings()[0])), secret);
}
