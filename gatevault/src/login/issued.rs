//! Tokens as a login or refresh issues them, and a refresh token as it comes back.

use std::fmt;
use std::time::Duration;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::claims::{RequestedScopes, UserId};
use crate::clock::Timestamp;
use crate::event::Event;
use crate::session::SessionDetails;

/// An access token and the refresh token for the next pair. Serializes to the response of RFC 6749 section 5.1.
///
/// `Debug` shows neither token.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenPair {
    /// The token that opens guarded functions. Keep it in memory.
    pub access_token: String,
    /// The token that is exchanged for the next pair. Keep it in an `HttpOnly` cookie.
    pub refresh_token: String,
    /// Always `bearer`.
    pub token_type: &'static str,
    /// The lifetime of the access token, serialized in whole seconds.
    pub expires_in: Duration,
    /// The `jti` of the access token.
    pub(super) access_token_id: String,
    pub(crate) cookies: CookieFacts,
}

/// The facts that the routes need to send a pair of tokens as cookies.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct CookieFacts {
    pub(crate) csrf_subject: String,
    /// The time until the refresh token expires, which the end of its session may cut short.
    pub(crate) refresh_expires_in: Duration,
    /// False if the cookies expire with the browser.
    pub(crate) is_persistent: bool,
}

/// A refresh token whose signature and claims were verified.
pub(crate) struct VerifiedRefreshToken {
    pub(super) user: UserId,
    pub(super) token_id: String,
    pub(super) issued_at: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) login: LoginFacts,
    /// The subject of the CSRF token that a request with this refresh token must echo.
    pub(crate) csrf_subject: String,
}

impl VerifiedRefreshToken {
    /// Returns the event with the token's user, id and session.
    pub(crate) fn named_in(&self, event: Event) -> Event {
        Event {
            session_id: self.login.session.clone(),
            ..event.of_user(&self.user).with_token_id(&*self.token_id)
        }
    }
}

/// The session of a login, as its tokens describe it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct LoginFacts {
    /// The `sid`. `None` if the handler keeps no sessions.
    pub(super) session: Option<String>,
    pub(super) details: SessionDetails,
    /// The scopes that the client requests for the next access token.
    pub(super) requested: Option<RequestedScopes>,
}

impl LoginFacts {
    /// Creates the facts for access tokens with the scopes of the session.
    pub(super) fn new(session: Option<String>, details: SessionDetails) -> Self {
        Self { session, details, requested: None }
    }

    /// Returns the session id, or a text that names the user if no sessions are kept.
    pub(super) fn csrf_subject(&self, pool: Option<&str>, user: &UserId) -> String {
        csrf_subject(self.session.as_deref(), pool, user)
    }
}

/// Returns the subject of CSRF tokens: the session id, or a text that names the user if no sessions are kept.
pub(crate) fn csrf_subject(session: Option<&str>, pool: Option<&str>, user: &UserId) -> String {
    let of_user = || match pool {
        Some(pool) => format!("user:{pool:?}:{user:?}"),
        None => format!("user:{user:?}"),
    };
    session.map_or_else(of_user, str::to_owned)
}

impl Serialize for TokenPair {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pair = serializer.serialize_struct("TokenPair", 4)?;
        pair.serialize_field("access_token", &self.access_token)?;
        pair.serialize_field("refresh_token", &self.refresh_token)?;
        pair.serialize_field("token_type", self.token_type)?;
        pair.serialize_field("expires_in", &self.expires_in.as_secs())?;
        pair.end()
    }
}

impl fmt::Debug for TokenPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenPair")
            .field("token_type", &self.token_type)
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}
