//! URLs that keys may be fetched from.

use std::net::IpAddr;

use ureq::http::Uri;

use crate::error::ConfigError;

/// The URL schemes that are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SchemePolicy {
    /// `https` only.
    Https,
    /// Plain `http` from this machine as well.
    LoopbackHttp,
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
        (Some("http"), SchemePolicy::LoopbackHttp) if uri.host().is_some_and(is_loopback) => {}
        (Some("http"), SchemePolicy::LoopbackHttp) => {
            return error("it is `http` from another machine; use `https`, or `http` from `localhost`");
        }
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

/// Returns whether a host is this machine. `localhost` is reserved for it.
fn is_loopback(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Validates the URL of an issuer, which has no query and no fragment (RFC 8414 section 2).
pub(super) fn validate_issuer(
    setting: &'static str,
    issuer: &str,
    policy: SchemePolicy,
) -> Result<(), ConfigError> {
    validate(setting, issuer, policy)?;
    if issuer.contains(['?', '#']) {
        let reason =
            "the URL of an issuer has no query and no fragment; for a key set use `RemoteKeys::jwks(..)`";
        return Err(ConfigError::Url { setting, reason });
    }
    Ok(())
}

/// Returns whether two URLs have the same scheme, host and port.
pub(super) fn is_same_origin(one: &str, other: &str) -> bool {
    let origin = |url: &str| {
        let uri = url.parse::<Uri>().ok()?;
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        let default_port = if scheme == "https" { 443 } else { 80 };
        let host = uri.host()?.to_ascii_lowercase();
        Some((scheme, host, uri.port_u16().unwrap_or(default_port)))
    };
    origin(one).is_some_and(|one| Some(one) == origin(other))
}

#[cfg(test)]
mod tests {
    use super::{SchemePolicy, is_same_origin, validate};

    #[test]
    fn plain_http_is_for_this_machine_or_any_or_none() {
        let allowed = |url, policy| validate("test", url, policy).is_ok();
        for url in
            ["http://localhost", "http://LOCALHOST:8080/a", "http://127.0.0.2:1/", "http://[::1]:8080/a"]
        {
            assert!(allowed(url, SchemePolicy::LoopbackHttp) && allowed(url, SchemePolicy::HttpToo), "{url}");
            assert!(!allowed(url, SchemePolicy::Https), "{url}");
        }
        for url in [
            "http://id.example",
            "http://localhost.evil.example",
            "http://127.0.0.1.evil.example/",
            "http://evil.example/localhost",
            "http://evil.example#localhost",
            "http://localhost@evil.example/",
            "http://[2001:db8::1]/",
            "http://10.0.0.1/",
            "ftp://localhost/",
        ] {
            assert!(!allowed(url, SchemePolicy::LoopbackHttp) && !allowed(url, SchemePolicy::Https), "{url}");
        }
        assert!(allowed("https://id.example", SchemePolicy::LoopbackHttp));
    }

    #[test]
    fn an_origin_is_a_scheme_a_host_and_a_port() {
        let home = "https://id.example/realms/shop";
        for same in ["https://id.example/certs", "https://ID.example:443/", "HTTPS://id.example?a=b"] {
            assert!(is_same_origin(home, same), "{same}");
        }
        for other in [
            "http://id.example/certs",
            "https://id.example:8443/certs",
            "https://id.example.evil/certs",
            "https://keys.id.example/certs",
            "https://evil/id.example",
            "https://evil/https://id.example/",
            "/certs",
            "",
        ] {
            assert!(!is_same_origin(home, other), "{other}");
        }
        assert!(!is_same_origin("", ""));
        assert!(is_same_origin("http://[::1]/a", "http://[::1]:80/b"));
    }
}
