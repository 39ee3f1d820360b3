//! `Shifted`: a store in whose server more time has passed than by its clock.

use std::fmt;
use std::sync::Arc;

use gatevault::session::{
    ActiveSession, FindSession, ListSessions, NewRevocation, NewSession, RefreshTicket, RemoveExpired,
    RevocationBatch, RevocationCursor, RevocationListener, RevocationSubscription, RevokeSessions, Rotation,
    RotationOutcome, SpendToken, StepUp, StoreFuture, StoredSession,
};
use gatevault::{Session, SessionStore, StoreError, Timestamp};
use tokio::sync::RwLock;

/// Subtracts the time that has passed from each time that the store is given, and adds it to each that the store returns.
pub(crate) struct Shifted {
    store: Arc<dyn SessionStore>,
    /// The seconds, which no operation sees change.
    passed: Arc<RwLock<u64>>,
    /// The positions of a second, if the numbers of revocations are times.
    positions: u64,
}

/// The time that has passed, in seconds.
#[derive(Clone, Copy)]
struct Passed(u64);

impl Passed {
    fn to_server(self, time: &mut Timestamp) {
        *time = Timestamp::from_seconds(time.seconds().saturating_sub(self.0)).unwrap();
    }

    fn to_caller(self, time: &mut Timestamp) {
        *time = Timestamp::from_seconds(time.seconds().saturating_add(self.0)).unwrap();
    }

    fn ticket_to_server(self, ticket: &mut RefreshTicket) {
        self.to_server(&mut ticket.issued_at);
        self.to_server(&mut ticket.expires_at);
    }

    fn active_to_caller(self, active: &mut ActiveSession) {
        self.to_caller(&mut active.ticket.issued_at);
        self.to_caller(&mut active.ticket.expires_at);
        self.to_caller(&mut active.details.authenticated_at);
    }

    fn outcome_to_caller(self, outcome: &mut RotationOutcome) {
        if let RotationOutcome::Rotated(active) | RotationOutcome::Current(active) = outcome {
            self.active_to_caller(active);
        }
    }
}

impl Shifted {
    pub(crate) fn new(store: Arc<dyn SessionStore>, passed: Arc<RwLock<u64>>, positions: u64) -> Self {
        Self { store, passed, positions }
    }

    /// Runs an operation. No time passes meanwhile.
    fn run<'s, T, F>(&'s self, operation: impl FnOnce(Passed) -> F + Send + 's) -> StoreFuture<'s, T>
    where
        F: Future<Output = Result<T, StoreError>> + Send + 's,
    {
        Box::pin(async move {
            let passed = self.passed.read().await;
            operation(Passed(*passed)).await
        })
    }
}

impl SessionStore for Shifted {
    fn open(&self, mut session: NewSession) -> StoreFuture<'_, Vec<String>> {
        self.run(move |passed| {
            passed.ticket_to_server(&mut session.ticket);
            passed.to_server(&mut session.expires_at);
            passed.to_server(&mut session.details.authenticated_at);
            self.store.open(session)
        })
    }

    fn rotate(&self, mut rotation: Rotation) -> StoreFuture<'_, RotationOutcome> {
        self.run(move |passed| async move {
            passed.ticket_to_server(&mut rotation.successor);
            passed.to_server(&mut rotation.now);
            let mut outcome = self.store.rotate(rotation).await?;
            passed.outcome_to_caller(&mut outcome);
            Ok(outcome)
        })
    }

    fn step_up(&self, mut request: StepUp) -> StoreFuture<'_, RotationOutcome> {
        self.run(move |passed| async move {
            passed.ticket_to_server(&mut request.successor);
            passed.to_server(&mut request.now);
            let mut outcome = self.store.step_up(request).await?;
            passed.outcome_to_caller(&mut outcome);
            Ok(outcome)
        })
    }

    fn find(&self, mut request: FindSession) -> StoreFuture<'_, Option<StoredSession>> {
        self.run(move |passed| async move {
            passed.to_server(&mut request.now);
            let mut found = self.store.find(request).await?;
            if let Some(found) = &mut found {
                let mut active = ActiveSession::new(found.ticket.clone(), found.details.clone());
                passed.active_to_caller(&mut active);
                (found.ticket, found.details) = (active.ticket, active.details);
                passed.to_caller(&mut found.expires_at);
            }
            Ok(found)
        })
    }

    fn spend(&self, mut request: SpendToken) -> StoreFuture<'_, bool> {
        self.run(move |passed| {
            passed.to_server(&mut request.expires_at);
            passed.to_server(&mut request.now);
            self.store.spend(request)
        })
    }

    fn revoke(&self, mut request: RevokeSessions) -> StoreFuture<'_, Vec<String>> {
        self.run(move |passed| {
            passed.to_server(&mut request.now);
            self.store.revoke(request)
        })
    }

    fn list(&self, mut request: ListSessions) -> StoreFuture<'_, Vec<Session>> {
        self.run(move |passed| async move {
            passed.to_server(&mut request.now);
            let mut sessions = self.store.list(request).await?;
            for session in &mut sessions {
                passed.to_caller(&mut session.authenticated_at);
                passed.to_caller(&mut session.refreshed_at);
                passed.to_caller(&mut session.expires_at);
                passed.to_caller(&mut session.details.authenticated_at);
            }
            Ok(sessions)
        })
    }

    fn record_revocation(&self, mut request: NewRevocation) -> StoreFuture<'_, ()> {
        self.run(move |passed| {
            passed.to_server(&mut request.now);
            if let Some(until) = &mut request.revocation.until {
                passed.to_server(until);
            }
            self.store.record_revocation(request)
        })
    }

    fn revocations_since(&self, mut cursor: RevocationCursor) -> StoreFuture<'_, RevocationBatch> {
        self.run(move |passed| async move {
            let shift = passed.0.saturating_mul(self.positions);
            match &mut cursor {
                RevocationCursor::Time(time) => passed.to_server(time),
                RevocationCursor::Position(position) => *position = position.saturating_sub(shift),
            }
            let mut batch = self.store.revocations_since(cursor).await?;
            // A store without revocations is at zero.
            if batch.position > 0 {
                batch.position = batch.position.saturating_add(shift);
            }
            for until in batch.revocations.iter_mut().filter_map(|revocation| revocation.until.as_mut()) {
                passed.to_caller(until);
            }
            Ok(batch)
        })
    }

    fn remove_expired(&self, mut request: RemoveExpired) -> StoreFuture<'_, u64> {
        self.run(move |passed| {
            passed.to_server(&mut request.now);
            self.store.remove_expired(request)
        })
    }

    fn is_shared(&self) -> bool {
        self.store.is_shared()
    }

    fn listen(&self, listener: RevocationListener) -> Option<RevocationSubscription> {
        self.store.listen(listener)
    }
}

impl fmt::Debug for Shifted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shifted").finish_non_exhaustive()
    }
}
