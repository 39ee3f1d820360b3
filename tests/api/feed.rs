//! The revocation feed over a store that panics, and over one that is restored from an older state.
#![expect(clippy::panic, reason = "a store that panics is what is tested")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, UNIX_EPOCH};

use gatevault::session::{
    ListSessions, NewRevocation, NewSession, RefreshTicket, RemoveExpired, Revocation, RevocationBatch,
    RevocationCursor, RevocationListener, RevocationSubscription, RevokeSessions, RevokeTarget, Rotation,
    RotationOutcome, SessionDetails, StalePolicy, StoreFuture,
};
use gatevault::{MemorySessions, OAuthHandler, Payload, RevocationFeed, Session, SessionStore, Timestamp};
use gatevault_tests::{Account, quick_hasher, timed, tokens};

/// A store with unfinished methods: the first two reads of revocations panic, and so do two other methods.
#[derive(Default)]
struct Panicking {
    sessions: MemorySessions,
    reads: AtomicUsize,
}

impl SessionStore for Panicking {
    fn open(&self, session: NewSession) -> StoreFuture<'_, Vec<String>> {
        self.sessions.open(session)
    }
    fn rotate(&self, rotation: Rotation) -> StoreFuture<'_, RotationOutcome> {
        self.sessions.rotate(rotation)
    }
    fn revoke(&self, request: RevokeSessions) -> StoreFuture<'_, Vec<String>> {
        self.sessions.revoke(request)
    }
    fn list(&self, request: ListSessions) -> StoreFuture<'_, Vec<Session>> {
        self.sessions.list(request)
    }
    fn revocations_since(&self, cursor: RevocationCursor) -> StoreFuture<'_, RevocationBatch> {
        match self.reads.fetch_add(1, Ordering::SeqCst) {
            0 => panic!("before it returns a future"),
            1 => Box::pin(async { panic!("while its future is polled") }),
            _ => self.sessions.revocations_since(cursor),
        }
    }
    fn remove_expired(&self, _: RemoveExpired) -> StoreFuture<'_, u64> {
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

/// A store that can be replaced by another one, as a database is by its backup.
#[derive(Clone, Default)]
struct Restorable(Arc<Mutex<MemorySessions>>);

impl Restorable {
    fn current(&self) -> MemorySessions {
        self.0.lock().unwrap().clone()
    }
}

impl SessionStore for Restorable {
    fn open(&self, session: NewSession) -> StoreFuture<'_, Vec<String>> {
        let store = self.current();
        Box::pin(async move { store.open(session).await })
    }
    fn rotate(&self, rotation: Rotation) -> StoreFuture<'_, RotationOutcome> {
        let store = self.current();
        Box::pin(async move { store.rotate(rotation).await })
    }
    fn revoke(&self, request: RevokeSessions) -> StoreFuture<'_, Vec<String>> {
        let store = self.current();
        Box::pin(async move { store.revoke(request).await })
    }
    fn list(&self, request: ListSessions) -> StoreFuture<'_, Vec<Session>> {
        let store = self.current();
        Box::pin(async move { store.list(request).await })
    }
    fn revocations_since(&self, cursor: RevocationCursor) -> StoreFuture<'_, RevocationBatch> {
        let store = self.current();
        Box::pin(async move { store.revocations_since(cursor).await })
    }
    fn remove_expired(&self, request: RemoveExpired) -> StoreFuture<'_, u64> {
        let store = self.current();
        Box::pin(async move { store.remove_expired(request).await })
    }
    fn is_shared(&self) -> bool {
        true
    }
}

