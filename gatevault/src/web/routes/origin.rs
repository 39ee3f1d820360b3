//! Origins of pages (RFC 6454), as the header `Origin` and the settings name them.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use crate::web::HttpRequest;

/// An origin: a scheme, a host and a port, in lower case and without the default port of the scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::web) struct Origin {
    scheme: String,
    host: String,
    port: Option<u16>,
}

impl Origin {
    /// Parses an origin. `null`, the origin of pages without one, is none.
    pub(in crate::web) fn parse(origin: &str) -> Option<Self> {
        let (scheme, authority) = origin.split_once("://")?;
        let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
        let scheme = Some(scheme.to_ascii_lowercase()).filter(|_| is_scheme)?;
        let (host, port) = host_and_port(authority, default_port(&scheme))?;
        Some(Self { scheme, host, port })
    }

    /// Returns the origin of the page that sent a request, or `None` if the header is missing, malformed, there several times,
    /// or `null`.
    pub(super) fn of(request: &HttpRequest) -> Option<Self> {
        request.header("origin").and_then(Self::parse)
    }

    /// Returns whether a page of this origin calls its own server, which the request names as `host`.
    ///
    /// The scheme is not compared, since a proxy may have removed TLS.
    pub(in crate::web) fn is_at(&self, host: &str) -> bool {
        let Some(default) = default_port(&self.scheme) else { return false };
        let own = host_and_port(host, Some(default));
        own.is_some_and(|(host, port)| host == self.host && port == self.port)
    }

    /// Returns whether browsers drop cookies that are `Secure` at this origin: http, but not on the machine itself.
    pub(in crate::web) fn is_plain_http(&self) -> bool {
        self.scheme == "http" && !self.is_own_machine()
    }

    fn is_own_machine(&self) -> bool {
        let host = self.host.trim_matches(['[', ']']);
        host == "localhost"
            || host.ends_with(".localhost")
            || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

/// Splits `host[:port]`, and removes the default port.
fn host_and_port(authority: &str, default: Option<u16>) -> Option<(String, Option<u16>)> {
    let end = authority.rfind(']').map_or(0, |end| end.saturating_add(1));
    let colon = authority.get(end..)?.find(':');
    let (host, port) = match colon {
        Some(colon) => {
            let (host, port) = authority.split_at_checked(end.checked_add(colon)?)?;
            let port =
                port.strip_prefix(':').filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()))?;
            (host, Some(port.parse().ok()?))
        }
        None => (authority, None),
    };
    Some((canonical_host(host)?, port.filter(|port| Some(*port) != default)))
}

/// Returns a name or an address in lower case, an IPv6 address in its canonical form.
fn canonical_host(host: &str) -> Option<String> {
    if let Some(address) = host.strip_prefix('[') {
        let address: Ipv6Addr = address.strip_suffix(']')?.parse().ok()?;
        return Some(format!("[{address}]"));
    }
    let is_name_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    (!host.is_empty() && host.bytes().all(is_name_byte)).then(|| host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_a_host_and_a_port_and_nothing_more() {
        for origin in [
            "https://app.example",
            "http://localhost:3000",
            "https://[2001:db8::1]:8443",
            "https://192.0.2.1",
            "capacitor://localhost",
            "https://xn--bcher-kva.example",
        ] {
            assert!(Origin::parse(origin).is_some(), "{origin}");
        }
        for origin in [
            "",
            "null",
            "*",
            "app.example",
            "//app.example",
            "https:app.example",
            "https://",
            "https://*",
            "https://*.example",
            "https://app.example/",
            "https://app.example?x",
            "https://app.example#x",
            "https://ada@app.example",
            "https://app.example:",
            "https://app.example:+443",
            "https://app.example:65536",
            "https://app.example:443:443",
            "https://app.example, https://app.example",
            "https://app.example https://app.example",
            " https://app.example",
            "https://[2001:db8::1",
            "https://2001:db8::1",
            "https://[app.example]",
            "https://[::1]x",
            "https://bücher.example",
            "1https://app.example",
            "https://app.example\\@other.example",
        ] {
            assert_eq!(Origin::parse(origin), None, "{origin}");
        }
    }

    #[test]
    fn spellings_of_one_origin_are_equal() {
        for [one, other] in [
            ["https://app.example", "HTTPS://App.Example:443"],
            ["http://app.example", "http://app.example:80"],
            ["https://[2001:db8::1]", "https://[2001:DB8:0:0::0:1]:443"],
        ] {
            assert_eq!(Origin::parse(one), Origin::parse(other), "{one}");
        }
        for [one, other] in [
            ["https://app.example", "http://app.example"],
            ["https://app.example", "https://app.example:80"],
            ["https://app.example", "https://app.example."],
            ["https://app.example", "https://app.example.evil.test"],
        ] {
            assert_ne!(Origin::parse(one), Origin::parse(other), "{one}");
        }
    }

    #[test]
    fn an_origin_is_at_the_host_of_the_request_with_or_without_its_default_port() {
        let is_at = |origin: &str, host: &str| Origin::parse(origin).is_some_and(|origin| origin.is_at(host));
        for [origin, host] in [
            ["https://app.example", "app.example"],
            ["https://app.example", "APP.example:443"],
            ["https://app.example:443", "app.example"],
            ["http://app.example", "app.example:80"],
            ["http://app.example:8080", "app.example:8080"],
            ["http://[::1]:8080", "[0::1]:8080"],
        ] {
            assert!(is_at(origin, host), "{origin} {host}");
        }
        for [origin, host] in [
            ["https://app.example", "app.example:80"],
            ["http://app.example", "app.example:443"],
            ["https://app.example:8443", "app.example"],
            ["https://app.example", "api.example"],
            ["https://app.example", ""],
            ["https://app.example", "app.example app.example"],
            ["capacitor://localhost", "localhost"],
        ] {
            assert!(!is_at(origin, host), "{origin} {host}");
        }
    }

    #[test]
    fn browsers_drop_secure_cookies_over_http_but_not_on_the_machine_itself() {
        let is_plain = |origin: &str| Origin::parse(origin).unwrap().is_plain_http();
        assert!(["http://intranet.test", "http://192.168.0.7:3000"].into_iter().all(is_plain));
        let own = ["http://localhost:3000", "http://app.localhost", "http://127.0.0.2", "http://[::1]:80"];
        assert!(!own.into_iter().chain(["https://intranet.test"]).any(is_plain));
    }
}
