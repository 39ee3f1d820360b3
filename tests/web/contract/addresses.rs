//! The address of the client, by which login attempts are counted.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use gatevault::web::HttpRequest;
use gatevault::{AttemptLimit, AuthRoutes, LoginThrottle, MemoryAttempts, OAuthHandler, TokenManager};
use gatevault_tests::{Account, SECRET, quick_hasher};
use gatevault_web_tests::Request;

use crate::browser::credentials;

fn guess(server: SocketAddr, path: &str, name: &str, forwarded: &[&str]) -> u16 {
    let request = Request::post(path).json(&credentials(name, "guess"));
    let add = |request: Request, line: &&str| request.header("X-Forwarded-For", line);
    forwarded.iter().fold(request, add).send(server).status
}

/// The peer may be a proxy: all clients would be one.
pub(crate) fn a_private_peer_is_not_throttled_by_its_address(server: SocketAddr) {
    for number in 0..25 {
        assert_eq!(guess(server, "/login", &format!("private {number}"), &["203.0.113.9"]), 401, "{number}");
    }
}

/// Each address has 20 free guesses. What the client itself wrote is on the left.
pub(crate) fn guesses_count_by_the_address_that_the_trusted_proxy_wrote(server: SocketAddr) {
    let path = "/proxied/login";
    for number in 0..20 {
        let (name, own) = (format!("proxied {number}"), format!("198.51.100.{number}"));
        let lines = match number % 4 {
            0 => vec!["203.0.113.1".to_owned()],
            1 => vec![format!("{own}, 203.0.113.1:4711")],
            2 => vec![own, "203.0.113.1".to_owned()],
            _ => vec![format!("junk, {own}"), "203.0.113.1 ".to_owned()],
        };
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        assert_eq!(guess(server, path, &name, &lines), 401, "{lines:?}");
    }
    assert_eq!(guess(server, path, "proxied last", &["198.51.100.99, 203.0.113.1"]), 429);
    assert_eq!(guess(server, path, "proxied last", &["203.0.113.1, 203.0.113.2"]), 401);
    // Without an address, attempts count by account only.
    for number in 0..25 {
        let lines: &[&str] = if number % 2 == 0 { &[] } else { &["203.0.113.1, unknown"] };
        assert_eq!(guess(server, path, &format!("nowhere {number}"), lines), 401, "{number}");
    }
}

/// Makes two guesses at different names, from a public peer and with these lines of the header. The second has to wait if
/// the address counts.
fn is_counted_by_address(proxies: usize, lines: &[&[u8]]) -> bool {
    let throttle =
        LoginThrottle::new(MemoryAttempts::new()).per_address(AttemptLimit::new(1, Duration::from_mins(1)));
    let oauth = OAuthHandler::new(TokenManager::new(SECRET).unwrap(), |_: &str| None::<Account>);
    let routes = AuthRoutes::new(oauth.hasher(quick_hasher()).throttle(throttle)).trusted_proxies(proxies);
    let statuses = ["first", "second"].map(|name| {
        let request = HttpRequest::new("POST", "/login").with_header("content-type", b"application/json");
        let request = request.from_address(IpAddr::from([198, 51, 100, 1]));
        let add = |request: HttpRequest, line: &&[u8]| request.with_header("x-forwarded-for", line);
        let request = lines.iter().fold(request, add);
        routes.respond(&request, Some(credentials(name, "guess").to_string().as_bytes())).status
    });
    assert!(matches!(statuses, [401, 401 | 429]), "{statuses:?}");
    statuses[1] == 429
}

#[test]
fn for_any_header_of_a_client_only_the_trusted_position_counts() {
    let commas = ",".repeat(16_000);
    let cases: &[(&[&[u8]], [bool; 4])] = &[
        // With 0, 1, 2 and 100 trusted proxies.
        (&[], [true, false, false, false]),
        (&[b""], [true, false, false, false]),
        (&[b"203.0.113.1"], [true, true, false, false]),
        (&[b"203.0.113.1, 203.0.113.2"], [true, true, true, false]),
        (&[b"203.0.113.1", b"203.0.113.2"], [true, true, true, false]),
        (&[b"203.0.113.1", b""], [true, false, true, false]),
        (&[b"203.0.113.1", b" , "], [true, false, false, false]),
        (&[b"\xff\xfe", b"203.0.113.2"], [true, true, false, false]),
        (&[b"203.0.113.1", b"\xff"], [true, false, true, false]),
        (&[b"203.0.113.1,fe80::1%eth0"], [true, false, true, false]),
        (&[b"evil\\, \"203.0.113.9\", 203.0.113.1"], [true, true, false, false]),
        (&[commas.as_bytes(), b"203.0.113.2"], [true, true, false, false]),
    ];
    for (lines, expected) in cases {
        let counted = [0, 1, 2, 100].map(|proxies| is_counted_by_address(proxies, lines));
        assert_eq!(counted, *expected, "{lines:?}");
    }
    assert!(!is_counted_by_address(usize::MAX, &[b"203.0.113.1"]));
}
