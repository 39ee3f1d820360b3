//! How long tokens live: purpose tokens, and access tokens with a lifetime of their own.

use std::time::Duration;

use gatevault::error::InvalidReason;
use gatevault::token::Purpose;
use gatevault::{Payload, TokenError, TokenManager};
use gatevault_tests::{SECRET, timed, tokens};

use super::{HASH, RESET, ada, decode, reason, reset};

const SECOND: Duration = Duration::from_secs(1);
const WEEK: Duration = Duration::from_hours(7 * 24);

#[test]
fn a_token_is_good_until_the_second_before_its_expiry_and_no_leeway_applies() {
    let (builder, clock) = timed();
    let tokens = builder.leeway(Duration::from_mins(5)).build().unwrap();
    let token = reset(&tokens);
    clock.advance(RESET.lifetime().checked_sub(SECOND).unwrap());
    assert!(decode(&tokens, &token).is_ok());
    clock.advance(SECOND);
    assert_eq!(decode(&tokens, &token), Err(TokenError::Expired));
}

#[test]
fn expired_means_that_everything_else_was_right() {
    let (builder, clock) = timed();
    let tokens = builder.build().unwrap();
    let token = reset(&tokens);
    clock.advance(RESET.lifetime());
    let other_state = tokens.decode_purpose_token(&RESET, &token, "another");
    assert!(matches!(reason(other_state), InvalidReason::PurposeSignature { .. }));
}

#[test]
fn a_token_from_a_node_whose_clock_is_ahead_is_accepted_within_the_skew() {
    let ((ahead, clock), (here, _)) = (timed(), timed());
    let (ahead, here) = (ahead.build().unwrap(), here.build().unwrap());
    clock.advance(Duration::from_secs(30));
    assert!(decode(&here, &reset(&ahead)).is_ok());
    clock.advance(SECOND);
    let refused = reason(decode(&here, &reset(&ahead)));
    assert!(matches!(refused, InvalidReason::NotYetValid { claim: "iat", .. }), "{refused:?}");
}

#[test]
fn a_lifetime_of_less_than_a_second_or_longer_than_revocations_are_kept_names_both_numbers() {
    let tokens = tokens();
    for lifetime in [Duration::ZERO, Duration::from_millis(999), WEEK + SECOND, Duration::MAX] {
        let purpose = Purpose::new("report", lifetime);
        let expected = InvalidReason::Lifetime { lifetime, limit: WEEK };
        assert_eq!(reason(tokens.create_purpose_token(&purpose, &ada(), "")), expected);
        let shown = expected.to_string();
        assert!(shown.contains(&format!("{lifetime:?}")) && shown.contains(&format!("{WEEK:?}")), "{shown}");
    }
    for lifetime in [SECOND, WEEK] {
        let purpose = Purpose::new("report", lifetime);
        let token = tokens.create_purpose_token(&purpose, &ada(), "").unwrap();
        assert!(tokens.decode_purpose_token(&purpose, &token, "").is_ok());
    }
}

#[test]
fn a_node_that_keeps_revocations_for_less_than_the_purpose_lives_refuses_its_tokens() {
    let month = Duration::from_hours(30 * 24);
    let purpose = Purpose::new("invitation", month);
    let (long, _) = timed();
    for long in [long.max_lifetime(month), timed().0.refresh_expiry(month)] {
        let long = long.build().unwrap();
        let token = long.create_purpose_token(&purpose, &ada(), "").unwrap();
        assert!(long.decode_purpose_token(&purpose, &token, "").is_ok());
        let refused = timed().0.build().unwrap().decode_purpose_token(&purpose, &token, "");
        assert_eq!(reason(refused), InvalidReason::Lifetime { lifetime: month, limit: WEEK });
    }
}

/// A deployment shortens the purpose: tokens of the older constant live longer than it allows.
#[test]
fn a_token_that_lives_longer_than_its_purpose_is_refused() {
    let tokens = tokens();
    let long = Purpose::new(RESET.name(), Duration::from_hours(24));
    let token = tokens.create_purpose_token(&long, &ada(), HASH).unwrap();
    let expected = InvalidReason::PurposeLifetime { lifetime: long.lifetime(), limit: RESET.lifetime() };
    assert_eq!(reason(decode(&tokens, &token)), expected);
    // The reverse is harmless.
    assert!(tokens.decode_purpose_token(&long, &reset(&tokens), HASH).is_ok());
}

#[test]
fn a_name_with_another_character_is_an_error_on_both_sides() {
    let tokens = tokens();
    for name in ["", "Reset", "password_reset", "a b", "a:b", "a.b", "a\0", "r\u{e9}set", "\"", "a/b"] {
        let purpose = Purpose::new(name, SECOND);
        let created = tokens.create_purpose_token(&purpose, &ada(), "");
        assert!(matches!(reason(created), InvalidReason::PurposeName { .. }), "{name}");
        let decoded = tokens.decode_purpose_token(&purpose, &reset(&tokens), "");
        assert!(matches!(reason(decoded), InvalidReason::PurposeName { .. }), "{name}");
    }
    for name in ["a", "0", "-", "password-reset-2"] {
        assert!(tokens.create_purpose_token(&Purpose::new(name, SECOND), &ada(), "").is_ok(), "{name}");
    }
}

#[test]
fn an_access_token_can_live_for_another_time_than_the_others() {
    let (builder, clock) = timed();
    let tokens = builder.build().unwrap();
    let claims = Payload::new(42);
    for lifetime in [SECOND, Duration::from_secs(90), Duration::from_hours(24)] {
        let access = tokens.create_access_token_expiring_in(&claims, lifetime).unwrap();
        let verified = tokens.decode_access_token::<Payload>(&access).unwrap();
        let issued = verified.issued_at().unwrap();
        assert_eq!(verified.expires_at().duration_since(issued).unwrap(), lifetime);
        clock.advance(lifetime);
        assert_eq!(tokens.decode_access_token::<Payload>(&access).err(), Some(TokenError::Expired));
    }
}

#[test]
fn an_access_token_without_a_lifetime_or_longer_than_max_lifetime_names_both_numbers() {
    let day = Duration::from_hours(24);
    let month = Duration::from_hours(30 * 24);
    let refused = |tokens: &TokenManager, lifetime, limit| {
        let created = tokens.create_access_token_expiring_in(&Payload::new(42), lifetime);
        assert_eq!(reason(created), InvalidReason::Lifetime { lifetime, limit });
    };
    for lifetime in [Duration::ZERO, Duration::from_millis(999), day + SECOND, WEEK, Duration::MAX] {
        refused(&tokens(), lifetime, day);
    }
    let long = TokenManager::builder().secret(SECRET).max_lifetime(month).build().unwrap();
    assert!(long.create_access_token_expiring_in(&Payload::new(42), month).is_ok());
    refused(&long, month + SECOND, month);
    let shown = InvalidReason::Lifetime { lifetime: month, limit: day }.to_string();
    assert!(shown.contains(&format!("{month:?}")) && shown.contains(&format!("{day:?}")), "{shown}");
    assert!(shown.contains("max_lifetime"), "{shown}");
}
