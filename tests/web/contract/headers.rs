//! The `Authorization` header (RFC 6750 section 2.1).

use std::net::SocketAddr;

use gatevault_web_tests::{Request, User, mint};

use crate::browser::{Browser, REFRESH};

fn ask(server: SocketAddr, values: &[&[u8]]) -> (u16, String) {
    let request =
        values.iter().fold(Request::get("/profile"), |request, value| request.header("Authorization", value));
    let reply = request.send(server);
    (reply.status, reply.header("www-authenticate").to_owned())
}

fn missing() -> (u16, String) {
    (401, "Bearer".to_owned())
}

fn refused() -> (u16, String) {
    (401, r#"Bearer error="invalid_token""#.to_owned())
}

pub(crate) fn the_scheme_may_be_in_any_case(server: SocketAddr) {
    let token = mint(&User::member(42));
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR "] {
        assert_eq!(ask(server, &[format!("{scheme} {token}").as_bytes()]).0, 200, "{scheme}");
    }
}

pub(crate) fn another_scheme_counts_as_no_token(server: SocketAddr) {
    for value in ["Basic YWRhOmhvcnNl", "Bearerx a.b.c", "Negotiate", ""] {
        assert_eq!(ask(server, &[value.as_bytes()]), missing(), "{value}");
    }
}

pub(crate) fn several_headers_are_refused(server: SocketAddr) {
    let good = format!("Bearer {}", mint(&User::member(42)));
    for other in [good.as_bytes(), b"Bearer junk", b"Basic YWRhOmhvcnNl", b""] {
        assert_eq!(ask(server, &[good.as_bytes(), other]), refused());
        assert_eq!(ask(server, &[other, good.as_bytes()]), refused());
    }
    let joined = format!("{good}, {good}");
    assert_eq!(ask(server, &[joined.as_bytes()]), refused());
}

/// Creates requests whose `Authorization` is not visible ASCII, to a guarded handler and to an `optional` one.
fn unreadable() -> impl Iterator<Item = Request> {
    let good = format!("Bearer {}", mint(&User::member(42)));
    let values = [b"Bearer \xff".to_vec(), [good.as_bytes(), b"\xff"].concat(), format!("{good}é").into()];
    values.into_iter().flat_map(|value| {
        ["/profile", "/greeting"].map(|path| Request::get(path).header("Authorization", &value))
    })
}

pub(crate) fn a_header_that_is_not_ascii_is_refused(server: SocketAddr) {
    for request in unreadable() {
        let reply = request.send(server);
        assert_eq!((reply.status, reply.header("www-authenticate").to_owned()), refused());
    }
    assert_eq!(strange_cookie(server).send(server).status, 401);
}

/// Creates a request with white space other than a blank in front of the cookie.
fn strange_cookie(server: SocketAddr) -> Request {
    let browser = Browser::log_in(server, "ada");
    let cookie = format!("\u{a0}{REFRESH}={}", browser.refresh);
    Request::post("/refresh").header("X-CSRF-Token", &browser.csrf).header("Cookie", cookie)
}

/// The framework reads ASCII only.
pub(crate) fn a_header_that_is_not_ascii_closes_the_connection(server: SocketAddr) {
    for request in unreadable().chain([strange_cookie(server)]) {
        request.assert_connection_closed(server);
    }
}

/// The framework drops the header, so the token is missing. UTF-8 outside of ASCII is refused.
pub(crate) fn a_header_that_is_not_utf8_is_dropped(server: SocketAddr) {
    assert_eq!(ask(server, &[b"Bearer \xff"]), missing());
    let greeting = Request::get("/greeting").header("Authorization", b"Bearer \xff").send(server);
    assert_eq!(greeting.body, "hello stranger");
    let good = format!("Bearer {}", mint(&User::member(42)));
    assert_eq!(ask(server, &[format!("{good}é").as_bytes()]), refused());
    assert_eq!(strange_cookie(server).send(server).status, 401);
}

pub(crate) fn a_token_without_its_scheme_counts_as_no_token(server: SocketAddr) {
    assert_eq!(ask(server, &[mint(&User::member(42)).as_bytes()]), missing());
}
