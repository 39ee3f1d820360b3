//! The location of an issuer's key set, and the steps that fetch it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;

use super::super::JwkSet;
use super::url::{self, SchemePolicy};
use crate::error::{BoxError, ConfigError};

/// A function that returns the body of the resource at a URL.
pub(super) type Fetch = dyn FnMut(&str) -> Result<String, BoxError> + Send;

/// The location of a key set.
#[derive(Debug, Clone)]
pub(super) enum KeySetSource {
    /// The URL of the key set.
    Jwks(String),
    /// An issuer whose configuration names the URL (`OpenID` Connect Discovery 1.0 section 4).
    Issuer(String),
}

impl KeySetSource {
    /// Validates the configured URL.
    pub(super) fn validate(&self, schemes: SchemePolicy) -> Result<(), ConfigError> {
        match self {
            Self::Jwks(url) => url::validate("jwks", url, schemes),
            Self::Issuer(issuer) => url::validate("discover", issuer, schemes),
        }
    }

    /// Returns the configured URL, for logs.
    pub(super) fn url(&self) -> &str {
        match self {
            Self::Jwks(url) | Self::Issuer(url) => url,
        }
    }

    /// Fetches the current key set.
    pub(super) fn read(&self, schemes: SchemePolicy, fetch: &mut Fetch) -> Result<JwkSet, BoxError> {
        let set = match self {
            Self::Jwks(url) => get(fetch, url)?,
            Self::Issuer(issuer) => {
                let configuration = get(fetch, &configuration_url(issuer))?;
                let url = jwks_uri(issuer, &configuration)?;
                url::validate("jwks_uri", &url, schemes)?;
                get(fetch, &url)?
            }
        };
        Ok(JwkSet::from_json(&set)?)
    }
}

/// Fetches one document. A panic in the caller's `fetch` is caught, because the thread must survive it.
fn get(fetch: &mut Fetch, url: &str) -> Result<String, BoxError> {
    let fetched = catch_unwind(AssertUnwindSafe(|| fetch(url)));
    let text = fetched.unwrap_or_else(|_| Err("the `fetch_with` function panicked".into()))?;
    let is_bounded = u64::try_from(text.len()).is_ok_and(|bytes| bytes <= MAX_BYTES);
    if is_bounded { Ok(text) } else { Err("the response is longer than a mebibyte".into()) }
}

/// Returns the URL of the issuer's configuration. A slash at the end of the issuer is not doubled (section 4.1).
fn configuration_url(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.strip_suffix('/').unwrap_or(issuer))
}

/// Reads the URL of the key set from the issuer's configuration. The configuration must name exactly this issuer:
/// otherwise another issuer could sign tokens in its name (section 4.3).
fn jwks_uri(issuer: &str, configuration: &str) -> Result<String, BoxError> {
    let configuration: Value = serde_json::from_str(configuration)?;
    if configuration.get("issuer").and_then(Value::as_str) != Some(issuer) {
        return Err("the `issuer` in the configuration differs from the URL given to `discover`".into());
    }
    let url = configuration.get("jwks_uri").and_then(Value::as_str);
    url.map(str::to_owned).ok_or_else(|| "the configuration has no `jwks_uri`".into())
}

/// The maximum size of a response in bytes. A set of a hundred RSA keys with certificates needs a fifth of it.
pub(super) const MAX_BYTES: u64 = 1024 * 1024;
