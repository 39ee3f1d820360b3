//! What a place that keeps sessions must do.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{NewSession, RefreshTicket, Session};
use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::future::StoreFuture;

/// Keeps sessions: [`MemorySessions`](crate::MemorySessions), or by feature `SqliteSessions`, `PostgresSessions` and
/// `RedisSessions`; or a store of your own.
///
/// # Security
///
/// Each method is atomic: it happens as a whole or not at all, whatever else happens at the same time, and also when its
/// future is dropped half-way. Each answers within a bounded time. An error means that it is not known whether it has
/// happened; the caller is told that it may try again.
///
/// Times come from the caller's clock, but for the grace of a rotation and the moment of an end: those are taken from the
/// one clock of the store where it has one, so that nodes whose clocks differ agree on them.
pub trait SessionStore: Send + Sync + 'static {
    /// Keeps a session that begins. Other sessions of the user whose stamp is the former one get the new one.
    fn open(&self, session: NewSession) -> StoreFuture<'_, ()>;

    /// Exchanges a refresh token of a session for its successor, if it is the current one.
    ///
    /// The outcome is decided in this order: a session that is not there is [`Unknown`](RotationOutcome::Unknown), one
    /// that has ended [`Revoked`](RotationOutcome::Revoked), one that is over [`Expired`](RotationOutcome::Expired). Then, if
    /// the stamp is another one than the session's, the session ends, and the outcome is
    /// [`Outdated`](RotationOutcome::Outdated). The current token is [rotated](RotationOutcome::Rotated): it becomes the
    /// previous one, and the successor the current one, its `expires_at` cut to the session's. The previous one, within
    /// the grace after it was rotated, leaves everything as it is and gives the
    /// [current](RotationOutcome::Current) one. Any other token is an older one: the session ends, and the outcome is
    /// [`Reused`](RotationOutcome::Reused).
    fn rotate(&self, rotation: Rotation) -> StoreFuture<'_, RotationOutcome>;

    /// Ends sessions, and says which: none that had ended before or is not there. A store with a clock of its own ignores
    /// `now`.
    fn revoke(&self, ending: RevokeTarget, now: Timestamp) -> StoreFuture<'_, Vec<String>>;

    /// The sessions of a user that go on at `now`, the one that began last first.
    fn list(&self, user: UserId, now: Timestamp) -> StoreFuture<'_, Vec<Session>>;

    /// The sessions that have ended since, by whatever cause but expiry.
    ///
    /// A store numbers its ends in the order in which they become visible, so that who has heard of one has heard of all
    /// before it, whatever the clocks say.
    fn revocations_since(&self, since: RevocationCursor) -> StoreFuture<'_, RevocationBatch>;

    /// Forgets sessions that were over at `now`, and says how many.
    fn remove_expired(&self, now: Timestamp) -> StoreFuture<'_, u64>;

    /// Whether other processes end sessions in the same store, so that a feed is needed to hear of it.
    fn is_shared(&self) -> bool;

    /// Has the listener called soon after a session has ended, until the subscription is dropped; `None` where a store has
    /// no way to tell. It is no more than a hint, which may come too often or not at all.
    fn listen(&self, listener: RevocationListener) -> Option<RevocationSubscription> {
        let _ = listener;
        None
    }
}

/// The store that it points to: what several handlers share.
impl<S: SessionStore + ?Sized> SessionStore for Arc<S> {
    fn open(&self, session: NewSession) -> StoreFuture<'_, ()> {
        (**self).open(session)
    }
    fn rotate(&self, rotation: Rotation) -> StoreFuture<'_, RotationOutcome> {
        (**self).rotate(rotation)
    }
    fn revoke(&self, ending: RevokeTarget, now: Timestamp) -> StoreFuture<'_, Vec<String>> {
        (**self).revoke(ending, now)
    }
    fn list(&self, user: UserId, now: Timestamp) -> StoreFuture<'_, Vec<Session>> {
        (**self).list(user, now)
    }
    fn revocations_since(&self, since: RevocationCursor) -> StoreFuture<'_, RevocationBatch> {
        (**self).revocations_since(since)
    }
    fn remove_expired(&self, now: Timestamp) -> StoreFuture<'_, u64> {
        (**self).remove_expired(now)
    }
    fn is_shared(&self) -> bool {
        (**self).is_shared()
    }
    fn listen(&self, listener: RevocationListener) -> Option<RevocationSubscription> {
        (**self).listen(listener)
    }
}

/// Something to call when a session may have ended.
pub type RevocationListener = Arc<dyn Fn() + Send + Sync>;

/// Ends with its drop what it stands for.
pub type RevocationSubscription = Box<dyn fmt::Debug + Send>;

/// A refresh token that was verified, and what is to come in its place.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Rotation {
    /// The `sid` of the token.
    pub session: String,
    /// The `jti` of the token.
    pub presented: String,
    /// The token to come, if the one presented is the current one.
    pub successor: RefreshTicket,
    /// What the user's password is recognised by now.
    pub security_stamp: String,
    /// For how long the previous token still gives its successor, from when that was made.
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
    /// The successor is the current token now.
    Rotated(RefreshTicket),
    /// Nothing has changed: the token was rotated a moment ago, and this is its successor.
    Current(RefreshTicket),
    /// An older token was used again, and the session has ended for it.
    Reused,
    /// The password is another one than at the login, and the session has ended for it.
    Outdated,
    /// There is no such session.
    Unknown,
    /// The session is over.
    Expired,
    /// The session had been revoked before.
    Revoked,
}

/// Which sessions are to end.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum RevokeTarget {
    /// One session, if it is of this user.
    Session {
        /// Whose it must be.
        user: UserId,
        /// Its `sid`.
        session: String,
    },
    /// Every session of a user.
    All {
        /// Whose sessions.
        user: UserId,
    },
    /// Every session of a user but one.
    Others {
        /// Whose sessions.
        user: UserId,
        /// The `sid` of the one that goes on.
        kept: String,
        /// What the user's password is recognised by now: the session that goes on gets it.
        security_stamp: String,
    },
}

/// From where on the ends of sessions are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RevocationCursor {
    /// From a moment on, by the store's clock.
    Time(Timestamp),
    /// Behind the last one that was heard of.
    Position(u64),
}

/// Sessions that have ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RevocationBatch {
    /// Each `sid`.
    pub sessions: Vec<String>,
    /// The number of the last end that the store has seen, these or earlier ones.
    pub position: u64,
}

impl RevocationBatch {
    /// Sessions that have ended, and the number of the last end.
    #[must_use]
    pub fn new(sessions: Vec<String>, position: u64) -> Self {
        Self { sessions, position }
    }
}
