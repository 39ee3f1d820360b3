//! URLs that keys may be fetched from.

use ureq::http::Uri;

use crate::error::ConfigError;

/// The URL schemes that are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SchemePolicy {
    /// `https` only.
    Https,
    /// Plain `http` as well, for local development.
    HttpToo,
}

/// Validates a URL that keys are fetched from.
///
/// It must be `https`: an attacker who can change the response can sign tokens. It must hold no credentials, because it
/// appears in logs.
pub(super) fn validate(setting: &'static str, url: &str, policy: SchemePolicy) -> Result<(), ConfigError> {
    let error = |reason| Err(ConfigError::Url { setting, reason });
    let Ok(uri) = url.parse::<Uri>() else {
        return error("it is not a valid URL; write it as `https://host/path`");
    };
    match (uri.scheme_str(), policy) {
        (Some("https"), _) | (Some("http"), SchemePolicy::HttpToo) => {}
        _ => return error("it is not `https`; for local development use `allow_plain_http()`"),
    }
    match uri.authority() {
        Some(authority) if authority.as_str().contains('@') => {
            error("it holds credentials; write it without them")
        }
        Some(authority) if !authority.host().is_empty() => Ok(()),
        _ => error("it has no host; write it as `https://host/path`"),
    }
}
