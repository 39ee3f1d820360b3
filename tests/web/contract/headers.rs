//! The `Authorization` header (RFC 6750 section 2.1).

use std::net::SocketAddr;

use gatevault_web_tests::{Request, User, mint};

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

pub(crate) fn another_scheme_is_no_token(server: SocketAddr) {
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

pub(crate) fn a_header_that_is_no_text_is_refused(server: SocketAddr) {
    let good = format!("Bearer {}", mint(&User::member(42)));
    for junk in [b"\xff".as_slice(), "é".as_bytes()] {
        assert_eq!(ask(server, &[&[good.as_bytes(), junk].concat()]), refused());
    }
}

pub(crate) fn a_token_without_its_scheme_is_no_token(server: SocketAddr) {
    assert_eq!(ask(server, &[mint(&User::member(42)).as_bytes()]), missing());
}
