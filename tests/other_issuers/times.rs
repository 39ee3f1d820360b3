//! Times in the tokens of other issuers: lifetimes, and clocks that differ.

use std::time::Duration;

use gatevault::error::InvalidReason;
use gatevault::{Algorithm, Issuer, TokenError, TokenManager};
use gatevault_tests::{SECRET, START, timed};
use serde_json::{Value, json};

use super::service::{decode, refusal, service};
use super::signer::{ED25519, Signer, claims, with};

const ONE: &str = "https://one.example";
const TWO: &str = "https://two.example";
const HOUR: u64 = 3600;

fn signer() -> Signer {
    Signer::new(Algorithm::EdDSA, ED25519).named("1")
}

fn issuer(name: &str) -> Issuer {
    Issuer::new(name, signer().ring()).audience("orders")
}

fn token(name: &str, changes: Value) -> String {
    signer().sign(&with(claims(name, "orders"), changes))
}

fn is_too_far_ahead(tokens: &TokenManager, token: &str) {
    let reason = refusal(tokens, token);
    assert!(matches!(reason, InvalidReason::TooLongLived { .. }), "{reason:?}");
    assert!(reason.to_string().contains("max_lifetime"), "{reason}");
}

#[test]
fn a_token_that_lives_longer_than_revocations_are_kept_is_refused() {
    let tokens = service([issuer(ONE)]);
    assert!(decode(&tokens, &token(ONE, json!({ "exp": START + 24 * HOUR }))).is_ok());
    is_too_far_ahead(&tokens, &token(ONE, json!({ "exp": START + 25 * HOUR })));
    is_too_far_ahead(&tokens, &token(ONE, json!({ "exp": 4_102_444_800_u64 })));
}

#[test]
fn the_longest_lifetime_is_a_setting_of_each_issuer() {
    let one = issuer(ONE).max_lifetime(Duration::from_secs(HOUR));
    let two = issuer(TWO).max_lifetime(Duration::from_hours(7 * 24));
    let tokens = service([one, two]);
    assert!(decode(&tokens, &token(ONE, json!({ "exp": START + HOUR }))).is_ok());
    is_too_far_ahead(&tokens, &token(ONE, json!({ "exp": START + 2 * HOUR })));
    assert!(decode(&tokens, &token(TWO, json!({ "exp": START + 7 * 24 * HOUR }))).is_ok());
    is_too_far_ahead(&tokens, &token(TWO, json!({ "exp": START + 8 * 24 * HOUR })));
}

#[test]
fn the_longest_lifetime_of_the_builder_is_that_of_our_own_tokens() {
    let tokens = timed()
        .0
        .max_lifetime(Duration::from_secs(HOUR))
        .accept(issuer(ONE))
        .accept(issuer(TWO).max_lifetime(Duration::from_secs(3 * HOUR)))
        .build()
        .unwrap();
    let ours = json!({ "user_id": 42, "iat": START, "exp": START + 2 * HOUR, "type": "access", "jti": "1" });
    is_too_far_ahead(&tokens, &Signer::hs256(SECRET).sign(&ours));
    assert!(decode(&tokens, &token(ONE, json!({ "exp": START + 4 * HOUR }))).is_ok());
    assert!(decode(&tokens, &token(TWO, json!({ "exp": START + 2 * HOUR }))).is_ok());
    is_too_far_ahead(&tokens, &token(TWO, json!({ "exp": START + 4 * HOUR })));
}

#[test]
fn the_time_that_is_too_far_ahead_is_named_and_not_one_at_the_limit() {
    let tokens = service([issuer(ONE)]);
    for (at_the_limit, too_far) in
        [("nbf", "iat"), ("iat", "auth_time"), ("nbf", "auth_time"), ("iat", "nbf")]
    {
        let times = json!({ at_the_limit: START + 30, too_far: START + 33 });
        let expected = InvalidReason::NotYetValid {
            claim: too_far,
            ahead: Duration::from_secs(33),
            limit: Duration::from_secs(30),
        };
        assert_eq!(refusal(&tokens, &token(ONE, times)), expected);
    }
}

#[test]
fn a_clock_that_is_half_a_minute_ahead_is_tolerated() {
    let tokens = service([issuer(ONE)]);
    for claim in ["iat", "nbf", "auth_time"] {
        for ahead in [1, 20, 30] {
            assert!(
                decode(&tokens, &token(ONE, json!({ claim: START + ahead }))).is_ok(),
                "{claim} +{ahead}"
            );
        }
        for ahead in [31, 600] {
            let reason = refusal(&tokens, &token(ONE, json!({ claim: START + ahead })));
            assert!(
                matches!(reason, InvalidReason::NotYetValid { claim: c, .. } if c == claim),
                "{reason:?}"
            );
        }
    }
}

#[test]
fn the_tolerance_of_clocks_is_a_setting_of_each_issuer() {
    let tokens = service([
        issuer(ONE).clock_skew(Duration::from_mins(5)),
        issuer(TWO).clock_skew(Duration::ZERO).leeway(Duration::from_secs(40)),
    ]);
    for claim in ["iat", "nbf", "auth_time"] {
        assert!(decode(&tokens, &token(ONE, json!({ claim: START + 290 }))).is_ok());
        refusal(&tokens, &token(ONE, json!({ claim: START + 310 })));
        refusal(&tokens, &token(TWO, json!({ claim: START + 1 })));
    }
    // A skew prolongs no token.
    assert_eq!(decode(&tokens, &token(ONE, json!({ "exp": START }))).unwrap_err(), TokenError::Expired);
    assert!(decode(&tokens, &token(TWO, json!({ "exp": START - 30 }))).is_ok());
    assert_eq!(decode(&tokens, &token(TWO, json!({ "exp": START - 40 }))).unwrap_err(), TokenError::Expired);
}

#[test]
fn the_settings_of_an_issuer_are_not_those_of_our_own_tokens() {
    let tokens = timed()
        .0
        .accept(
            issuer(ONE)
                .clock_skew(Duration::from_mins(5))
                .leeway(Duration::from_mins(5))
                .max_lifetime(Duration::from_hours(72)),
        )
        .build()
        .unwrap();
    let ours = json!({ "user_id": 42, "iat": START, "exp": START + 300, "type": "access", "jti": "1" });
    let own = |changes| Signer::hs256(SECRET).sign(&with(ours.clone(), changes));
    assert!(decode(&tokens, &own(json!({}))).is_ok());
    refusal(&tokens, &own(json!({ "iat": START + 60 })));
    assert_eq!(decode(&tokens, &own(json!({ "exp": START - 1 }))).unwrap_err(), TokenError::Expired);
    is_too_far_ahead(&tokens, &own(json!({ "exp": START + 48 * HOUR })));
    assert!(decode(&tokens, &token(ONE, json!({ "exp": START + 48 * HOUR }))).is_ok());
}

#[test]
fn a_setting_out_of_bounds_is_an_error_that_names_it() {
    let day_and_more = Duration::from_hours(25);
    for (setting, issuer) in [
        ("clock_skew", issuer(ONE).clock_skew(day_and_more)),
        ("leeway", issuer(ONE).leeway(day_and_more)),
        ("max_lifetime", issuer(ONE).max_lifetime(Duration::ZERO)),
        ("algorithms", issuer(ONE).algorithms([])),
        ("access_type", issuer(ONE).access_type("")),
    ] {
        let text = TokenManager::builder().accept(issuer).build().unwrap_err().to_string();
        assert!(text.contains(&format!("`{setting}`")), "{text}");
    }
}
