//! The longest lifetime: a revocation outlives every token that it rejects.

use std::time::Duration;

use gatevault::error::InvalidReason;
use gatevault::testing::ManualClock;
use gatevault::token::TokenManagerBuilder;
use gatevault::{Algorithm, Issuer, TokenError, TokenManager};
use gatevault_tests::{SECRET, START, timed};
use serde_json::{Value, json};

use super::service::{decode, refusal};
use super::signer::{ED25519, Signer, claims, with};

const NAME: &str = "https://id.example";
const OTHER: &str = "https://other.example";
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

fn signer() -> Signer {
    Signer::new(Algorithm::EdDSA, ED25519).named("1")
}

fn issuer(name: &str) -> Issuer {
    Issuer::new(name, signer().ring()).audience("orders")
}

fn token(changes: Value) -> String {
    signer().sign(&with(claims(NAME, "orders"), changes))
}

fn manager(issuers: impl IntoIterator<Item = Issuer>) -> (TokenManager, ManualClock) {
    let (builder, clock) = timed();
    (issuers.into_iter().fold(builder, TokenManagerBuilder::accept).build().unwrap(), clock)
}

/// Adds enough revocations that the table drops those that it no longer needs.
fn fill(tokens: &TokenManager, name: &str) {
    (0..300).for_each(|number| tokens.revoke_session(None, &format!("{name}-{number}")).unwrap());
}

/// Its revocation would be dropped before its last day.
#[test]
fn a_token_that_lives_too_long_is_refused_on_its_last_day_too() {
    let (tokens, clock) = manager([issuer(NAME)]);
    let long = token(json!({ "exp": START + 30 * DAY, "sid": "s-1", "jti": "t-1" }));
    for _ in 0..29 {
        let reason = refusal(&tokens, &long);
        assert!(matches!(reason, InvalidReason::TooLongLived { .. }), "{reason:?}");
        clock.advance(Duration::from_secs(DAY));
    }
    clock.advance(Duration::from_secs(HOUR));
    let reason = refusal(&tokens, &long);
    assert!(matches!(reason, InvalidReason::TooLongLived { .. }), "{reason:?}");
    assert!(reason.to_string().contains("max_lifetime"), "{reason}");
}

#[test]
fn our_own_token_that_lives_too_long_is_refused_on_its_last_day_too() {
    let (tokens, clock) = manager([]);
    let ours = json!({ "user_id": 42, "iat": START, "exp": START + 3 * DAY, "type": "access", "jti": "1" });
    let long = Signer::hs256(SECRET).sign(&ours);
    clock.advance(Duration::from_secs(2 * DAY + HOUR));
    let reason = refusal(&tokens, &long);
    assert!(matches!(reason, InvalidReason::TooLongLived { .. }), "{reason:?}");
}

/// Without `iat`, the token was not valid before its `nbf`.
#[test]
fn a_token_without_iat_lives_from_its_nbf() {
    let (tokens, clock) = manager([issuer(NAME)]);
    let long = token(json!({ "exp": START + 3 * DAY, "iat": null, "nbf": START }));
    clock.advance(Duration::from_secs(2 * DAY + HOUR));
    let reason = refusal(&tokens, &long);
    assert!(matches!(reason, InvalidReason::TooLongLived { .. }), "{reason:?}");
}

#[test]
fn a_token_of_exactly_the_longest_lifetime_is_accepted_until_its_end() {
    let (tokens, clock) = manager([issuer(NAME)]);
    let all = [
        token(json!({ "exp": START + DAY })),
        token(json!({ "exp": START + DAY, "iat": null })),
        token(json!({ "exp": START + DAY + 20, "iat": START + 20 })),
        // The issuer writes an earlier `iat`, because clocks differ.
        token(json!({ "exp": START + DAY, "iat": START - 30 })),
    ];
    for pause in [0, HOUR, 23 * HOUR - 1] {
        clock.advance(Duration::from_secs(pause));
        for token in &all {
            assert!(decode(&tokens, token).is_ok());
        }
    }
    clock.advance(Duration::from_secs(1));
    assert_eq!(decode(&tokens, &all[0]).map(drop), Err(TokenError::Expired));
}

