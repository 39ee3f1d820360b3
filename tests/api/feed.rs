//! The feed of revocations, over a store that misbehaves.
#![expect(clippy::panic, reason = "a store that panics is what is tested")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use gatevault::session::{
    NewSession, RevocationBatch, RevocationCursor, RevocationListener, RevocationSubscription, RevokeTarget,
    Rotation, RotationOutcome, StalePolicy, StoreFuture,
};
use gatevault::{MemorySessions, Payload, RevocationFeed, Session, SessionStore, Timestamp, UserId};
use gatevault_tests::tokens;

/// A store of somebody who writes `todo!()`: it panics where it is asked for ends, the first times.
#[derive(Default)]
struct Panicking {
    sessions: MemorySessions,
    asked: AtomicUsize,
}

impl SessionStore for Panicking {
    fn open(&self, session: NewSession) -> StoreFuture<'_, ()> {
        self.sessions.open(session)
    }
    fn rotate(&self, rotation: Rotation) -> StoreFuture<'_, RotationOutcome> {
        self.sessions.rotate(rotation)
    }
    fn revoke(&self, ending: RevokeTarget, now: Timestamp) -> StoreFuture<'_, Vec<String>> {
        self.sessions.revoke(ending, now)
    }
    fn list(&self, user: UserId, now: Timestamp) -> StoreFuture<'_, Vec<Session>> {
        self.sessions.list(user, now)
    }
    fn revocations_since(&self, since: RevocationCursor) -> StoreFuture<'_, RevocationBatch> {
        match self.asked.fetch_add(1, Ordering::SeqCst) {
            0 => panic!("before there is a future"),
            1 => Box::pin(async { panic!("in the middle of an answer") }),
            _ => self.sessions.revocations_since(since),
        }
    }
    fn remove_expired(&self, _: Timestamp) -> StoreFuture<'_, u64> {
        panic!("whenever it is to clean up")
    }
    fn is_shared(&self) -> bool {
        true
    }
    fn listen(&self, _: RevocationListener) -> Option<RevocationSubscription> {
        panic!("whenever it is to listen")
    }
}

#[test]
fn a_store_that_panics_does_not_end_its_feed() {
    let tokens = tokens();
    let access = tokens.create_access_token(&Payload::new(42)).unwrap();
    let opens = || tokens.decode_access_token::<Payload>(&access).is_ok();
    let feed = RevocationFeed::of(Panicking::default()).poll_interval(Duration::from_millis(10));
    let feed =
        feed.max_staleness(Duration::from_hours(1)).when_stale(StalePolicy::Deny).follow(&tokens).unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while !opens() {
        assert!(Instant::now() < deadline, "nothing is heard any more");
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(feed);
}
