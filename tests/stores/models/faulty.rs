//! A store with one wrong rule, which the comparison with the model must find.

use std::sync::Arc;
use std::time::Duration;

use gatevault::session::{
    FindSession, ListSessions, NewRevocation, NewSession, RemoveExpired, RevocationBatch, RevocationCursor,
    RevokeSessions, RevokeTarget, Rotation, RotationOutcome, SpendToken, StepUp, StoreFuture, StoredSession,
};
use gatevault::{MemorySessions, Session, SessionStore, StoreError, Timestamp};
use gatevault_session_model::{Checked, Model, Outcome, Request, Row, World};

use crate::nodes::Nodes;

/// A rule that a store breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// A token that is not the current one, such as an older one, rotates the session.
    AcceptsAnyToken,
    /// The previous token is accepted for an hour more than the grace.
    LongerGrace,
    /// The previous token is never accepted.
    NoGrace,
    /// A session whose lifetime is over is rotated.
    RotatesExpired,
    /// A session of another pool is rotated.
    RotatesAnyPool,
    /// A session keeps the old security stamp when a login has a new one.
    KeepsOldStamp,
    /// The limit of sessions ends none.
    NoLimit,
    /// A step-up of another user's session is accepted.
    StepsUpAnyUser,
    /// A revocation names its sessions and does not end them.
    ForgetsRevocation,
    /// A revocation ends a session of another user.
    RevokesAnyUser,
    /// A revocation of all sessions leaves the API keys out.
    RevokesLoginsOnly,
    /// The last revocation is not listed.
    HidesRevocation,
    /// A revocation of a user is not recorded.
    RecordsNothing,
    /// Revocations are removed at once.
    RemovesEarly,
    /// A token that was spent can be spent again.
    SpendsAgain,
}

/// [`MemorySessions`] with a fault.
pub(crate) struct Faulty {
    inner: MemorySessions,
    fault: Fault,
}

impl Faulty {
    fn has(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    async fn rotated(&self, mut request: Rotation) -> Result<RotationOutcome, StoreError> {
        if self.has(Fault::LongerGrace) {
            request.grace += Duration::from_hours(1);
        }
        if self.has(Fault::NoGrace) {
            request.grace = Duration::ZERO;
        }
        if self.has(Fault::RotatesExpired) && self.current(&request).await?.is_none() {
            request.now = start();
        }
        if self.has(Fault::RotatesAnyPool)
            && let Some((pool, _)) = self.anywhere(&request.session, request.now).await?
        {
            request.pool = pool;
        }
        if self.has(Fault::AcceptsAnyToken)
            && let Some(found) = self.current(&request).await?
        {
            request.presented = found.ticket.id;
        }
        self.inner.rotate(request).await
    }

    /// Returns the session of a rotation, if it is active.
    async fn current(&self, request: &Rotation) -> Result<Option<StoredSession>, StoreError> {
        let mut current = FindSession::new(request.session.clone(), request.now);
        current.pool.clone_from(&request.pool);
        self.inner.find(current).await
    }

    async fn revoked(&self, mut request: RevokeSessions) -> Result<Vec<String>, StoreError> {
        if self.has(Fault::RevokesAnyUser)
            && let RevokeTarget::One(session) = &request.target
            && let Some((pool, found)) = self.anywhere(session, request.now).await?
        {
            (request.pool, request.user) = (pool, found.user);
        }
        if self.has(Fault::RevokesLoginsOnly) && request.target == RevokeTarget::All {
            request.target = RevokeTarget::Logins;
        }
        if self.has(Fault::ForgetsRevocation)
            && let RevokeTarget::One(session) = &request.target
        {
            return Ok(vec![session.clone()]);
        }
        self.inner.revoke(request).await
    }

    async fn stepped_up(&self, mut request: StepUp) -> Result<RotationOutcome, StoreError> {
        if self.has(Fault::StepsUpAnyUser)
            && let Some((_, found)) = self.anywhere(&request.session, request.now).await?
        {
            request.user = found.user;
        }
        self.inner.step_up(request).await
    }

    async fn listed(&self, cursor: RevocationCursor) -> Result<RevocationBatch, StoreError> {
        let mut batch = self.inner.revocations_since(cursor).await?;
        if self.has(Fault::HidesRevocation) {
            batch.revocations.pop();
        }
        Ok(batch)
    }

    /// Returns the pool and the session of an id, in any pool.
    async fn anywhere(
        &self,
        session: &str,
        now: Timestamp,
    ) -> Result<Option<(Option<String>, StoredSession)>, StoreError> {
        for pool in [None, Some("staff".to_owned())] {
            let mut request = FindSession::new(session.to_owned(), now);
            request.pool.clone_from(&pool);
            if let Some(found) = self.inner.find(request).await? {
                return Ok(Some((pool, found)));
            }
        }
        Ok(None)
    }
}

impl SessionStore for Faulty {
    fn open(&self, mut session: NewSession) -> StoreFuture<'_, Vec<String>> {
        if self.has(Fault::NoLimit) {
            session.limit = None;
        }
        if self.has(Fault::KeepsOldStamp) {
            session.previous_security_stamp = None;
        }
        self.inner.open(session)
    }

