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
    /// The pool of the user, if the handler has one. Users of two pools with one id are two users.
    pub pool: Option<String>,
    /// The user the session belongs to.
    pub user: UserId,
    /// A name that the user recognizes the session by, such as the name of a device.
    pub label: Option<String>,
    /// The end of the session's lifetime, which no refresh extends.
    pub expires_at: Timestamp,
    /// The first refresh token.
    pub ticket: RefreshTicket,
    /// A fingerprint of the user's password hash. A refresh under a different stamp is denied.
    pub security_stamp: String,
    /// The stamp that the user's other sessions have, if this login rehashed the password. The password is the same, so
    /// the store gives those sessions the new stamp.
    pub previous_security_stamp: Option<String>,
    /// The number of active sessions that the user may have. The oldest ones above it end.
    pub limit: Option<usize>,
    /// The details, which the store keeps and returns unchanged.
    pub details: SessionDetails,
}

impl NewSession {
    /// Creates a session without a pool, a label, a previous security stamp and a limit.
    #[must_use]
    pub fn new(
        id: String,
        user: UserId,
        expires_at: Timestamp,
        ticket: RefreshTicket,
        security_stamp: String,
        details: SessionDetails,
    ) -> Self {
        let (pool, label, previous_security_stamp, limit) = (None, None, None, None);
        Self {
            id,
            pool,
            user,
            label,
            expires_at,
            ticket,
            security_stamp,
            previous_security_stamp,
            limit,
            details,
        }
    }
}

/// A kind of session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum SessionKind {
    /// The session of a login. It counts towards the limit of sessions.
    #[default]
    Login,
    /// The session of an API key. It does not count towards the limit, which never ends it.
    Key,
}

impl SessionKind {
    /// Returns the name, for a store to keep.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Key => "key",
        }
    }

    /// Returns the kind with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Login, Self::Key].into_iter().find(|kind| kind.name() == name)
    }
}

/// The details of a session, which a store keeps with it and returns unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionDetails {
    /// The kind.
    pub kind: SessionKind,
    /// The time of the login, the `auth_time` claim.
    pub authenticated_at: Timestamp,
    /// The class of the authentication, the `acr` claim.
    pub acr: Option<String>,
    /// The methods of the authentication, the `amr` claim (RFC 8176).
    pub amr: Vec<String>,
    /// The scopes to which the session is limited. Empty: no limit.
    pub scopes: Vec<String>,
    /// Set if the session outlives the browser that it began in.
    pub is_persistent: bool,
    /// The lifetime of each refresh token of this session, if it has its own.
    pub refresh_lifetime: Option<Duration>,
    /// The grace of this session, if it has its own.
    pub grace: Option<Duration>,
}

impl SessionDetails {
    /// Creates the details of a persistent login, with nothing of its own.
    #[must_use]
    pub fn new(authenticated_at: Timestamp) -> Self {
        Self {
            kind: SessionKind::Login,
            authenticated_at,
            acr: None,
            amr: Vec::new(),
            scopes: Vec::new(),
            is_persistent: true,
            refresh_lifetime: None,
            grace: None,
        }
    }

    /// Returns the ticket of a successor: with the session's own lifetime, if it has one, and no later than the session.
    pub(crate) fn successor(&self, successor: RefreshTicket, session_expires_at: Timestamp) -> RefreshTicket {
        let own = self.refresh_lifetime.map(|lifetime| successor.issued_at.after(lifetime));
        let expires_at = own.unwrap_or(successor.expires_at).min(session_expires_at);
        RefreshTicket { expires_at, ..successor }
    }
}

/// A refresh token as stores know it: its id and its times.
///
/// Creating the token from it takes the signing key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefreshTicket {
    /// The `jti` claim: a `UUIDv4` in its string form. For an API key, the digest of its text: 43 characters of base64url.
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

/// An active session at a refresh: its current refresh token and its details.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActiveSession {
    /// The current refresh token.
    pub ticket: RefreshTicket,
    /// The details, as the store has kept them.
    pub details: SessionDetails,
}

impl ActiveSession {
    /// Creates it from the values that a store has kept.
    #[must_use]
    pub fn new(ticket: RefreshTicket, details: SessionDetails) -> Self {
        Self { ticket, details }
    }
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
    /// The details, as the store has kept them.
    pub details: SessionDetails,
}

impl Session {
    /// Creates a list entry from the values that a store has kept.
    #[must_use]
    pub fn new(id: String, label: Option<String>, ticket: &RefreshTicket, details: SessionDetails) -> Self {
        let (refreshed_at, expires_at) = (ticket.issued_at, ticket.expires_at);
        Self { id, label, authenticated_at: details.authenticated_at, refreshed_at, expires_at, details }
    }
}

/// Escapes the label, which is user input.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("id", &self.id)
            .field("label", &self.label)
            .field("refreshed_at", &self.refreshed_at)
            .field("expires_at", &self.expires_at)
            .field("details", &self.details)
            .finish_non_exhaustive()
    }
}
