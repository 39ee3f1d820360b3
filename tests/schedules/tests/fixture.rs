//! A manager with a clock, and requests to a store.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gatevault_schedules::session::{
    NewSession, RefreshTicket, RevokeSessions, RevokeTarget, Rotation, SessionDetails,
};
use gatevault_schedules::{Clock, Payload, Timestamp, TokenManager};
use shuttle::sync::Arc;
use shuttle::sync::atomic::{AtomicU64, Ordering};

/// A clock that moves only when a test moves it. Each look at it is a place to change the thread.
#[derive(Clone)]
pub(crate) struct TestClock(Arc<AtomicU64>);

impl TestClock {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicU64::new(NOON)))
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_secs(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

/// Creates a manager whose tokens live for a day.
pub(crate) fn manager(clock: &TestClock) -> TokenManager {
    let builder =
        TokenManager::builder().secret("a secret of at least thirty-two bytes").clock(clock.clone());
    let day = Duration::from_hours(24);
    builder.access_expiry(day).refresh_expiry(day).clock_skew(Duration::ZERO).build().unwrap()
}

/// Returns whether a guard accepts the token.
pub(crate) fn is_accepted(tokens: &TokenManager, token: &str) -> bool {
    tokens.decode_access_token::<Payload>(token).is_ok()
}

/// Returns the time this many seconds after the beginning.
pub(crate) fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(NOON + seconds).unwrap()
}

/// Creates a session of a day, whose first token is `first`.
pub(crate) fn session(id: &str) -> NewSession {
    let day = 24 * 60 * 60;
    let (ticket, details) = (ticket("first"), SessionDetails::new(at(0)));
    NewSession::new(id.to_owned(), 1.into(), at(day), ticket, "stamp".to_owned(), details)
}

pub(crate) fn rotation(id: &str, presented: &str, successor: &str) -> Rotation {
    let (successor, grace) = (ticket(successor), Duration::from_secs(10));
    Rotation::new(id.to_owned(), presented.to_owned(), successor, "stamp".to_owned(), grace, at(0))
}

/// Creates the request that revokes a session of the user 1.
pub(crate) fn revoking(id: &str) -> RevokeSessions {
    RevokeSessions::new(1.into(), RevokeTarget::One(id.to_owned()), at(0))
}

fn ticket(id: &str) -> RefreshTicket {
    RefreshTicket::new(id.to_owned(), at(0), at(60 * 60))
}

const NOON: u64 = 1_767_268_800;
