//! API keys: as they are created, as their users see them in a list, and the tokens that they are exchanged for.

use std::fmt;
use std::time::Duration;

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use crate::clock::Timestamp;
use crate::session::{Session, SessionKind};

/// A new API key. Show its text to the user now: only a digest of it is stored.
///
/// `Debug` does not show the key.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewApiKey {
    /// The text of the key.
    pub key: String,
    /// The id in the list of the user's keys, which [`OAuthHandler::revoke`](crate::OAuthHandler::revoke) takes. It is no secret.
    pub id: String,
    /// The end of the key's lifetime.
    pub expires_at: Timestamp,
}

/// An API key as its user sees it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiKey {
    /// The id, which [`OAuthHandler::revoke`](crate::OAuthHandler::revoke) takes: the `sid` claim of the key's tokens.
    pub id: String,
    /// The name given at its creation.
    pub name: String,
    /// The scopes to which the key is limited. Empty: no limit.
    pub scopes: Vec<String>,
    /// The time of its creation.
    pub created_at: Timestamp,
    /// The end of its lifetime.
    pub expires_at: Timestamp,
}

/// A choice of what happens to the API keys of a user who is logged out everywhere.
// Exhaustive on purpose: a caller chooses one of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ApiKeys {
    /// The keys end too, as after the theft of an account.
    End,
    /// The keys stay valid: scripts continue to run.
    Keep,
}

/// An access token that an API key was exchanged for. Serializes to a response of RFC 6749 section 5.1.
///
/// `Debug` does not show the token.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyToken {
    /// The token that opens guarded functions.
    pub access_token: String,
    /// Always `bearer`.
    pub token_type: &'static str,
    /// The lifetime of the token, serialized in whole seconds.
    pub expires_in: Duration,
    /// The `jti` of the token.
    pub(crate) access_token_id: String,
}

impl ApiKey {
    /// Returns the key of a session, or `None` for the session of a login.
    pub(super) fn of_session(session: Session) -> Option<Self> {
        let Session { id, label, authenticated_at, expires_at, details, .. } = session;
        let name = label.unwrap_or_default();
        let key = Self { id, name, scopes: details.scopes, created_at: authenticated_at, expires_at };
        (details.kind == SessionKind::Key).then_some(key)
    }
}

impl fmt::Debug for NewApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewApiKey")
            .field("id", &self.id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl Serialize for KeyToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut token = serializer.serialize_struct("KeyToken", 3)?;
        token.serialize_field("access_token", &self.access_token)?;
        token.serialize_field("token_type", self.token_type)?;
        token.serialize_field("expires_in", &self.expires_in.as_secs())?;
        token.end()
    }
}

impl fmt::Debug for KeyToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyToken").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}
