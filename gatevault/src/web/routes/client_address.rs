//! The address of the client: the peer, or what trusted proxies wrote.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use super::AuthRoutes;
use crate::throttle::networks::with_ipv4_inside;
use crate::web::HttpRequest;

/// The source of the client's address.
#[derive(Clone, Default)]
pub(super) enum AddressSource {
    /// The peer, unless it is the address of a proxy or of a private network.
    #[default]
    PublicPeer,
    /// The value of `X-Forwarded-For` that the farthest of this number of proxies wrote.
    Proxies(usize),
    Function(Arc<AddressOf>),
}

type AddressOf = dyn Fn(&HttpRequest) -> Option<IpAddr> + Send + Sync;

impl<S> AuthRoutes<S> {
    /// Sets the number of your own proxies in front of this server. Each adds the address of its peer at the right end of
    /// `X-Forwarded-For`, so the client's address is at this position from the right, over all lines of the header. `0` is
    /// the peer, the other end of the connection.
    ///
    /// An attempt whose header has fewer values, or another thing than an address at the position, has no address for a
    /// [`LoginThrottle`](crate::LoginThrottle).
    ///
    /// # Security
    ///
    /// With a number that is too large, each client writes its address itself. So it does if a request can bypass the proxies.
    #[must_use]
    pub fn trusted_proxies(self, count: usize) -> Self {
        Self { address: AddressSource::Proxies(count), ..self }
    }

    /// Sets how the client's address is read from a request, for a [`LoginThrottle`](crate::LoginThrottle), if your proxy
    /// writes another header than `X-Forwarded-For`; see [`trusted_proxies`](Self::trusted_proxies).
    ///
    /// The default is the peer, the other end of the connection, unless its address is a loopback, private, link-local or
    /// shared one (RFC 1918, RFC 4193, RFC 6598): it may be your proxy, and then all clients would count as one.
    /// `address_from(|request| request.address())` is the peer in every case.
    ///
    /// # Security
    ///
    /// Behind your own proxy, read the header that the proxy writes, and only if no request can bypass the proxy. A client
    /// can write any address into a header.
    #[must_use]
    pub fn address_from(
        self,
        address: impl Fn(&HttpRequest) -> Option<IpAddr> + Send + Sync + 'static,
    ) -> Self {
        Self { address: AddressSource::Function(Arc::new(address)), ..self }
    }

    /// Returns the address of the client as a login uses it, for the throttle of a login of your own
    /// ([`LoginRequest::from_address`](crate::LoginRequest::from_address)). `None` if it is unknown: behind a proxy, see
    /// [`trusted_proxies`](Self::trusted_proxies).
    #[must_use]
    pub fn client_address(&self, request: &HttpRequest) -> Option<IpAddr> {
        match &self.address {
            AddressSource::PublicPeer => {
                self.warn_of_forwarded_requests(request);
                request.address().filter(|address| is_public(*address))
            }
            AddressSource::Proxies(0) => request.address(),
            AddressSource::Proxies(count) => forwarded_for(request, *count),
            AddressSource::Function(address) => address(request),
        }
    }

    /// Logs a warning, once, if a proxy has forwarded a login and the number of proxies is not set: the addresses of clients are unknown.
    fn warn_of_forwarded_requests(&self, request: &HttpRequest) {
        let Some(header) = FORWARDING.iter().find(|name| request.values(name).next().is_some()) else {
            return;
        };
        self.notices.forwarded.call_once(|| {
            tracing::warn!(
                target: "gatevault",
                header,
                "login through a proxy: set AuthRoutes::trusted_proxies or AuthRoutes::address_from"
            );
        });
    }
}

/// The headers by which proxies forward addresses.
const FORWARDING: [&str; 5] =
    ["forwarded", "x-forwarded-for", "x-real-ip", "cf-connecting-ip", "true-client-ip"];

