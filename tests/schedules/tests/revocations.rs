//! The list of revocations: guards read it without a lock, while it grows and while old entries are removed.

use std::time::{Duration, UNIX_EPOCH};

use gatevault_schedules::{Clock as _, Payload};
use shuttle::sync::Arc;
use shuttle::sync::atomic::{AtomicBool, Ordering};
use shuttle::thread;

use crate::fixture::{TestClock, is_accepted, manager};
use crate::schedules;

schedules! {
    a_revoked_token_stays_revoked_while_the_list_grows: 1500;
    a_revoked_token_stays_revoked_while_old_entries_are_removed: 1000;
    of_two_revocations_of_a_user_the_later_one_counts: 1500;
    all_entries_of_several_writers_are_kept: 1000;
}

/// Revokes other tokens meanwhile, and lets those expire by `passes`.
fn revoke_beside_others(passes: Duration) {
    let clock = TestClock::new();
    let tokens = manager(&clock);
    let token = tokens.create_access_token(&Payload::new(42)).unwrap();
    let verified = tokens.decode_access_token::<Payload>(&token).unwrap();
    let (id, expiry) = (verified.token_id().unwrap().to_owned(), verified.expires_at());
    let is_revoked = Arc::new(AtomicBool::new(false));
    let revoking = thread::spawn({
        let (tokens, is_revoked) = (tokens.clone(), Arc::clone(&is_revoked));
        move || {
            tokens.revoke_token(None, &id, expiry).unwrap();
            is_revoked.store(true, Ordering::SeqCst);
        }
    });
    let others = thread::spawn({
        let (tokens, clock) = (tokens.clone(), clock.clone());
        move || {
            let soon = clock.now() + Duration::from_mins(1);
            for number in 0..4 {
                tokens.revoke_token(None, &format!("other {number}"), soon).unwrap();
            }
            clock.advance(passes);
            for number in 4..8 {
                tokens.revoke_token(None, &format!("other {number}"), expiry).unwrap();
            }
        }
    });
    let mut was_refused = false;
    for _ in 0..6 {
        let must_be_refused = was_refused || is_revoked.load(Ordering::SeqCst);
        was_refused = !is_accepted(&tokens, &token);
        assert!(was_refused || !must_be_refused, "a revoked token was accepted");
    }
    revoking.join().unwrap();
    others.join().unwrap();
    assert!(!is_accepted(&tokens, &token));
    let kept = if passes.is_zero() { 9..=9 } else { 5..=9 };
    assert!(kept.contains(&tokens.revoked()), "{} entries", tokens.revoked());
}

fn a_revoked_token_stays_revoked_while_the_list_grows() {
    revoke_beside_others(Duration::ZERO);
}

fn a_revoked_token_stays_revoked_while_old_entries_are_removed() {
    revoke_beside_others(Duration::from_hours(4));
}

fn of_two_revocations_of_a_user_the_later_one_counts() {
    let clock = TestClock::new();
    let tokens = manager(&clock);
    let token = tokens.create_access_token(&Payload::new(42)).unwrap();
    let is_revoked = Arc::new(AtomicBool::new(false));
    let revoking: Vec<_> = [(clock.now(), true), (UNIX_EPOCH, false), (UNIX_EPOCH, false)]
        .map(|(until, concerns)| {
            let (tokens, is_revoked) = (tokens.clone(), Arc::clone(&is_revoked));
            thread::spawn(move || {
                tokens.revoke_user(None, &42.into(), until).unwrap();
                is_revoked.fetch_or(concerns, Ordering::SeqCst);
            })
        })
        .into();
    for _ in 0..4 {
        let must_be_refused = is_revoked.load(Ordering::SeqCst);
        assert!(!is_accepted(&tokens, &token) || !must_be_refused, "a revoked token was accepted");
    }
    for thread in revoking {
        thread.join().unwrap();
    }
    assert!(!is_accepted(&tokens, &token));
}

fn all_entries_of_several_writers_are_kept() {
    let clock = TestClock::new();
    let tokens = manager(&clock);
    let created: Vec<_> = (0..6).map(|_| tokens.create_access_token(&Payload::new(42)).unwrap()).collect();
    let writers: Vec<_> = created
        .chunks(2)
        .map(|part| {
            let (tokens, part) = (tokens.clone(), part.to_vec());
            thread::spawn(move || {
                for token in part {
                    let verified = tokens.decode_access_token::<Payload>(&token).unwrap();
                    let id = verified.token_id().unwrap();
                    tokens.revoke_token(None, id, verified.expires_at()).unwrap();
                    assert!(!is_accepted(&tokens, &token), "the token that this thread has revoked");
                }
            })
        })
        .collect();
    for thread in writers {
        thread.join().unwrap();
    }
    assert_eq!(created.iter().filter(|token| is_accepted(&tokens, token)).count(), 0);
    assert_eq!(tokens.revoked(), 6);
}
