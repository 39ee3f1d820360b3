//! Tokens that are revoked before they expire.

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
    let error = tokens.decode_token::<Payload>(token).err();
    let revoked = TokenError::from(InvalidReason::Revoked);
    assert!(error.as_ref().is_none_or(|error| *error == revoked), "{error:?}");
    error.is_some()
}

#[test]
fn every_clone_and_gate_refuses_a_revoked_token_and_no_other() {
    let (tokens, _) = revocable();
    let (gate, clone) = (GateVault::new(tokens.clone()), tokens.clone());
    let (one, other) = (access(&tokens, 1), access(&tokens, 1));
    let verified = tokens.decode_access_token::<Payload>(&one).unwrap();
    tokens.revoke_token(None, verified.token_id().unwrap(), verified.expires_at()).unwrap();
    assert!(is_revoked(&tokens, &one) && is_revoked(&clone, &one));
    assert_eq!(gate.verify::<Payload>(&one).unwrap_err().status(), 401);
    assert!(gate.verify::<Payload>(&other).is_ok());
}

#[test]
fn revoking_a_user_refuses_their_earlier_tokens_and_not_later_ones() {
    let (tokens, clock) = revocable();
    let (ada, bob) = (access(&tokens, 1), access(&tokens, 2));
    let namesake = tokens.create_access_token(&Payload::new("1")).unwrap();
    let refresh = tokens.create_refresh_token(&Payload::new(1)).unwrap();
    tokens.revoke_user(None, &1.into(), clock.now()).unwrap();
    assert!(is_revoked(&tokens, &ada) && is_revoked(&tokens, &refresh));
    assert!(!is_revoked(&tokens, &bob));
    assert!(!is_revoked(&tokens, &namesake), "another user");
    assert!(is_revoked(&tokens, &access(&tokens, 1)), "created in the same second");
    // A node whose clock is ahead by the default `clock_skew` may have created it before.
    clock.advance(Duration::from_secs(30));
    assert!(is_revoked(&tokens, &access(&tokens, 1)));
    clock.advance(Duration::from_secs(1));
    assert!(!is_revoked(&tokens, &access(&tokens, 1)));
    assert!(is_revoked(&tokens, &ada));
}

#[test]
fn each_kind_of_revocation_is_found_alone_and_beside_any_others() {
    for kinds in 1..8_u8 {
        let (tokens, clock) = revocable();
        let [ada, bob, eve] = [1, 2, 3].map(|user| access(&tokens, user));
        if kinds & 1 != 0 {
            let verified = tokens.decode_access_token::<Payload>(&ada).unwrap();
            tokens.revoke_token(None, verified.token_id().unwrap(), verified.expires_at()).unwrap();
        }
        if kinds & 2 != 0 {
            tokens.revoke_user(None, &2.into(), clock.now()).unwrap();
        }
        if kinds & 4 != 0 {
            tokens.revoke_access_tokens(None, &3.into(), clock.now()).unwrap();
        }
        for (bit, token) in [ada, bob, eve].iter().enumerate() {
            assert_eq!(is_revoked(&tokens, token), kinds >> bit & 1 != 0, "kinds {kinds}, token {bit}");
        }
    }
}

#[test]
fn revoking_up_to_an_earlier_time_does_not_undo_a_later_one() {
    let (tokens, clock) = revocable();
    let before = clock.now();
    clock.advance(Duration::from_secs(10));
    let token = access(&tokens, 1);
    tokens.revoke_user(None, &1.into(), clock.now()).unwrap();
    tokens.revoke_user(None, &1.into(), before).unwrap();
    assert!(is_revoked(&tokens, &token));
}

#[test]
fn every_entry_is_found_while_the_list_grows() {
    let (tokens, _) = revocable();
    let all: Vec<_> = (0..5000).map(|user| access(&tokens, user)).collect();
    for (number, token) in all.iter().enumerate() {
        if number % 2 == 0 {
            let verified = tokens.decode_access_token::<Payload>(token).unwrap();
            tokens.revoke_token(None, verified.token_id().unwrap(), verified.expires_at()).unwrap();
        }
    }
    assert_eq!(tokens.revoked(), 2500);
    for (number, token) in all.iter().enumerate() {
        assert_eq!(is_revoked(&tokens, token), number % 2 == 0, "{number}");
    }
}

