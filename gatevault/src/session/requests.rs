//! The arguments and results of the methods of a session store.

use std::time::Duration;

use super::{ActiveSession, RefreshTicket};
use crate::claims::UserId;
use crate::clock::Timestamp;

/// A request to replace a verified refresh token with its successor.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Rotation {
    /// The token's `sid` claim.
    pub session: String,
    /// The pool that the session must belong to.
    pub pool: Option<String>,
    /// The token's `jti` claim.
    pub presented: String,
    /// The new token, used if the presented one is current.
    pub successor: RefreshTicket,
    /// A fingerprint of the user's current password hash.
    pub security_stamp: String,
    /// The time after a rotation during which the previous token still returns its successor, unless the session has its own.
    pub grace: Duration,
    /// The caller's time.
    pub now: Timestamp,
}

impl Rotation {
    /// Creates a rotation of the token `presented` to `successor`, in no pool.
    #[must_use]
    pub fn new(
        session: String,
        presented: String,
        successor: RefreshTicket,
        security_stamp: String,
        grace: Duration,
        now: Timestamp,
    ) -> Self {
        Self { session, pool: None, presented, successor, security_stamp, grace, now }
    }
}

/// The outcome of a rotation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RotationOutcome {
    /// The token was rotated; the session's ticket is the successor.
    Rotated(ActiveSession),
    /// Nothing changed: the token was rotated within the grace period, and the session's ticket is the current token.
    Current(ActiveSession),
    /// An older token was used again. The store revoked the session.
    Reused,
    /// The password has changed since the login. The store revoked the session.
    Outdated,
    /// The session does not exist, or belongs to another pool.
    Unknown,
    /// The session has expired.
    Expired,
    /// The session was revoked before.
    Revoked,
}

/// A request to revoke sessions of a user.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RevokeSessions {
    /// The pool of the user.
    pub pool: Option<String>,
    /// The owner of the sessions.
    pub user: UserId,
    /// The sessions that the request applies to.
    pub target: RevokeTarget,
    /// The caller's time. Stores with their own clock ignore it.
    pub now: Timestamp,
}

impl RevokeSessions {
    /// Creates a request for a user without a pool.
    #[must_use]
    pub fn new(user: UserId, target: RevokeTarget, now: Timestamp) -> Self {
        Self { pool: None, user, target, now }
    }
}

/// The sessions that a revocation applies to.
// Exhaustive on purpose: a store must act on every target. A wildcard arm would turn a new target into a revocation that
// fails at run time; the author of a store should see it when they compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RevokeTarget {
    /// The session with this `sid`, if it belongs to the user.
    One(String),
    /// All sessions of the user.
    All,
    /// All sessions of the user except one.
    Others {
        /// The `sid` of the session that stays active. A session of another user is left alone.
        kept: String,
        /// A fingerprint of the user's current password hash, for the session that stays active.
        security_stamp: String,
    },
}

/// A request for the active sessions of a user.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ListSessions {
    /// The pool of the user.
    pub pool: Option<String>,
    /// The owner of the sessions.
    pub user: UserId,
    /// The caller's time.
    pub now: Timestamp,
}

impl ListSessions {
    /// Creates a request for a user without a pool.
    #[must_use]
    pub fn new(user: UserId, now: Timestamp) -> Self {
        Self { pool: None, user, now }
    }
}

/// A request to remove what is no longer needed.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct RemoveExpired {
    /// The caller's time.
    pub now: Timestamp,
    /// The time for which a revocation is kept, from the time at which it was recorded.
    pub keep_revoked: Duration,
}

impl RemoveExpired {
    /// Creates a request.
    #[must_use]
    pub fn new(now: Timestamp, keep_revoked: Duration) -> Self {
        Self { now, keep_revoked }
    }
}
