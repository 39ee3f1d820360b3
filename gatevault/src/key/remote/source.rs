//! The location of an issuer's key set, and the steps that fetch it.

use super::super::JwkSet;
use super::discovery;
use super::failure::FetchFailure;
use super::transport::Transport;
use super::url::{self, SchemePolicy};
use crate::error::ConfigError;

/// The location of a key set.
#[derive(Debug, Clone)]
pub(super) enum KeySetSource {
    /// The URL of the key set.
    Jwks(String),
    /// An issuer whose configuration names the URL.
    Issuer(String),
}

impl KeySetSource {
    /// Validates the configured URL.
    pub(super) fn validate(&self, schemes: SchemePolicy) -> Result<(), ConfigError> {
        match self {
            Self::Jwks(url) => url::validate("jwks", url, schemes),
            Self::Issuer(issuer) => url::validate_issuer("discover", issuer, schemes),
        }
    }

    /// Returns the configured URL, for logs.
    pub(super) fn url(&self) -> &str {
        match self {
            Self::Jwks(url) | Self::Issuer(url) => url,
        }
    }

    /// Fetches the current key set.
    pub(super) fn read(
        &self,
        schemes: SchemePolicy,
        transport: &mut Transport,
    ) -> Result<JwkSet, FetchFailure> {
        let url = match self {
            Self::Jwks(url) => url.clone(),
            Self::Issuer(issuer) => discovery::key_set_url(issuer, schemes, transport)?,
        };
        let set = transport.get(&url)?;
        JwkSet::from_json(&set).map_err(|reason| FetchFailure::new(&url, reason))
    }
}
