//! The contract of a session store.

use std::sync::Arc;

use super::{
    FindSession, ListSessions, NewRevocation, NewSession, RemoveExpired, RevocationBatch, RevocationCursor,
    RevocationListener, RevocationSubscription, RevokeSessions, Rotation, RotationOutcome, Session,
    SpendToken, StepUp, StoredSession,
};
use crate::error::StoreError;
use crate::future::StoreFuture;

/// Stores sessions and rotates their refresh tokens.
///
/// Implementations: [`MemorySessions`](crate::MemorySessions), and by feature `SqliteSessions`, `PostgresSessions` and
/// `RedisSessions`. The [module](crate::session) shows how to write one.
///
/// # Contract
///
/// - **Atomic**: a method takes effect completely or not at all, under concurrency and when its future is dropped.
/// - **Bounded**: a method returns within a bounded time.
/// - **Inconclusive errors**: after an error the caller cannot know whether the operation took effect and may retry, so
///   every method must be safe to retry.
/// - **Clocks**: timestamps come from the caller. Grace periods and revocation times use the store's clock if it has one,
///   so that nodes with different clocks agree.
/// - **Pools**: a user is a pool and an id. A method never reads or changes a session of another pool.
///
/// # Security
///
/// Reuse detection and revocation depend on this contract. A store that rotates one token twice, or that loses a
/// revocation, leaves a stolen refresh token usable.
pub trait SessionStore: Send + Sync + 'static {
    /// Stores a new session. Returns the ids of the sessions that the limit ended.
    ///
    /// If `session` has a previous security stamp, the user's other sessions of the kind
    /// [`Login`](super::SessionKind::Login) with that stamp get the new one. If it has a limit, the user's oldest sessions of
    /// that kind are revoked, by `authenticated_at`, until no more than the limit are active; the new one stays.
    fn open(&self, session: NewSession) -> StoreFuture<'_, Vec<String>>;

    /// Replaces a session's refresh token with its successor if the presented token is the current one.
    ///
    /// The first rule that applies decides the outcome:
    ///
    /// 1. The session does not exist, or belongs to another pool: [`Unknown`](RotationOutcome::Unknown).
    /// 2. The session was revoked before: [`Revoked`](RotationOutcome::Revoked).
    /// 3. The session has expired at `now`: [`Expired`](RotationOutcome::Expired).
    /// 4. The security stamps differ: the store revokes the session, and the outcome is
    ///    [`Outdated`](RotationOutcome::Outdated).
    /// 5. The token is the current one: it becomes the previous one, and the successor becomes the current one. A
    ///    `refresh_lifetime` of the session replaces the successor's expiry, and the session's end cuts it. The outcome is
    ///    [`Rotated`](RotationOutcome::Rotated).
    /// 6. The token is the previous one, rotated less than the grace ago (the session's own, if it has one): nothing changes,
    ///    and the outcome is [`Current`](RotationOutcome::Current) with the current token.
    /// 7. The token is an older one: the store revokes the session, and the outcome is
    ///    [`Reused`](RotationOutcome::Reused).
    fn rotate(&self, rotation: Rotation) -> StoreFuture<'_, RotationOutcome>;

    /// Writes a new authentication into an active session: its `acr`, `amr` and `authenticated_at` become those of the request,
    /// and its refresh token is rotated as [`rotate`](Self::rotate) does with the current token.
    ///
    /// The first rule that applies decides the outcome:
    ///
    /// 1. The session does not exist, belongs to another pool or user, or is not of the kind
    ///    [`Login`](super::SessionKind::Login): [`Unknown`](RotationOutcome::Unknown).
    /// 2. The session was revoked before: [`Revoked`](RotationOutcome::Revoked).
    /// 3. The session, or its current token, has expired at `now`: [`Expired`](RotationOutcome::Expired).
    /// 4. The security stamps differ: the store revokes the session, and the outcome is
    ///    [`Outdated`](RotationOutcome::Outdated).
    /// 5. The outcome is [`Rotated`](RotationOutcome::Rotated), with the new details.
    ///
    /// The replaced token becomes the previous one: a [`rotate`](Self::rotate) with it returns the successor and the new
    /// details during the grace. If the successor is the current token already, the request is a repeated one, and the previous
    /// token stays what it is. The default returns an error.
    fn step_up(&self, request: StepUp) -> StoreFuture<'_, RotationOutcome> {
        drop(request);
        unsupported("cannot step up sessions", "step_up")
    }

    /// Returns an active session of any kind, if its pool is that of the request: one that was not revoked, and of which
    /// neither the lifetime nor the current token has expired at `now`.
    ///
    /// The default returns an error.
    fn find(&self, request: FindSession) -> StoreFuture<'_, Option<StoredSession>> {
        drop(request);
        unsupported("cannot find a session by its id", "find")
    }

    /// Records that the token was used. Returns whether it is the first time: of several concurrent calls with one id, one
    /// returns `true`. It is no revocation, and [`revocations_since`](Self::revocations_since) does not list it.
    ///
    /// A store keeps the id until at least an hour after the last time at which a token may be accepted, which is a day after
    /// its expiry, the longest leeway: the clocks of two callers may differ. [`remove_expired`](Self::remove_expired) may
    /// remove it then. The default returns an error.
    ///
    /// # Security
    ///
    /// After an error the token may be spent, and a repeated call then returns `false`, also to the same caller. The caller
    /// must treat an error like `false`: the user requests a new token.
    fn spend(&self, request: SpendToken) -> StoreFuture<'_, bool> {
        drop(request);
        unsupported("does not record the use of tokens", "spend")
    }

    /// Revokes sessions of a user and returns the ids of those that were active. If none was, it writes nothing.
    fn revoke(&self, request: RevokeSessions) -> StoreFuture<'_, Vec<String>>;

    /// Returns the user's active sessions of every kind, the newest login first.
    fn list(&self, request: ListSessions) -> StoreFuture<'_, Vec<Session>>;

    /// Records the revocation of a token, of a user, or of a session of another issuer. Recording it twice is harmless.
    ///
    /// The default returns an error: a store that does not keep such revocations must not seem to.
    fn record_revocation(&self, request: NewRevocation) -> StoreFuture<'_, ()> {
        let kind = request.revocation.kind.name();
        unsupported(&format!("keeps no revocation of a {kind}"), "record_revocation")
    }

    /// Returns the revocations since `cursor`. A revocation is listed until [`remove_expired`](Self::remove_expired)
    /// removes it, even after its session has expired.
    ///
    /// A store numbers its revocations in the order in which they become visible. A reader that has seen a number has
    /// therefore seen all lower ones, independent of any clock.
    fn revocations_since(&self, cursor: RevocationCursor) -> StoreFuture<'_, RevocationBatch>;

    /// Removes a part of what is no longer needed. Returns the number of sessions, revocations and
    /// [spent](Self::spend) tokens that it removed. Zero means that nothing is left; otherwise the caller repeats the call.
    ///
    /// A session is no longer needed when it has expired. A revocation is no longer needed when it was recorded longer than
    /// `keep_revoked` ago, unless it is [of a token that may be accepted](super::Revocation::is_of_unexpired_token). A revoked
    /// session expires within an hour: [`rotate`](Self::rotate) then returns [`Unknown`](RotationOutcome::Unknown) instead of
    /// [`Revoked`](RotationOutcome::Revoked).
    ///
    /// A call takes a short time, however much is left, and delays other operations only briefly. After an error, a part may
    /// have been removed.
    ///
    /// # Security
    ///
    /// `keep_revoked` is how long an accepted token can live. A process that starts reads the revocations from the store, so
    /// a revocation that is removed earlier is unknown there, and the session's tokens are accepted again. The session may
    /// expire before its last access token: a rotation under a shorter `refresh_expiry` shortens its time, and guards may have
    /// a leeway. A store must keep its revocations apart from its sessions.
    fn remove_expired(&self, request: RemoveExpired) -> StoreFuture<'_, u64>;

    /// Returns whether other processes revoke sessions in the same store, so that a
    /// [`RevocationFeed`](crate::RevocationFeed) is needed to learn of it.
    fn is_shared(&self) -> bool;

    /// Calls `listener` soon after each revocation until the subscription is dropped.
    ///
    /// Returns `None` if the store cannot notify. A call is a hint: it may come too often or not at all.
    fn listen(&self, listener: RevocationListener) -> Option<RevocationSubscription> {
        let _ = listener;
        None
    }
}

