//! The contract of a session store, and the types of its methods.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{NewSession, RefreshTicket, Session};
use crate::claims::UserId;
use crate::clock::Timestamp;
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
///
/// # Security
///
/// Reuse detection and revocation depend on this contract. A store that rotates one token twice, or that loses a
/// revocation, leaves a stolen refresh token usable.
pub trait SessionStore: Send + Sync + 'static {
    /// Stores a new session.
    ///
    /// If `session` has a previous security stamp, the user's other sessions with that stamp get the new one.
    fn open(&self, session: NewSession) -> StoreFuture<'_, ()>;

    /// Replaces a session's refresh token with its successor if the presented token is the current one.
    ///
    /// The first rule that applies decides the outcome:
    ///
    /// 1. The session does not exist: [`Unknown`](RotationOutcome::Unknown).
    /// 2. The session was revoked before: [`Revoked`](RotationOutcome::Revoked).
    /// 3. The session has expired at `now`: [`Expired`](RotationOutcome::Expired).
    /// 4. The security stamps differ: the store revokes the session, and the outcome is
    ///    [`Outdated`](RotationOutcome::Outdated).
    /// 5. The token is the current one: it becomes the previous one, and the successor becomes the current one, with its
    ///    `expires_at` cut to the session's. The outcome is [`Rotated`](RotationOutcome::Rotated).
    /// 6. The token is the previous one, rotated less than `grace` ago: nothing changes, and the outcome is
    ///    [`Current`](RotationOutcome::Current) with the current token.
    /// 7. The token is an older one: the store revokes the session, and the outcome is
    ///    [`Reused`](RotationOutcome::Reused).
    fn rotate(&self, rotation: Rotation) -> StoreFuture<'_, RotationOutcome>;

    /// Revokes the sessions of `target` and returns the ids of those that were active.
    ///
    /// Stores with their own clock ignore `now`.
    fn revoke(&self, target: RevokeTarget, now: Timestamp) -> StoreFuture<'_, Vec<String>>;

    /// Returns the user's sessions that are active at `now`, the newest login first.
    fn list(&self, user: UserId, now: Timestamp) -> StoreFuture<'_, Vec<Session>>;

    /// Returns the sessions revoked since `cursor`. A revocation is listed until [`remove_expired`](Self::remove_expired)
    /// removes it, even after its session has expired.
    ///
    /// A store numbers its revocations in the order in which they become visible. A reader that has seen a number has
    /// therefore seen all lower ones, independent of any clock.
    fn revocations_since(&self, cursor: RevocationCursor) -> StoreFuture<'_, RevocationBatch>;

    /// Removes the sessions that have expired at `now`, except those revoked less than `keep_revoked` ago. Returns how many
    /// it removed.
    ///
    /// # Security
    ///
    /// `keep_revoked` is how long an accepted token can live. A process that starts reads the revocations from the store, so
    /// a revocation that is removed earlier is unknown there, and the session's tokens are accepted again. The session may
    /// expire before its last access token: a rotation under a shorter `refresh_expiry` shortens its time, and guards may have
    /// a leeway. A store that expires sessions by itself must keep the list of revocations apart from them.
    fn remove_expired(&self, now: Timestamp, keep_revoked: Duration) -> StoreFuture<'_, u64>;

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

/// Forwards to the store inside, so that several handlers can share it.
impl<S: SessionStore + ?Sized> SessionStore for Arc<S> {
    fn open(&self, session: NewSession) -> StoreFuture<'_, ()> {
        (**self).open(session)
    }
    fn rotate(&self, rotation: Rotation) -> StoreFuture<'_, RotationOutcome> {
        (**self).rotate(rotation)
    }
    fn revoke(&self, target: RevokeTarget, now: Timestamp) -> StoreFuture<'_, Vec<String>> {
        (**self).revoke(target, now)
    }
    fn list(&self, user: UserId, now: Timestamp) -> StoreFuture<'_, Vec<Session>> {
        (**self).list(user, now)
    }
    fn revocations_since(&self, cursor: RevocationCursor) -> StoreFuture<'_, RevocationBatch> {
        (**self).revocations_since(cursor)
    }
    fn remove_expired(&self, now: Timestamp, keep_revoked: Duration) -> StoreFuture<'_, u64> {
        (**self).remove_expired(now, keep_revoked)
    }
    fn is_shared(&self) -> bool {
        (**self).is_shared()
    }
    fn listen(&self, listener: RevocationListener) -> Option<RevocationSubscription> {
        (**self).listen(listener)
    }
}

/// A callback for a store to call when a session may have been revoked.
pub type RevocationListener = Arc<dyn Fn() + Send + Sync>;

/// A guard: dropping it cancels the subscription.
pub type RevocationSubscription = Box<dyn fmt::Debug + Send>;

/// A request to replace a verified refresh token with its successor.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Rotation {
    /// The token's `sid` claim.
    pub session: String,
    /// The token's `jti` claim.
    pub presented: String,
    /// The new token, used if the presented one is current.
    pub successor: RefreshTicket,
    /// A fingerprint of the user's current password hash.
    pub security_stamp: String,
    /// The time after a rotation during which the previous token still returns its successor.
    pub grace: Duration,
    /// The caller's time.
    pub now: Timestamp,
}

impl Rotation {
    /// Creates a rotation of the token `presented` to `successor`.
    #[must_use]
    pub fn new(
        session: String,
        presented: String,
        successor: RefreshTicket,
        security_stamp: String,
        grace: Duration,
        now: Timestamp,
    ) -> Self {
        Self { session, presented, successor, security_stamp, grace, now }
    }
}

/// The outcome of a rotation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RotationOutcome {
    /// The token was rotated; this successor is the current token.
    Rotated(RefreshTicket),
    /// Nothing changed: the token was rotated within the grace period, and this is the current token.
    Current(RefreshTicket),
    /// An older token was used again. The store revoked the session.
    Reused,
    /// The password has changed since the login. The store revoked the session.
    Outdated,
    /// The session does not exist.
    Unknown,
    /// The session has expired.
    Expired,
    /// The session was revoked before.
    Revoked,
}

/// The sessions that a revocation applies to.
// Exhaustive on purpose: a store must act on every target. A wildcard arm would turn a new target into a revocation that
// fails at run time; the author of a store should see it when they compile.
#[derive(Debug, Clone)]
pub enum RevokeTarget {
    /// One session, if it belongs to this user.
    Session {
        /// The owner of the session.
        user: UserId,
        /// The session's `sid`.
        session: String,
    },
    /// All sessions of a user.
    All {
        /// The owner of the sessions.
        user: UserId,
    },
    /// All sessions of a user except one.
    Others {
        /// The owner of the sessions.
        user: UserId,
        /// The `sid` of the session that stays active. A session of another user is left alone.
        kept: String,
        /// A fingerprint of the user's current password hash, for the session that stays active.
        security_stamp: String,
    },
}

/// The position from which a reader asks for revocations.
// Exhaustive on purpose: a store that misreads a cursor makes a reader miss revocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationCursor {
    /// Revocations at this time and later, by the store's clock.
    Time(Timestamp),
    /// Revocations with a higher number than this.
    Position(u64),
}

/// A batch of revoked sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RevocationBatch {
    /// The `sid` of each session.
    pub sessions: Vec<String>,
    /// The number of the store's last revocation, in this batch or before it.
    pub position: u64,
}

impl RevocationBatch {
    /// Creates a batch from the revoked sessions and the number of the store's last revocation.
    #[must_use]
    pub fn new(sessions: Vec<String>, position: u64) -> Self {
        Self { sessions, position }
    }
}
