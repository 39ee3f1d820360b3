//! The arguments and results of the methods of a session store.

use std::time::Duration;

use super::{ActiveSession, RefreshTicket, Revocation, SessionDetails};
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

/// A request to write a new authentication into an active session and to rotate its refresh token.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StepUp {
    /// The `sid` of the session.
    pub session: String,
    /// The pool that the session must belong to.
    pub pool: Option<String>,
    /// The user that the session must belong to.
    pub user: UserId,
    /// The new refresh token.
    pub successor: RefreshTicket,
    /// A fingerprint of the user's current password hash.
    pub security_stamp: String,
    /// The class of the authentication, the `acr` claim, which replaces that of the session.
    pub acr: Option<String>,
    /// The methods of the authentication, the `amr` claim, which replace those of the session.
    pub amr: Vec<String>,
    /// The caller's time, which becomes the time of the authentication.
    pub now: Timestamp,
}

impl StepUp {
    /// Creates a request for a session in no pool, with neither a class nor methods.
    #[must_use]
    pub fn new(
        session: String,
        user: UserId,
        successor: RefreshTicket,
        security_stamp: String,
        now: Timestamp,
    ) -> Self {
        Self { session, pool: None, user, successor, security_stamp, acr: None, amr: Vec::new(), now }
    }
}

/// A request for one active session.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FindSession {
    /// The `sid` of the session.
    pub session: String,
    /// The pool that the session must belong to.
    pub pool: Option<String>,
    /// The caller's time.
    pub now: Timestamp,
}

impl FindSession {
    /// Creates a request for a session in no pool.
    #[must_use]
    pub fn new(session: String, now: Timestamp) -> Self {
        Self { session, pool: None, now }
    }
}

/// An active session, as a store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredSession {
    /// The owner of the session.
    pub user: UserId,
    /// The label given at the beginning.
    pub label: Option<String>,
    /// The end of the session's lifetime.
    pub expires_at: Timestamp,
    /// The current refresh token.
    pub ticket: RefreshTicket,
    /// The details, as the store has kept them.
    pub details: SessionDetails,
}

impl StoredSession {
    /// Creates it from the values that a store has kept.
    #[must_use]
    pub fn new(
        user: UserId,
        label: Option<String>,
        expires_at: Timestamp,
        ticket: RefreshTicket,
        details: SessionDetails,
    ) -> Self {
        Self { user, label, expires_at, ticket, details }
    }
}

/// A request to spend a token that may be used once.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SpendToken {
    /// The token's `jti`: a UUID in its string form, of version 4 or 8.
    pub id: String,
    /// The token's `exp`, without a leeway.
    pub expires_at: Timestamp,
    /// The caller's time.
    pub now: Timestamp,
}

impl SpendToken {
    /// Creates a request.
    #[must_use]
    pub fn new(id: String, expires_at: Timestamp, now: Timestamp) -> Self {
        Self { id, expires_at, now }
    }

    /// The time after the token's expiry for which a store keeps the id: an hour longer than a token may be accepted, since the
    /// clocks of two callers may differ.
    pub(crate) const KEPT_FOR: Duration = Revocation::LONGEST_LEEWAY.saturating_add(Duration::from_hours(1));
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
    /// The session with this `sid`, of any kind, if it belongs to the user.
    One(String),
    /// All sessions of the user, those of API keys too.
    All,
    /// All sessions of the kind [`Login`](super::SessionKind::Login).
    Logins,
    /// All sessions of the kind [`Login`](super::SessionKind::Login) except one.
    Others {
        /// The `sid` of the session that stays active. A session of another user is left alone.
        kept: String,
        /// A fingerprint of the user's current password hash, for the session that stays active. A session of another kind
        /// keeps its own.
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
