//! The cleaning of a store by a feed: when it calls the store, and what it does between the calls.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, UNIX_EPOCH};

use gatevault::session::{
    ListSessions, NewRevocation, NewSession, RemoveExpired, Revocation, RevocationBatch, RevocationCursor,
    RevokeSessions, Rotation, RotationOutcome, StalePolicy, StoreFuture,
};
use gatevault::testing::ManualClock;
use gatevault::{
    Clock as _, MemorySessions, Payload, RevocationFeed, Session, SessionStore, Timestamp, TokenManager,
};
use gatevault_tests::{Recorder, timed};
use tracing::Level;

const MINUTE: Duration = Duration::from_mins(1);

/// A call that the feed made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Read,
    Remove,
}

/// The answers of a store to the calls that remove, in order. Later calls find nothing.
type Answers = Box<dyn Fn(usize) -> Result<u64, &'static str> + Send + Sync>;

/// A store that records the calls of a feed.
struct Backlog {
    sessions: MemorySessions,
    answers: Answers,
    calls: Mutex<Vec<Call>>,
    removals: AtomicUsize,
}

impl SessionStore for Backlog {
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
    fn record_revocation(&self, request: NewRevocation) -> StoreFuture<'_, ()> {
        self.sessions.record_revocation(request)
    }
    fn revocations_since(&self, cursor: RevocationCursor) -> StoreFuture<'_, RevocationBatch> {
        self.calls.lock().unwrap().push(Call::Read);
        self.sessions.revocations_since(cursor)
    }
    fn remove_expired(&self, _: RemoveExpired) -> StoreFuture<'_, u64> {
        self.calls.lock().unwrap().push(Call::Remove);
        let answer = (self.answers)(self.removals.fetch_add(1, Ordering::SeqCst));
        Box::pin(async move { answer.map_err(Into::into) })
    }
    fn is_shared(&self) -> bool {
        true
    }
}

/// A feed over a `Backlog`.
struct Followed {
    store: Arc<Backlog>,
    clock: ManualClock,
    tokens: TokenManager,
    feed: RevocationFeed,
}

impl Followed {
    fn at(
        poll_interval: Duration,
        answers: impl Fn(usize) -> Result<u64, &'static str> + Send + Sync + 'static,
    ) -> Self {
        let (builder, clock) = timed();
        let tokens = builder.build().unwrap();
        let store = Arc::new(Backlog {
            sessions: MemorySessions::new(),
            answers: Box::new(answers),
            calls: Mutex::default(),
            removals: AtomicUsize::new(0),
        });
        let feed = RevocationFeed::of(Arc::clone(&store)).poll_interval(poll_interval);
        let feed = feed.max_staleness(Duration::from_hours(1)).follow(&tokens).unwrap();
        Self { store, clock, tokens, feed }
    }

    fn removals(&self) -> usize {
        self.store.removals.load(Ordering::SeqCst)
    }