/// The numbers of later revocations are lower than those that the feed has seen.
#[test]
fn a_store_that_is_restored_from_an_older_state_hides_no_later_revocation() {
    let (tokens, store) = (tokens(), Restorable::default());
    let access: Vec<_> = (0..8).map(|id| tokens.create_access_token(&Payload::new(id)).unwrap()).collect();
    let revoke = |store: &MemorySessions, id: u64| {
        let now = Timestamp::from_seconds(UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
        let revocation = Revocation::of_user(&id.into(), now);
        pollster::block_on(store.record_revocation(NewRevocation::new(revocation, now))).unwrap();
    };
    let wait_until_refused = |id: usize| {
        let deadline = Instant::now() + Duration::from_secs(30);
        while tokens.decode_access_token::<Payload>(&access[id]).is_ok() {
            assert!(Instant::now() < deadline, "the feed brought nothing");
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    (0..5).for_each(|id| revoke(&store.current(), id));
    let feed = RevocationFeed::of(store.clone()).poll_interval(Duration::from_millis(10));
    let _feed = feed.follow(&tokens).unwrap();
    wait_until_refused(4);
    let restored = MemorySessions::new();
    (5..7).for_each(|id| revoke(&restored, id));
    *store.0.lock().unwrap() = restored.clone();
    wait_until_refused(5);
    wait_until_refused(6);
    revoke(&restored, 7);
    wait_until_refused(7);
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
        let details = SessionDetails::new(time(now));
        let session = NewSession::new(id, 1.into(), time(now + 86_400), ticket, String::new(), details);
        pollster::block_on(store.open(session)).unwrap();
    };
    let listed = || {
        let batch = pollster::block_on(store.revocations_since(RevocationCursor::Position(0))).unwrap();
        batch.revocations.into_iter().map(|revocation| revocation.id).collect::<Vec<_>>()
    };
    let opened_at = |now: u64| (0..3000).for_each(|number| open(format!("{now}-{number}"), now));
    open("revoked".to_owned(), 0);
    open("active".to_owned(), 0);
    let request = RevokeSessions::new(1.into(), RevokeTarget::One("revoked".to_owned()), time(30));
    pollster::block_on(store.revoke(request)).unwrap();
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

/// Creates a revocation of a user whose id is not JSON, as only a faulty writer does.
fn unreadable(now: Timestamp) -> NewRevocation {
    let mut revocation = Revocation::of_user(&1.into(), now);
    "ada".clone_into(&mut revocation.id);
    NewRevocation::new(revocation, now)
}

#[test]
fn an_unreadable_revocation_hides_no_other_and_leaves_the_feed_stale() {
    for when_stale in [StalePolicy::Allow, StalePolicy::Deny] {
        let (tokens, store) = (tokens(), MemorySessions::new());
        let access: Vec<_> =
            (0..3).map(|id| tokens.create_access_token(&Payload::new(id)).unwrap()).collect();
        let now = Timestamp::from_seconds(UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
        let of = |id: u64| NewRevocation::new(Revocation::of_user(&id.into(), now), now);
        for request in [of(0), unreadable(now), of(2)] {
            pollster::block_on(store.record_revocation(request)).unwrap();
        }
        let feed = RevocationFeed::of(store).poll_interval(Duration::from_millis(10));
        let _feed = feed.when_stale(when_stale).follow(&tokens).unwrap();
        let deadline = Instant::now() + Duration::from_secs(30);
        while tokens.revoked() < 2 {
            assert!(Instant::now() < deadline, "the readable ones did not arrive");
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(50));
        let opens = |id: usize| tokens.decode_access_token::<Payload>(&access[id]).is_ok();
        assert_eq!((opens(0), opens(2)), (false, false));
        assert_eq!(opens(1), when_stale == StalePolicy::Allow, "{when_stale:?}");
    }
}

#[test]
fn a_feed_removes_the_revocations_that_no_living_token_matches() {
    let (builder, clock) = timed();
    let tokens = builder.build().unwrap();
    for number in 0..50_000 {
        tokens.revoke_session(None, &format!("s-{number}")).unwrap();
    }
    let feed = RevocationFeed::of(MemorySessions::new()).poll_interval(Duration::from_millis(10));
    let _feed = feed.follow(&tokens).unwrap();
    clock.advance(tokens.refresh_expiry() + Duration::from_hours(24));
    let deadline = Instant::now() + Duration::from_mins(1);
    while tokens.revoked() > 0 {
        assert!(Instant::now() < deadline, "{} entries are left", tokens.revoked());
        std::thread::sleep(Duration::from_millis(5));
    }
}
