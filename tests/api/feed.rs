//! The revocation feed over a store that panics.
#![expect(clippy::panic, reason = "a store that panics is what is tested")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use gatevault::session::{
    NewSession, RefreshTicket, RevocationBatch, RevocationCursor, RevocationListener, RevocationSubscription,
    RevokeTarget, Rotation, RotationOutcome, StalePolicy, StoreFuture,
};
use gatevault::{
    MemorySessions, OAuthHandler, Payload, RevocationFeed, Session, SessionStore, Timestamp, UserId,
};
use gatevault_tests::{Account, quick_hasher, timed, tokens};

/// A store with unfinished methods: the first two reads of revocations panic, and so do two other methods.
#[derive(Default)]
struct Panicking {
    sessions: MemorySessions,
    reads: AtomicUsize,
}

impl SessionStore for Panicking {
    fn open(&self, session: NewSession) -> StoreFuture<'_, ()> {
        self.sessions.open(session)
    }
    fn rotate(&self, rotation: Rotation) -> StoreFuture<'_, RotationOutcome> {
        self.sessions.rotate(rotation)
    }
    fn revoke(&self, target: RevokeTarget, now: Timestamp) -> StoreFuture<'_, Vec<String>> {
        self.sessions.revoke(target, now)
    }
    fn list(&self, user: UserId, now: Timestamp) -> StoreFuture<'_, Vec<Session>> {
        self.sessions.list(user, now)
    }
    fn revocations_since(&self, cursor: RevocationCursor) -> StoreFuture<'_, RevocationBatch> {
        match self.reads.fetch_add(1, Ordering::SeqCst) {
            0 => panic!("before it returns a future"),
            1 => Box::pin(async { panic!("while its future is polled") }),
            _ => self.sessions.revocations_since(cursor),
        }
    }
    fn remove_expired(&self, _: Timestamp, _: Duration) -> StoreFuture<'_, u64> {
        panic!("at each removal of expired sessions")
    }
    fn is_shared(&self) -> bool {
        true
    }
    fn listen(&self, _: RevocationListener) -> Option<RevocationSubscription> {
        panic!("at each subscription")
    }
}

#[test]
fn a_store_that_panics_does_not_stop_its_feed() {
    let tokens = tokens();
    let access = tokens.create_access_token(&Payload::new(42)).unwrap();
    let opens = || tokens.decode_access_token::<Payload>(&access).is_ok();
    let feed = RevocationFeed::of(Panicking::default()).poll_interval(Duration::from_millis(10));
    let feed =
        feed.max_staleness(Duration::from_hours(1)).when_stale(StalePolicy::Deny).follow(&tokens).unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while !opens() {
        assert!(Instant::now() < deadline, "the feed has stopped");
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(feed);
}

/// `POST /login` has the same test for every edge.
#[test]
fn a_login_succeeds_while_the_feed_is_stale() {
    let (builder, clock) = timed();
    let tokens = builder.build().unwrap();
    let access = tokens.create_access_token(&Payload::new(1)).unwrap();
    let hour = Duration::from_hours(1);
    let feed = RevocationFeed::of(MemorySessions::new()).poll_interval(hour).max_staleness(hour);
    let _feed = feed.when_stale(StalePolicy::Deny).follow(&tokens).unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while tokens.decode_access_token::<Payload>(&access).is_err() {
        assert!(Instant::now() < deadline, "the feed never answered");
        std::thread::sleep(Duration::from_millis(5));
    }
    // The feed asks the store again in an hour of the machine's clock.
    clock.advance(hour * 2);
    let oauth =
        OAuthHandler::new(tokens, |_: &str| Some(Account::new(1, "correct horse"))).hasher(quick_hasher());
    let pair = oauth.login("ada", "correct horse").unwrap();
    assert_eq!(oauth.logout(&pair.refresh_token).unwrap_err().status(), 503);
    assert_eq!(oauth.sessions(1).unwrap().len(), 1);
}

/// A login sweeps the sessions in memory when they have doubled.
#[test]
fn a_store_in_memory_sweeps_expired_sessions_and_keeps_the_revocations_that_an_access_token_needs() {
    let store = MemorySessions::new();
    let time = |seconds| Timestamp::from_seconds(seconds).unwrap();
    // A session of a day whose refresh token has expired after a minute.
    let open = |id: String, now: u64| {
        let ticket = RefreshTicket::new(id.clone(), time(now), time(now + 60));
        let session = NewSession::new(id, 1.into(), time(now), time(now + 86_400), ticket, String::new());
        pollster::block_on(store.open(session)).unwrap();
    };
    let listed =
        || pollster::block_on(store.revocations_since(RevocationCursor::Position(0))).unwrap().sessions;
    let opened_at = |now: u64| (0..3000).for_each(|number| open(format!("{now}-{number}"), now));
    open("revoked".to_owned(), 0);
    open("active".to_owned(), 0);
    let target = RevokeTarget::Session { user: 1.into(), session: "revoked".to_owned() };
    pollster::block_on(store.revoke(target, time(30))).unwrap();
    opened_at(3600);
    assert_eq!(listed(), ["revoked"], "an hour later");
    let ticket = RefreshTicket::new("next".to_owned(), time(30), time(90));
    let presented = "active".to_owned();
    let rotation =
        Rotation::new(presented.clone(), presented, ticket, String::new(), Duration::ZERO, time(30));
    assert_eq!(pollster::block_on(store.rotate(rotation)).unwrap(), RotationOutcome::Unknown, "swept");
    // None of its access tokens outlives the session, and no guard has a leeway of more than a day.
    opened_at(3 * 86_400);
    assert!(listed().is_empty());
}
