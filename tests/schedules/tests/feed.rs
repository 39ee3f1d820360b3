//! The feed: it brings the revocations of a store to a manager, in a thread of its own.

use gatevault_schedules::session::{NewRevocation, Revocation, StalePolicy};
use gatevault_schedules::{MemorySessions, Payload, RevocationFeed, SessionStore as _};
use shuttle::future::block_on;
use shuttle::thread;

use crate::fixture::{TestClock, at, is_accepted, manager};
use crate::schedules;

schedules! {
    a_node_that_starts_accepts_no_token_that_was_revoked_before: 500;
}

/// The thread of a feed that was dropped must end: shuttle reports one that waits forever.
fn a_node_that_starts_accepts_no_token_that_was_revoked_before() {
    let clock = TestClock::new();
    let (tokens, store) = (manager(&clock), MemorySessions::new());
    let token = tokens.create_access_token(&Payload::new(42)).unwrap();
    let other = tokens.create_access_token(&Payload::new(7)).unwrap();
    for user in [1, 2, 42] {
        let revocation = Revocation::of_user(&user.into(), at(0));
        block_on(store.record_revocation(NewRevocation::new(revocation, at(0)))).unwrap();
    }
    let feed = RevocationFeed::of(store).when_stale(StalePolicy::Deny).follow(&tokens).unwrap();
    let mut has_read = false;
    for _ in 0..4 {
        assert!(!is_accepted(&tokens, &token), "a revoked token was accepted");
        let is_read = is_accepted(&tokens, &other);
        assert!(is_read || !has_read, "a token that was not revoked is refused again");
        has_read = is_read;
        thread::yield_now();
    }
    drop(feed);
}