/// Returns the address at a position from the right of `X-Forwarded-For`, counted from 1.
///
/// An empty value counts: without it, the next one would be a client's.
fn forwarded_for(request: &HttpRequest, position: usize) -> Option<IpAddr> {
    let lines: Vec<_> = request.values("x-forwarded-for").collect();
    let mut values = lines.into_iter().rev().flat_map(|line| line.rsplit(|byte| *byte == b','));
    let value = values.nth(position.checked_sub(1)?)?;
    address_in(str::from_utf8(value).ok()?.trim_matches([' ', '\t']))
}

/// Parses an address, perhaps with a port or, as IPv6, in brackets.
fn address_in(value: &str) -> Option<IpAddr> {
    let bracketed = || value.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok();
    let with_port = || value.parse().ok().map(|address: SocketAddr| address.ip());
    value.parse().ok().or_else(|| bracketed().map(IpAddr::V6)).or_else(with_port)
}

/// Returns whether an address is one of the public internet, for all that matters here.
///
/// The prefix of a local NAT64 (RFC 8215) is not: all clients behind it would count as one.
fn is_public(address: IpAddr) -> bool {
    let is_local = match with_ipv4_inside(address) {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            let is_shared = first == 100 && (64..128).contains(&second);
            let is_host = address.is_loopback() || address.is_unspecified();
            is_host || address.is_private() || address.is_link_local() || is_shared
        }
        IpAddr::V6(address) => {
            let [first, second, third, ..] = address.segments();
            let is_host = address.is_loopback() || address.is_unspecified();
            let is_local_nat64 = [first, second, third] == [0x64, 0xff9b, 1];
            is_host || address.is_unique_local() || address.is_unicast_link_local() || is_local_nat64
        }
    };
    !is_local
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forwarded(lines: &[&str], position: usize) -> Option<String> {
        let request = HttpRequest::new("POST", "/login");
        let add = |request: HttpRequest, line: &&str| request.with_header("x-forwarded-for", line.as_bytes());
        forwarded_for(&lines.iter().fold(request, add), position).map(|address| address.to_string())
    }

    #[test]
    fn the_position_counts_from_the_right_over_all_lines() {
        let lines = ["203.0.113.1, 203.0.113.2", "203.0.113.3,203.0.113.4"];
        let found: Vec<_> = (0..6).map(|position| forwarded(&lines, position).unwrap_or_default()).collect();
        assert_eq!(found, ["", "203.0.113.4", "203.0.113.3", "203.0.113.2", "203.0.113.1", ""]);
        assert_eq!(forwarded(&[], 1), None);
    }

    #[test]
    fn a_value_may_have_a_port_or_brackets_and_nothing_else() {
        for (value, address) in [
            ("203.0.113.1:4711", "203.0.113.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("\t203.0.113.1 ", "203.0.113.1"),
        ] {
            assert_eq!(forwarded(&[value], 1).as_deref(), Some(address), "{value}");
        }
        for value in [
            "",
            "unknown",
            "_hidden",
            "203.0.113",
            "203.0.113.1:",
            "203.0.113.1:x",
            "[203.0.113.1]",
            "[2001:db8::1",
            "\"203.0.113.1\"",
            "203.0.113.1 203.0.113.2",
            "for=203.0.113.1",
            "203.0.113.1,",
            "203.0.113.1;",
        ] {
            assert_eq!(forwarded(&[value], 1), None, "{value}");
        }
    }

    #[test]
    fn addresses_of_private_networks_are_not_public() {
        let is_public = |address: &str| is_public(address.parse().unwrap());
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.7",
            "169.254.1.1",
            "100.64.0.1",
            "100.127.255.255",
            "::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "::ffff:10.1.2.3",
            "0.0.0.0",
            "::",
            "64:ff9b::10.1.2.3",
            "64:ff9b:1::203.0.113.1",
            "2002:a01:203::1",
        ] {
            assert!(!is_public(address), "{address}");
        }
        for address in [
            "203.0.113.1",
            "172.32.0.1",
            "100.63.0.1",
            "100.128.0.1",
            "2001:db8::1",
            "::ffff:203.0.113.1",
            "64:ff9b::203.0.113.1",
        ] {
            assert!(is_public(address), "{address}");
        }
    }
}
