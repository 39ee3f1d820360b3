//! A session as stores keep it and as its user sees it.

use std::fmt;

use crate::claims::UserId;
use crate::clock::Timestamp;

/// A session that begins: what a [`SessionStore`](crate::SessionStore) is to remember.
///
/// Nothing of it opens anything: the tokens are signed, and no part of a signature is here.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NewSession {
    /// The `sid`: a `UUIDv4` as a text.
    pub id: String,
    /// Whose session it is.
    pub user: UserId,
    /// What the user calls it by, such as the name of a device.
    pub label: Option<String>,
    /// When the user logged in.
    pub authenticated_at: Timestamp,
    /// When it is over, however often it is refreshed.
    pub expires_at: Timestamp,
    /// The first refresh token.
    pub ticket: RefreshTicket,
    /// What the user's password is recognised by: a refresh under another one is refused.
    pub security_stamp: String,
    /// The stamp that the user's sessions have so far, where this login has hashed the password anew: they are to have
    /// the new one, for it is the same password.
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

/// A refresh token as stores know it. Whoever holds the signing key can make the token of it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshTicket {
    /// The `jti`: a `UUIDv4` as a text.
    pub id: String,
    /// The `iat`.
    pub issued_at: Timestamp,
    /// The `exp`.
    pub expires_at: Timestamp,
}

impl RefreshTicket {
    /// A ticket as a store has kept it.
    #[must_use]
    pub fn new(id: String, issued_at: Timestamp, expires_at: Timestamp) -> Self {
        Self { id, issued_at, expires_at }
    }
}

/// A session as its user sees it in a list.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Session {
    /// The `sid`; what ends it is [`revoke`](crate::OAuthHandler::revoke).
    pub id: String,
    /// What it was called at the login.
    pub label: Option<String>,
    /// When the user logged in.
    pub authenticated_at: Timestamp,
    /// When it was refreshed last, or began.
    pub refreshed_at: Timestamp,
    /// When it is over if it is not refreshed.
    pub expires_at: Timestamp,
}

impl Session {
    /// A session as a store has kept it.
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

/// The label is whatever somebody typed, so it is escaped.
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
