//! Where an issuer's key set is, and what makes an answer one.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;

use super::super::JwkSet;
use super::address::{self, Scheme};
use crate::error::{BoxError, ConfigError};

/// Gets the text behind a URL.
pub(super) type Fetch = dyn FnMut(&str) -> Result<String, BoxError> + Send;

/// Where the key set is said to be.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// At this URL.
    Jwks(String),
    /// Where the configuration of this issuer says (`OpenID` Connect Discovery 1.0 section 4).
    Issuer(String),
}

impl Source {
    /// Refuses a source that must not be fetched from.
    pub(super) fn judge(&self, scheme: Scheme) -> Result<(), ConfigError> {
        match self {
            Self::Jwks(url) => address::judge("jwks", url, scheme),
            Self::Issuer(issuer) => address::judge("discover", issuer, scheme),
        }
    }

    /// The URL that was configured, for logs.
    pub(super) fn url(&self) -> &str {
        match self {
            Self::Jwks(url) | Self::Issuer(url) => url,
        }
    }

    /// Fetches the keys as they are now.
    pub(super) fn read(&self, scheme: Scheme, fetch: &mut Fetch) -> Result<JwkSet, BoxError> {
        let set = match self {
            Self::Jwks(url) => get(fetch, url)?,
            Self::Issuer(issuer) => {
                let configuration = get(fetch, &configuration_url(issuer))?;
                let url = jwks_uri(issuer, &configuration)?;
                address::judge("jwks_uri", &url, scheme)?;
                get(fetch, &url)?
            }
        };
        Ok(JwkSet::from_json(&set)?)
    }
}

/// Fetches one text. The code of others may panic, and the thread that keys depend on must outlive that.
fn get(fetch: &mut Fetch, url: &str) -> Result<String, BoxError> {
    let fetched = catch_unwind(AssertUnwindSafe(|| fetch(url)));
    let text = fetched.unwrap_or_else(|_| Err("the fetch panicked".into()))?;
    let is_bounded = u64::try_from(text.len()).is_ok_and(|bytes| bytes <= MOST_BYTES);
    if is_bounded { Ok(text) } else { Err("the answer is too long".into()) }
}

/// Where the issuer's configuration is: a slash at the end of its name is not doubled (section 4.1).
fn configuration_url(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.strip_suffix('/').unwrap_or(issuer))
}

/// The URL of the key set, out of a configuration that is this very issuer's: another's would let it sign for
/// this one (section 4.3).
fn jwks_uri(issuer: &str, configuration: &str) -> Result<String, BoxError> {
    let configuration: Value = serde_json::from_str(configuration)?;
    if configuration.get("issuer").and_then(Value::as_str) != Some(issuer) {
        return Err("the configuration does not name the issuer exactly as `discover` does".into());
    }
    let url = configuration.get("jwks_uri").and_then(Value::as_str);
    url.map(str::to_owned).ok_or_else(|| "the configuration has no `jwks_uri`".into())
}

/// The longest answer that is read, in bytes. A set of a hundred RSA keys with their certificates is a fifth of it.
pub(super) const MOST_BYTES: u64 = 1024 * 1024;
