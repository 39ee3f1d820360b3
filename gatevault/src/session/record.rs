//! Sessions, as a login opens them, as stores keep them, and as their users see them.

use std::fmt;
use std::time::Duration;

use crate::claims::UserId;
use crate::clock::Timestamp;

/// A new session, for a [`SessionStore`](crate::SessionStore) to keep.
///
/// It contains no secret: the tokens are signed, and no part of a signature is in it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NewSession {
    /// The `sid` claim: a `UUIDv4` in its string form.
    pub id: String,
    /// The user the session belongs to.
    pub user: UserId,
    /// A name that the user recognizes the session by, such as the name of a device.
    pub label: Option<String>,
    /// The time of the login.
    pub authenticated_at: Timestamp,
    /// The end of the session's lifetime, which no refresh extends.
    pub expires_at: Timestamp,
    /// The first refresh token.
    pub ticket: RefreshTicket,
    /// A fingerprint of the user's password hash. A refresh under a different stamp is denied.
    pub security_stamp: String,
    /// The stamp that the user's other sessions have, if this login rehashed the password. The password is the same, so
    /// the store gives those sessions the new stamp.
    pub previous_security_stamp: Option<String>,
}

impl NewSession {
    /// Creates a session without a label and without a previous security stamp.
    #[must_use]
    pub fn new(
        id: String,
        user: UserId,
        authenticated_at: Timestamp,
        expires_at: Timestamp,
        ticket: RefreshTicket,
        security_stamp: String,
    ) -> Self {
        let (label, previous_security_stamp) = (None, None);
        Self {
            id,
            user,
            label,
            authenticated_at,
            expires_at,
            ticket,
            security_stamp,
            previous_security_stamp,
        }
    }
}

/// A refresh token as stores know it: its id and its times.
///
/// Creating the token from it takes the signing key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefreshTicket {
    /// The `jti` claim: a `UUIDv4` in its string form.
    pub id: String,
    /// The `iat` claim.
    pub issued_at: Timestamp,
    /// The `exp` claim.
    pub expires_at: Timestamp,
}

impl RefreshTicket {
    /// Creates a ticket from the values that a store has kept.
    #[must_use]
    pub fn new(id: String, issued_at: Timestamp, expires_at: Timestamp) -> Self {
        Self { id, issued_at, expires_at }
    }
}

/// A session as a store has it when a refresh token is presented.
#[derive(Debug)]
pub(crate) struct SessionRecord {
    pub(crate) current: RefreshTicket,
    /// The `jti` of the token before the current one.
    pub(crate) previous: Option<String>,
    /// The time between the last rotation and now, in either direction: clocks can be set back.
    pub(crate) since_rotation: Duration,
    pub(crate) security_stamp: String,
    pub(crate) expires_at: Timestamp,
    pub(crate) is_revoked: bool,
}

/// A session as its user sees it in a list.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Session {
    /// The `sid` claim, which [`OAuthHandler::revoke`](crate::OAuthHandler::revoke) takes.
    pub id: String,
    /// The label given at the login.
    pub label: Option<String>,
    /// The time of the login.
    pub authenticated_at: Timestamp,
    /// The time of the last refresh, or of the login.
    pub refreshed_at: Timestamp,
    /// The time at which the session ends unless it is refreshed.
    pub expires_at: Timestamp,
}

impl Session {
    /// Creates a list entry from the values that a store has kept.
    #[must_use]
    pub fn new(
        id: String,
        label: Option<String>,
        authenticated_at: Timestamp,
        ticket: &RefreshTicket,
    ) -> Self {
        let (refreshed_at, expires_at) = (ticket.issued_at, ticket.expires_at);
        Self { id, label, authenticated_at, refreshed_at, expires_at }
    }
}

/// Escapes the label, which is user input.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("id", &self.id)
            .field("label", &self.label)
            .field("authenticated_at", &self.authenticated_at)
            .field("refreshed_at", &self.refreshed_at)
            .field("expires_at", &self.expires_at)
            .finish()
    }
}
