//! URLs that keys may come from.

use ureq::http::Uri;

use crate::error::ConfigError;

/// Whether plain `http` will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Https,
    HttpToo,
}

/// Refuses a URL that keys must not be fetched from. Whoever can change the answer can sign tokens, so that only
/// `https` will do; and a URL goes into logs, so that it must not hold credentials.
pub(super) fn judge(setting: &'static str, url: &str, scheme: Scheme) -> Result<(), ConfigError> {
    let refuse = |reason| Err(ConfigError::Url { setting, reason });
    let Ok(uri) = url.parse::<Uri>() else {
        return refuse("it cannot be read; write it as `https://host/path`");
    };
    match (uri.scheme_str(), scheme) {
        (Some("https"), _) | (Some("http"), Scheme::HttpToo) => {}
        _ => return refuse("it is not `https`; for local development there is `allow_plain_http()`"),
    }
    match uri.authority() {
        Some(authority) if authority.as_str().contains('@') => refuse("it holds credentials"),
        Some(authority) if !authority.host().is_empty() => Ok(()),
        _ => refuse("it names no host"),
    }
}