/// Returns the error of a store that does not implement a method.
fn unsupported<T>(fault: &str, method: &str) -> StoreFuture<'static, T> {
    let error = format!("this session store {fault}: implement `{method}`");
    Box::pin(async move { Err(StoreError::from(error)) })
}

/// Forwards to the store inside, so that several handlers can share it.
impl<S: SessionStore + ?Sized> SessionStore for Arc<S> {
    fn open(&self, session: NewSession) -> StoreFuture<'_, Vec<String>> {
        (**self).open(session)
    }
    fn rotate(&self, rotation: Rotation) -> StoreFuture<'_, RotationOutcome> {
        (**self).rotate(rotation)
    }
    fn step_up(&self, request: StepUp) -> StoreFuture<'_, RotationOutcome> {
        (**self).step_up(request)
    }
    fn find(&self, request: FindSession) -> StoreFuture<'_, Option<StoredSession>> {
        (**self).find(request)
    }
    fn spend(&self, request: SpendToken) -> StoreFuture<'_, bool> {
        (**self).spend(request)
    }
    fn revoke(&self, request: RevokeSessions) -> StoreFuture<'_, Vec<String>> {
        (**self).revoke(request)
    }
    fn list(&self, request: ListSessions) -> StoreFuture<'_, Vec<Session>> {
        (**self).list(request)
    }
    fn record_revocation(&self, request: NewRevocation) -> StoreFuture<'_, ()> {
        (**self).record_revocation(request)
    }
    fn revocations_since(&self, cursor: RevocationCursor) -> StoreFuture<'_, RevocationBatch> {
        (**self).revocations_since(cursor)
    }
    fn remove_expired(&self, request: RemoveExpired) -> StoreFuture<'_, u64> {
        (**self).remove_expired(request)
    }
    fn is_shared(&self) -> bool {
        (**self).is_shared()
    }
    fn listen(&self, listener: RevocationListener) -> Option<RevocationSubscription> {
        (**self).listen(listener)
    }
}