    fn wait_for(&self, condition: impl Fn() -> bool) {
        let deadline = Instant::now() + MINUTE;
        while !condition() {
            assert!(Instant::now() < deadline, "{:?}", self.store.calls.lock().unwrap());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn reads(&self) -> usize {
        self.store.calls.lock().unwrap().iter().filter(|call| **call == Call::Read).count()
    }

    /// Waits until the feed has polled a few more times, and returns how often it has called the store to remove.
    fn removals_some_polls_later(&self) -> usize {
        let reads = self.reads();
        self.wait_for(|| self.reads() >= reads + 5);
        self.removals()
    }
}

fn quickly(answers: impl Fn(usize) -> Result<u64, &'static str> + Send + Sync + 'static) -> Followed {
    Followed::at(Duration::from_millis(10), answers)
}

#[test]
fn a_feed_that_polls_each_hour_catches_up_with_a_backlog() {
    let followed = Followed::at(Duration::from_hours(1), |call| Ok(u64::from(call < 4)));
    followed.wait_for(|| followed.removals() == 5);
    // Each call followed a read, so a revocation waits for one call at most.
    let calls = followed.store.calls.lock().unwrap().clone();
    assert_eq!(calls[..10], [[Call::Read, Call::Remove]; 5].concat());
}

#[test]
fn cleaning_ends_when_a_call_has_removed_nothing_and_begins_again_after_an_hour() {
    let followed = quickly(|call| Ok(if call == 1 || call == 4 { 0 } else { 1000 }));
    followed.wait_for(|| followed.removals() == 2);
    assert_eq!(followed.removals_some_polls_later(), 2);
    followed.clock.advance(MINUTE * 59);
    assert_eq!(followed.removals_some_polls_later(), 2);
    followed.clock.advance(MINUTE);
    followed.wait_for(|| followed.removals() == 5);
    assert_eq!(followed.removals_some_polls_later(), 5);
}

#[test]
fn a_failed_cleaning_is_a_warning_and_is_retried_after_a_few_minutes() {
    let recorder = Recorder::default();
    // The thread of the feed has no subscriber but the global one.
    tracing::subscriber::set_global_default(recorder.clone()).unwrap();
    let followed = quickly(|call| match call {
        0 | 2 => Err("the disk of this test is full"),
        1 => Ok(10),
        _ => Ok(0),
    });
    let warnings = || {
        let lines = recorder.lines().into_iter();
        lines.filter(|(_, line)| line.contains("the disk of this test is full")).collect::<Vec<_>>()
    };
    followed.wait_for(|| !warnings().is_empty());
    assert_eq!(followed.removals_some_polls_later(), 1);
    followed.clock.advance(MINUTE * 10);
    followed.wait_for(|| warnings().len() == 2);
    assert_eq!(followed.removals_some_polls_later(), 3);
    followed.clock.advance(MINUTE * 10);
    followed.wait_for(|| followed.removals() == 4);
    assert_eq!(followed.removals_some_polls_later(), 4);
    assert_eq!(warnings().len(), 2, "one for each failure");
    for (level, line) in warnings() {
        assert_eq!(level, Level::WARN);
        assert!(line.contains("expired sessions not removed") && line.contains("retry_in=300s"), "{line}");
    }
}

#[test]
fn a_store_that_panics_while_it_cleans_is_called_again_later() {
    let followed = quickly(|call| if call == 0 { panic!("the first call of this test") } else { Ok(0) });
    followed.wait_for(|| followed.removals() == 1);
    assert_eq!(followed.removals_some_polls_later(), 1);
    followed.clock.advance(MINUTE * 10);
    followed.wait_for(|| followed.removals() == 2);
}

#[test]
fn revocations_arrive_while_a_backlog_is_removed() {
    let followed = quickly(|_| Ok(1000));
    for id in 0..5_u64 {
        let access = followed.tokens.create_access_token(&Payload::new(id)).unwrap();
        assert!(followed.tokens.decode_access_token::<Payload>(&access).is_ok());
        let removals = followed.removals();
        followed.wait_for(|| followed.removals() > removals + 2);
        let seconds = followed.clock.now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let now = Timestamp::from_seconds(seconds).unwrap();
        let request = NewRevocation::new(Revocation::of_user(&id.into(), now), now);
        pollster::block_on(followed.store.record_revocation(request)).unwrap();
        followed.wait_for(|| followed.tokens.decode_access_token::<Payload>(&access).is_err());
    }
    let calls = followed.store.calls.lock().unwrap();
    assert!(!calls.windows(2).any(|two| two == [Call::Remove; 2]), "{calls:?}");
}

#[test]
fn a_clock_that_jumps_neither_stops_cleaning_nor_repeats_it_at_each_poll() {
    let followed = quickly(|call| if call % 2 == 0 { Ok(0) } else { Err("refused") });
    followed.wait_for(|| followed.removals() == 1);
    let day = Duration::from_hours(24);
    for (number, jump) in [1, -3, 2, -1, -1, 30, -30].into_iter().enumerate() {
        let distance = day * i32::abs(jump).try_into().unwrap();
        let now = followed.clock.now();
        followed.clock.set(if jump > 0 { now + distance } else { now - distance });
        followed.wait_for(|| followed.removals() == number + 2);
        assert_eq!(followed.removals_some_polls_later(), number + 2, "a jump of {jump} days");
    }
}

#[test]
fn a_dropped_feed_stops_although_a_backlog_is_left() {
    let Followed { store, feed, .. } = quickly(|_| Ok(1));
    let removals = || store.removals.load(Ordering::SeqCst);
    while removals() < 3 {
        std::thread::sleep(Duration::from_millis(2));
    }
    drop(feed);
    // The thread has the last other handle.
    let deadline = Instant::now() + MINUTE;
    while Arc::strong_count(&store) > 1 {
        assert!(Instant::now() < deadline, "the thread still runs");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn an_unreadable_revocation_leaves_by_the_cleaning_once_no_token_needs_it() {
    let (builder, clock) = timed();
    let (tokens, store) = (builder.build().unwrap(), MemorySessions::new());
    let second = |clock: &ManualClock| clock.now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let now = Timestamp::from_seconds(second(&clock)).unwrap();
    let mut revocation = Revocation::of_user(&1.into(), now);
    revocation.id = "not JSON".to_owned();
    pollster::block_on(store.record_revocation(NewRevocation::new(revocation, now))).unwrap();
    let feed = RevocationFeed::of(store.clone()).poll_interval(Duration::from_millis(10));
    let _feed = feed.when_stale(StalePolicy::Deny).follow(&tokens).unwrap();
    let left = || pollster::block_on(store.revocations_since(RevocationCursor::Position(0))).unwrap();
    let opens = || {
        let access = tokens.create_access_token(&Payload::new(1_u64)).unwrap();
        tokens.decode_access_token::<Payload>(&access).is_ok()
    };
    // Several polls while it is needed, the last ones of a stale feed.
    for _ in 0..10 {
        clock.advance(MINUTE);
        std::thread::sleep(Duration::from_millis(20));
        assert_eq!((left().revocations.len(), opens()), (1, false));
    }
    clock.advance(tokens.refresh_expiry() + Duration::from_hours(26));
    let deadline = Instant::now() + MINUTE;
    while !opens() {
        assert!(Instant::now() < deadline, "{} revocations are left", left().revocations.len());
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(left().revocations.is_empty());
}
