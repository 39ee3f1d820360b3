//! Requests to a store, without a handler.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gatevault::session::{
    FindSession, ListSessions, NewRevocation, NewSession, RefreshTicket, RemoveExpired, Revocation,
    RevocationBatch, RevocationCursor, RevokeSessions, RevokeTarget, Rotation, RotationOutcome,
    SessionDetails, SessionKind, SpendToken, StepUp, StoredSession,
};
use gatevault::{Session, SessionStore, Timestamp, UserId};
use gatevault_store_tests::Backend;

/// A caller of a store, with a fixed time: the machine's, which the servers use as well.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) store: Arc<dyn SessionStore>,
    now: u64,
}

impl Node {
    pub(crate) fn over(backend: &Backend) -> Self {
        Self::to(Arc::clone(&backend.store))
    }

    pub(crate) fn to(store: Arc<dyn SessionStore>) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        Self { store, now }
    }

    /// Returns the time this many seconds from now.
    pub(crate) fn at(&self, seconds: i64) -> Timestamp {
        Timestamp::from_seconds(self.now.checked_add_signed(seconds).unwrap()).unwrap()
    }

    /// Creates a session of a day, whose first token has the id of the session and `-1`, and lives for an hour.
    pub(crate) fn session(&self, id: &str, user: impl Into<UserId>, details: SessionDetails) -> NewSession {
        let first = ticket(&format!("{id}-1"), self.at(0), self.at(3600));
        NewSession::new(id.to_owned(), user.into(), self.at(86_400), first, "stamp".to_owned(), details)
    }

    /// Creates the session of an API key, as [`session`](Self::session) does.
    pub(crate) fn key(&self, id: &str, user: impl Into<UserId>) -> NewSession {
        let mut details = SessionDetails::new(self.at(-1000));
        details.kind = SessionKind::Key;
        self.session(id, user, details)
    }

    /// Creates the session of a login this many seconds from now, with a limit.
    pub(crate) fn login(&self, id: &str, user: impl Into<UserId>, seconds: i64, limit: usize) -> NewSession {
        let mut session = self.session(id, user, SessionDetails::new(self.at(seconds)));
        session.limit = Some(limit);
        session
    }

    pub(crate) async fn open(&self, session: NewSession) -> Vec<String> {
        self.store.open(session).await.unwrap()
    }

    /// Creates a rotation to a token that lives for an hour, with a grace of ten seconds.
    pub(crate) fn rotation(&self, session: &str, presented: &str, successor: &str) -> Rotation {
        let successor = ticket(successor, self.at(0), self.at(3600));
        let (session, presented, stamp) = (session.to_owned(), presented.to_owned(), "stamp".to_owned());
        Rotation::new(session, presented, successor, stamp, Duration::from_secs(10), self.at(0))
    }

    pub(crate) async fn rotate(&self, session: &str, presented: &str, successor: &str) -> RotationOutcome {
        self.store.rotate(self.rotation(session, presented, successor)).await.unwrap()
    }

    /// Creates a step-up to a token that lives for an hour. The class names the token.
    pub(crate) fn step_up_to(&self, session: &str, user: impl Into<UserId>, successor: &str) -> StepUp {
        let ticket = ticket(successor, self.at(0), self.at(3600));
        let mut request =
            StepUp::new(session.to_owned(), user.into(), ticket, "stamp".to_owned(), self.at(0));
        request.acr = Some(format!("class of {successor}"));
        request.amr = ["hwk", "user"].map(str::to_owned).to_vec();
        request
    }

    /// Steps a session of the user 1 up.
    pub(crate) async fn step_up(&self, session: &str, successor: &str) -> RotationOutcome {
        self.store.step_up(self.step_up_to(session, 1, successor)).await.unwrap()
    }

    /// Returns an active session without a pool.
    pub(crate) async fn find(&self, session: &str) -> Option<StoredSession> {
        self.store.find(FindSession::new(session.to_owned(), self.at(0))).await.unwrap()
    }

    /// Spends a token that expires in a minute.
    pub(crate) async fn spend(&self, id: &str) -> bool {
        self.store.spend(SpendToken::new(id.to_owned(), self.at(60), self.at(0))).await.unwrap()
    }

    /// Returns the active sessions of the user.
    pub(crate) async fn list(&self, pool: Option<&str>, user: impl Into<UserId>) -> Vec<Session> {
        let mut request = ListSessions::new(user.into(), self.at(0));
        request.pool = pool.map(str::to_owned);
        self.store.list(request).await.unwrap()
    }

    /// Returns the ids of the active sessions of a user without a pool, the newest login first.
    pub(crate) async fn ids(&self, user: impl Into<UserId>) -> Vec<String> {
        self.list(None, user).await.into_iter().map(|session| session.id).collect()
    }

    /// Revokes sessions and returns the ids of those that were active, in order.
    pub(crate) async fn revoke(
        &self,
        pool: Option<&str>,
        user: impl Into<UserId>,
        target: RevokeTarget,
    ) -> Vec<String> {
        let mut request = RevokeSessions::new(user.into(), target, self.at(0));
        request.pool = pool.map(str::to_owned);
        let mut ended = self.store.revoke(request).await.unwrap();
        ended.sort();
        ended
    }

    pub(crate) async fn record(&self, revocation: Revocation) {
        self.store.record_revocation(NewRevocation::new(revocation, self.at(0))).await.unwrap();
    }

    /// Removes what is no longer needed, until nothing is left. Returns the numbers that the calls returned.
    pub(crate) async fn clean(&self, now: Timestamp, keep_revoked: Duration) -> Vec<u64> {
        let mut removed = Vec::new();
        loop {
            match self.store.remove_expired(RemoveExpired::new(now, keep_revoked)).await.unwrap() {
                0 => return removed,
                number => removed.push(number),
            }
        }
    }

    pub(crate) async fn since(&self, position: u64) -> RevocationBatch {
        self.store.revocations_since(RevocationCursor::Position(position)).await.unwrap()
    }
}

/// Returns the ids of revoked sessions, in order. Fails if something else was revoked.
pub(crate) fn sessions_in(batch: RevocationBatch) -> Vec<String> {
    let mut ids: Vec<_> = batch.revocations.iter().map(|revocation| revocation.id.clone()).collect();
    for revocation in batch.revocations {
        assert_eq!(revocation, Revocation::of_session(revocation.id.clone()));
    }
    ids.sort();
    ids
}

/// Creates a ticket.
pub(crate) fn ticket(id: &str, issued_at: Timestamp, expires_at: Timestamp) -> RefreshTicket {
    RefreshTicket::new(id.to_owned(), issued_at, expires_at)
}
