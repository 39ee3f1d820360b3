//! Tokens that are refused before their time.

use std::time::Duration;

use gatevault::error::InvalidReason;
use gatevault::testing::ManualClock;
use gatevault::{Clock as _, GateVault, Payload, TokenError, TokenManager};
use gatevault_tests::timed;

fn revocable() -> (TokenManager, ManualClock) {
    let (builder, clock) = timed();
    (builder.build().unwrap(), clock)
}

fn access(tokens: &TokenManager, user: u64) -> String {
    tokens.create_access_token(&Payload::new(user)).unwrap()
}

fn is_revoked(tokens: &TokenManager, token: &str) -> bool {
    let refusal = tokens.decode_token::<Payload>(token).err();
    let revoked = TokenError::from(InvalidReason::Revoked);
    assert!(refusal.as_ref().is_none_or(|refusal| *refusal == revoked), "{refusal:?}");
    refusal.is_some()
}

#[test]
fn a_revoked_token_is_refused_by_every_clone_and_gate_and_no_other_is() {
    let (tokens, _) = revocable();
    let (gate, clone) = (GateVault::new(tokens.clone()), tokens.clone());
    let (one, other) = (access(&tokens, 1), access(&tokens, 1));
    let verified = tokens.decode_access_token::<Payload>(&one).unwrap();
    tokens.revoke_token(verified.token_id(), verified.expires_at());
    assert!(is_revoked(&tokens, &one) && is_revoked(&clone, &one));
    assert_eq!(gate.verify::<Payload>(&one).unwrap_err().status(), 401);
    assert!(gate.verify::<Payload>(&other).is_ok());
}

#[test]
fn the_tokens_that_a_user_had_are_refused_and_later_ones_are_not() {
    let (tokens, clock) = revocable();
    let (ada, bob) = (access(&tokens, 1), access(&tokens, 2));
    let text = tokens.create_access_token(&Payload::new("1")).unwrap();
    let refresh = tokens.create_refresh_token(&Payload::new(1)).unwrap();
    tokens.revoke_user(&1.into(), clock.now());
    assert!(is_revoked(&tokens, &ada) && is_revoked(&tokens, &refresh));
    assert!(!is_revoked(&tokens, &bob));
    assert!(!is_revoked(&tokens, &text), "another user");
    assert!(is_revoked(&tokens, &access(&tokens, 1)), "made in the same second");
    clock.advance(Duration::from_secs(1));
    assert!(!is_revoked(&tokens, &access(&tokens, 1)));
    assert!(is_revoked(&tokens, &ada));
}

#[test]
fn an_earlier_moment_does_not_take_a_later_one_back() {
    let (tokens, clock) = revocable();
    let before = clock.now();
    clock.advance(Duration::from_secs(10));
    let token = access(&tokens, 1);
    tokens.revoke_user(&1.into(), clock.now());
    tokens.revoke_user(&1.into(), before);
    assert!(is_revoked(&tokens, &token));
}

#[test]
fn all_of_many_entries_are_found_while_the_list_grows() {
    let (tokens, _) = revocable();
    let all: Vec<_> = (0..5000).map(|user| access(&tokens, user)).collect();
    for (number, token) in all.iter().enumerate() {
        if number % 2 == 0 {
            let verified = tokens.decode_access_token::<Payload>(token).unwrap();
            tokens.revoke_token(verified.token_id(), verified.expires_at());
        }
    }
    assert_eq!(tokens.revoked(), 2500);
    for (number, token) in all.iter().enumerate() {
        assert_eq!(is_revoked(&tokens, token), number % 2 == 0, "{number}");
    }
}

#[test]
fn what_could_refuse_nothing_any_more_is_forgotten() {
    let (tokens, clock) = revocable();
    for round in 0..20_u64 {
        for number in 0..1000 {
            tokens.revoke_session(&format!("{round}-{number}"));
        }
        clock.advance(tokens.access_expiry() + Duration::from_mins(2));
    }
    assert!(tokens.revoked() < 4000, "{}", tokens.revoked());
}

#[test]
fn a_revoked_user_is_not_forgotten_while_the_leeway_keeps_their_tokens() {
    let (builder, clock) = timed();
    let tokens = builder.leeway(Duration::from_hours(1)).build().unwrap();
    let refresh = tokens.create_refresh_token(&Payload::new(1)).unwrap();
    tokens.revoke_user(&1.into(), clock.now());
    clock.advance(tokens.refresh_expiry() + Duration::from_mins(30));
    // So many that there is no place for what could be forgotten.
    (0..1000).for_each(|number| tokens.revoke_session(&number.to_string()));
    assert!(is_revoked(&tokens, &refresh));
}

#[test]
fn verifying_threads_miss_nothing_while_others_revoke() {
    let (tokens, _) = revocable();
    let pairs: Vec<_> = (0..2000).map(|user| access(&tokens, user)).collect();
    std::thread::scope(|scope| {
        for half in [0, 1] {
            let (tokens, pairs) = (&tokens, &pairs);
            scope.spawn(move || {
                for token in pairs.iter().skip(half).step_by(2) {
                    let verified = tokens.decode_access_token::<Payload>(token).unwrap();
                    tokens.revoke_token(verified.token_id(), verified.expires_at());
                    assert!(is_revoked(tokens, token));
                }
            });
        }
    });
    assert!(pairs.iter().all(|token| is_revoked(&tokens, token)));
}
