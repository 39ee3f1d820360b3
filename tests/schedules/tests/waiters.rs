//! The futures that are ready once a token is no longer valid. One that is not woken would wait under some schedule forever, which
//! shuttle reports.

use std::task::{Context, Waker};
use std::time::Duration;

use gatevault_schedules::token::Invalidated;
use gatevault_schedules::{Clock as _, Payload, TokenManager, Verified};
use shuttle::future::block_on;
use shuttle::thread;

use crate::fixture::{TestClock, manager};
use crate::schedules;

schedules! {
    a_future_that_begins_beside_the_revocation_learns_of_it: 1000;
    a_revocation_wakes_all_futures_and_those_that_are_dropped_disturb_none: 750;
    a_future_is_ready_when_its_token_expires: 500;
    a_future_that_begins_while_the_thread_of_another_one_ends_is_followed: 500;
}

fn verified(tokens: &TokenManager) -> Verified<Payload> {
    let token = tokens.create_access_token(&Payload::new(42)).unwrap();
    tokens.decode_access_token(&token).unwrap()
}

/// Revokes the user, in a thread of its own.
fn revoke(tokens: &TokenManager, clock: &TestClock) -> thread::JoinHandle<()> {
    let (tokens, now) = (tokens.clone(), clock.now());
    thread::spawn(move || tokens.revoke_user(None, &42.into(), now).unwrap())
}

fn a_future_that_begins_beside_the_revocation_learns_of_it() {
    let clock = TestClock::new();
    let tokens = manager(&clock);
    let verified = verified(&tokens);
    let revoking = revoke(&tokens, &clock);
    assert_eq!(block_on(tokens.invalidated(&verified)), Invalidated::Revoked);
    revoking.join().unwrap();
}

fn a_revocation_wakes_all_futures_and_those_that_are_dropped_disturb_none() {
    let clock = TestClock::new();
    let tokens = manager(&clock);
    let waiting: Vec<_> = (0..3)
        .map(|number| {
            let (tokens, verified) = (tokens.clone(), verified(&tokens));
            let invalidation = tokens.invalidated(&verified);
            thread::spawn(move || match number {
                0 => drop(invalidation),
                _ => assert_eq!(block_on(invalidation), Invalidated::Revoked),
            })
        })
        .collect();
    let revoking = revoke(&tokens, &clock);
    for thread in waiting {
        thread.join().unwrap();
    }
    revoking.join().unwrap();
}

fn a_future_is_ready_when_its_token_expires() {
    let clock = TestClock::new();
    let tokens = manager(&clock);
    let verified = verified(&tokens);
    let waiting = thread::spawn({
        let tokens = tokens.clone();
        move || block_on(tokens.invalidated(&verified))
    });
    clock.advance(Duration::from_hours(25));
    assert_eq!(waiting.join().unwrap(), Invalidated::Expired);
}

fn a_future_that_begins_while_the_thread_of_another_one_ends_is_followed() {
    let clock = TestClock::new();
    let tokens = manager(&clock);
    let verified = verified(&tokens);
    let mut first = Box::pin(tokens.invalidated(&verified));
    assert!(first.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(first);
    let waiting = thread::spawn({
        let tokens = tokens.clone();
        move || block_on(tokens.invalidated(&verified))
    });
    clock.advance(Duration::from_hours(25));
    assert_eq!(waiting.join().unwrap(), Invalidated::Expired);
}
