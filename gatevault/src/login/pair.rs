//! What a login or a refresh hands out.

use std::fmt;
use std::time::Duration;

use serde::ser::{Serialize, SerializeStruct, Serializer};

/// A new access token and the refresh token to go on with; serialises to the answer of RFC 6749 section 5.1.
///
/// `Debug` shows neither token.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenPair {
    /// Opens guarded functions. Keep it in memory.
    pub access_token: String,
    /// Is exchanged for the next pair. Keep it in an `HttpOnly` cookie.
    pub refresh_token: String,
    /// Always `bearer`.
    pub token_type: &'static str,
    /// How long the access token lives; whole seconds when serialised.
    pub expires_in: Duration,
}

impl TokenPair {
    pub(super) fn bearer(access_token: String, refresh_token: String, expires_in: Duration) -> Self {
        Self { access_token, refresh_token, token_type: "bearer", expires_in }
    }
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