/// Every setting that prolongs a token at its largest: the revocation is there to the last second.
#[test]
fn a_revocation_outlives_the_longest_token_of_any_issuer() {
    let settings: [fn(Issuer) -> Issuer; 4] = [
        |issuer| issuer,
        |issuer| issuer.clock_skew(Duration::from_secs(DAY)),
        |issuer| issuer.leeway(Duration::from_secs(DAY)).clock_skew(Duration::ZERO),
        |issuer| issuer.leeway(Duration::from_secs(DAY)).clock_skew(Duration::from_secs(DAY)),
    ];
    for set in settings {
        for issuers in [[set(issuer(NAME)), issuer(OTHER)], [issuer(OTHER), set(issuer(NAME))]] {
            let (tokens, clock) = manager(issuers);
            let farthest = |ahead: u64, life: u64| {
                token(json!({ "iat": START + ahead, "exp": START + life, "sid": "s-1", "jti": "t-1" }))
            };
            // The farthest expiry that is accepted now or later, by an issuer whose clock is ahead.
            let aheads = [0, 30, DAY];
            let lives = [DAY, DAY + 30, DAY + 60, 2 * DAY, 3 * DAY];
            let all: Vec<_> =
                aheads.iter().flat_map(|ahead| lives.map(|life| farthest(*ahead, life))).collect();
            let is_usable = |token: &String, tokens: &TokenManager| decode(tokens, token).is_ok();
            tokens.revoke_session(Some(NAME), "s-1").unwrap();
            for hours in (0..6 * 24).step_by(4) {
                fill(&tokens, &hours.to_string());
                assert!(!all.iter().any(|token| is_usable(token, &tokens)), "after {hours} hours");
                clock.advance(Duration::from_secs(4 * HOUR));
            }
        }
    }
}

#[test]
fn a_revoked_user_stays_revoked_to_the_last_second_of_the_longest_token() {
    for skew in [0, 30, 3600, DAY] {
        let skew_time = Duration::from_secs(skew);
        let (tokens, clock) = manager([issuer(NAME).clock_skew(skew_time)]);
        let all = [0, skew].map(|ahead| token(json!({ "iat": START + ahead, "exp": START + ahead + DAY })));
        assert!(all.iter().all(|token| decode(&tokens, token).is_ok()));
        tokens.revoke_user(Some(NAME), &"f3b1-ada".into(), gatevault::Clock::now(&clock)).unwrap();
        clock.advance(Duration::from_secs(DAY - 1));
        fill(&tokens, "a");
        assert!(all.iter().all(|token| refusal(&tokens, token) == InvalidReason::Revoked));
        if skew > 0 {
            clock.advance(Duration::from_secs(skew));
            fill(&tokens, "b");
            assert_eq!(refusal(&tokens, &all[1]), InvalidReason::Revoked);
        }
    }
}

#[test]
fn the_largest_settings_overflow_nothing() {
    let day = Duration::from_secs(DAY);
    let most = issuer(NAME).max_lifetime(Duration::MAX).leeway(day).clock_skew(day);
    let (builder, clock) = timed();
    let tokens =
        builder.accept(most).max_lifetime(Duration::MAX).leeway(day).clock_skew(day).build().unwrap();
    let last = 253_402_300_799_u64;
    let forever = token(json!({ "exp": last, "iat": 0, "nbf": 0, "auth_time": 0, "sid": "s-1" }));
    assert!(decode(&tokens, &forever).is_ok());
    for beyond in [json!(last + 1), json!(u64::MAX), json!(-1), json!(1e19), json!(1e-400)] {
        assert!(decode(&tokens, &token(json!({ "exp": beyond }))).is_err(), "{beyond}");
    }
    tokens.revoke_session(Some(NAME), "s-1").unwrap();
    fill(&tokens, "a");
    clock.advance(Duration::from_hours(1000 * 24));
    fill(&tokens, "b");
    assert_eq!(refusal(&tokens, &forever), InvalidReason::Revoked);
}

#[test]
fn fractions_of_a_second_are_cut_in_every_time() {
    let (tokens, _) = manager([issuer(NAME)]);
    let at = |claim: &str, time: &str| {
        let others = format!(r#""iss":"{NAME}","aud":"orders","sub":"ada","nested":{{}}"#);
        let exp = if claim == "exp" { String::new() } else { format!(r#","exp":{}"#, START + 300) };
        signer().sign_raw(&signer().header().to_string(), &format!(r#"{{{others}{exp},"{claim}":{time}}}"#))
    };
    assert_eq!(decode(&tokens, &at("exp", &format!("{START}.999"))).map(drop), Err(TokenError::Expired));
    assert!(decode(&tokens, &at("exp", &format!("{}.0", START + 1))).is_ok());
    for claim in ["iat", "nbf", "auth_time"] {
        assert!(decode(&tokens, &at(claim, &format!("{}.999", START + 30))).is_ok(), "{claim}");
        let reason = refusal(&tokens, &at(claim, &format!("{}.001", START + 31)));
        assert!(matches!(reason, InvalidReason::NotYetValid { .. }), "{claim}: {reason:?}");
    }
}