    fn rotate(&self, request: Rotation) -> StoreFuture<'_, RotationOutcome> {
        Box::pin(self.rotated(request))
    }

    fn step_up(&self, request: StepUp) -> StoreFuture<'_, RotationOutcome> {
        Box::pin(self.stepped_up(request))
    }

    fn find(&self, request: FindSession) -> StoreFuture<'_, Option<StoredSession>> {
        self.inner.find(request)
    }

    fn spend(&self, request: SpendToken) -> StoreFuture<'_, bool> {
        if self.has(Fault::SpendsAgain) {
            return Box::pin(async { Ok(true) });
        }
        self.inner.spend(request)
    }

    fn revoke(&self, request: RevokeSessions) -> StoreFuture<'_, Vec<String>> {
        Box::pin(self.revoked(request))
    }

    fn list(&self, request: ListSessions) -> StoreFuture<'_, Vec<Session>> {
        self.inner.list(request)
    }

    fn record_revocation(&self, request: NewRevocation) -> StoreFuture<'_, ()> {
        if self.has(Fault::RecordsNothing) {
            return Box::pin(async { Ok(()) });
        }
        self.inner.record_revocation(request)
    }

    fn revocations_since(&self, cursor: RevocationCursor) -> StoreFuture<'_, RevocationBatch> {
        Box::pin(self.listed(cursor))
    }

    fn remove_expired(&self, mut request: RemoveExpired) -> StoreFuture<'_, u64> {
        if self.has(Fault::RemovesEarly) {
            request.keep_revoked = Duration::ZERO;
        }
        self.inner.remove_expired(request)
    }

    fn is_shared(&self) -> bool {
        self.inner.is_shared()
    }
}

/// A store with a fault, by the clock of its callers, and nodes that follow another store, if there are any.
pub(crate) struct FaultyWorld {
    store: Arc<Faulty>,
    nodes: Option<Nodes>,
}

impl FaultyWorld {
    /// Creates an empty store, which no node follows.
    pub(crate) fn new(fault: Fault) -> Self {
        Self { store: Arc::new(Faulty { inner: MemorySessions::new(), fault }), nodes: None }
    }

    /// Creates an empty store without a fault, and nodes that follow a store that stays empty. They get a short time to follow.
    pub(crate) fn with_deaf_nodes() -> Self {
        let nodes = Nodes::follow(Arc::new(MemorySessions::new()), start());
        Self { nodes: Some(nodes.wait_at_most(Duration::from_millis(100))), ..Self::new(Fault::None) }
    }
}

impl World for FaultyWorld {
    fn store(&self) -> Arc<dyn SessionStore> {
        Arc::<Faulty>::clone(&self.store)
    }

    fn start(&self) -> Timestamp {
        start()
    }

    async fn advance(&mut self, by: Duration) -> Checked {
        self.nodes.iter().for_each(|nodes| nodes.advance(by));
        Ok(())
    }

    /// Sends them one after the other: the order of a store that does one thing at a time.
    async fn send_both(&mut self, one: Request, other: Request) -> Result<(Outcome, Outcome), StoreError> {
        Ok((one.send(&*self.store).await?, other.send(&*self.store).await?))
    }

    fn opened(&mut self, session: &Row) -> String {
        match &mut self.nodes {
            Some(nodes) => nodes.opened(session),
            None => format!("token of {}", session.id),
        }
    }

    async fn compare_guards(&mut self, model: &Model, now: Timestamp) -> Checked {
        match &self.nodes {
            Some(nodes) => nodes.compare(model, now).await,
            None => Ok(()),
        }
    }
}

fn start() -> Timestamp {
    Timestamp::from_seconds(1_767_225_600).unwrap()
}