#[test]
fn entries_that_no_living_token_matches_are_evicted() {
    let (tokens, clock) = revocable();
    for round in 0..20_u64 {
        for number in 0..1000 {
            tokens.revoke_session(None, &format!("{round}-{number}")).unwrap();
        }
        // Our own refresh tokens live longest, and a guard may require one.
        clock.advance(tokens.refresh_expiry() + Duration::from_mins(3));
    }
    assert!(tokens.revoked() < 4000, "{}", tokens.revoked());
}

#[test]
fn later_revocations_remove_the_entries_that_no_living_token_matches() {
    for number in [10_u64, 1000, 100_000] {
        let (tokens, clock) = revocable();
        let living = access(&tokens, 1);
        for entry in 0..number {
            tokens.revoke_session(None, &format!("s-{entry}")).unwrap();
            let expires_at = clock.now() + Duration::from_mins(15);
            tokens.revoke_token(None, &format!("t-{entry}"), expires_at).unwrap();
        }
        tokens.revoke_user(None, &1.into(), clock.now()).unwrap();
        clock.advance(tokens.refresh_expiry().saturating_sub(Duration::from_secs(1)));
        (0..300).for_each(|entry| tokens.revoke_session(None, &format!("later-{entry}")).unwrap());
        let left = usize::try_from(number).unwrap() + 301;
        assert_eq!(tokens.revoked(), left, "those of tokens have expired, and no other");
        clock.advance(Duration::from_hours(24));
        (0..300).for_each(|entry| tokens.revoke_session(None, &format!("last-{entry}")).unwrap());
        assert_eq!(tokens.revoked(), 600, "{number}");
        assert!(tokens.decode_access_token::<Payload>(&living).is_err());
    }
}

/// Removal and growth copy entries while others are read and written.
#[test]
fn no_entry_is_missed_while_others_are_added_and_removed() {
    let (tokens, clock) = revocable();
    let all: Vec<_> = (0..64).map(|user| access(&tokens, user)).collect();
    for token in &all {
        let verified = tokens.decode_access_token::<Payload>(token).unwrap();
        tokens
            .revoke_token(None, verified.token_id().unwrap(), clock.now() + Duration::from_hours(48))
            .unwrap();
    }
    std::thread::scope(|threads| {
        for writer in 0..2 {
            let (tokens, clock) = (&tokens, &clock);
            threads.spawn(move || {
                for number in 0..40_000 {
                    let expires_at = clock.now() + Duration::from_secs(number % 3);
                    tokens.revoke_token(None, &format!("{writer}-{number}"), expires_at).unwrap();
                    if number % 1000 == 0 {
                        clock.advance(Duration::from_secs(5));
                    }
                }
            });
        }
        for _ in 0..2000 {
            assert!(all.iter().all(|token| is_revoked(&tokens, token)));
        }
    });
}

#[test]
fn a_revoked_user_is_not_evicted_while_the_leeway_keeps_their_tokens_alive() {
    let (builder, clock) = timed();
    let tokens = builder.leeway(Duration::from_hours(1)).build().unwrap();
    let refresh = tokens.create_refresh_token(&Payload::new(1)).unwrap();
    tokens.revoke_user(None, &1.into(), clock.now()).unwrap();
    clock.advance(tokens.refresh_expiry() + Duration::from_mins(30));
    // Enough entries to evict all that can be evicted.
    (0..1000).for_each(|number| tokens.revoke_session(None, &number.to_string()).unwrap());
    assert!(is_revoked(&tokens, &refresh));
}

#[test]
fn verifying_threads_miss_no_revocation_of_other_threads() {
    let (tokens, _) = revocable();
    let pairs: Vec<_> = (0..2000).map(|user| access(&tokens, user)).collect();
    std::thread::scope(|scope| {
        for half in [0, 1] {
            let (tokens, pairs) = (&tokens, &pairs);
            scope.spawn(move || {
                for token in pairs.iter().skip(half).step_by(2) {
                    let verified = tokens.decode_access_token::<Payload>(token).unwrap();
                    tokens.revoke_token(None, verified.token_id().unwrap(), verified.expires_at()).unwrap();
                    assert!(is_revoked(tokens, token));
                }
            });
        }
    });
    assert!(pairs.iter().all(|token| is_revoked(&tokens, token)));
}
