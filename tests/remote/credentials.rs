//! Headers that the caller adds to requests for keys.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gatevault::key::RemoteKeysBuilder;
use gatevault::{ConfigError, RemoteKeys};
use serde_json::json;

use crate::server::{Answer, Server};
use crate::signer::{Signer, set};
use crate::{SECOND, arrived, eventually, failure};

const SECRET: &str = "Bearer credential-of-the-test";

fn heads(server: &Server) -> String {
    server.requests().concat()
}

#[test]
fn a_header_accompanies_the_requests_to_the_configured_origin() {
    let signer = Signer::es256("a");
    let server = Server::issuer("/realms/shop", move |issuer, path| match path {
        "/realms/shop/.well-known/openid-configuration" => {
            Answer::Body(json!({"issuer": issuer, "jwks_uri": format!("{issuer}/certs")}).to_string())
        }
        _ => Answer::Body(set(&[&signer])),
    });
    let keys = RemoteKeys::discover(server.url("/realms/shop"))
        .allow_plain_http()
        .header("Authorization", "Bearer replaced")
        .header("authorization", SECRET)
        .header("x-tenant", "shop")
        .build()
        .unwrap();
    arrived(&keys);
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    for head in requests {
        assert!(head.contains(&format!("authorization: {SECRET}\r\n")), "{head}");
        assert!(head.contains("x-tenant: shop\r\n") && !head.contains("replaced"), "{head}");
    }
}

#[test]
fn a_header_is_not_sent_to_another_origin() {
    let keys_server = Server::answering(Answer::Status("401 Unauthorized", String::new()));
    let jwks_uri = keys_server.url("/certs");
    let server = Server::issuer("", move |issuer, _| {
        Answer::Body(json!({"issuer": issuer, "jwks_uri": jwks_uri}).to_string())
    });
    let keys = RemoteKeys::discover(server.url(""))
        .allow_plain_http()
        .header("authorization", SECRET)
        .header_with("x-current", || Ok(SECRET.to_owned()))
        .build()
        .unwrap();
    let reason = failure(&keys);
    assert!(reason.contains("status 401") && reason.contains("`header(..)` were not sent"), "{reason}");
    assert!(heads(&server).contains(SECRET));
    assert!(!heads(&keys_server).contains(SECRET), "{}", heads(&keys_server));
}

#[test]
fn a_header_can_have_a_value_that_changes() {
    let server = Server::answering(Answer::Body(set(&[&Signer::es256("a")])));
    let calls = AtomicUsize::new(0);
    let keys = RemoteKeys::jwks(server.url("/jwks"))
        .allow_plain_http()
        .refresh_interval(SECOND)
        .header_with("authorization", move || {
            Ok(format!("Bearer {}", calls.fetch_add(1, Ordering::Relaxed) + 1))
        })
        .build()
        .unwrap();
    arrived(&keys);
    eventually("a second request", || server.requests().len() > 1);
    let requests = server.requests();
    let [first, second, ..] = &requests[..] else { panic!("{requests:?}") };
    assert!(first.contains("authorization: Bearer 1\r\n"), "{first}");
    assert!(second.contains("authorization: Bearer 2\r\n"), "{second}");
}

#[test]
fn a_value_that_cannot_be_read_or_sent_is_a_failed_fetch_without_a_request() {
    let server = Server::answering(Answer::Body(set(&[&Signer::es256("a")])));
    let from = |value: fn() -> Result<String, gatevault::error::BoxError>| {
        let keys = RemoteKeys::jwks(server.url("/jwks")).allow_plain_http();
        failure(&keys.header_with("authorization", value).build().unwrap())
    };
    assert_eq!(from(|| Err("no such file".into())), "no such file");
    assert_eq!(from(|| panic!("a function that panics")), "the `header_with` function panicked");
    let reason = from(|| Ok(format!("{SECRET}\n")));
    assert!(reason.contains("not a valid header value") && !reason.contains("credential"), "{reason}");
    assert!(server.requests().is_empty());
}

#[test]
fn a_header_that_cannot_be_sent_is_rejected() {
    let keys = || RemoteKeys::jwks("https://id.example/jwks");
    let read = || Ok(SECRET.to_owned());
    let refusals: Vec<RemoteKeysBuilder> = vec![
        keys().header("", SECRET),
        keys().header(SECRET, "authorization"),
        keys().header("authorization\r\nx: y", SECRET),
        keys().header("authorization", format!("{SECRET}\r\nx: y")),
        keys().header("authorization", format!("{SECRET}\n")),
        keys().header("Accept-Encoding", "gzip"),
        keys().header("host", "id.example"),
        keys().header_with("content-length", read),
        keys().header_with(SECRET, read),
        keys().header("authorization", SECRET).fetch_with(|_| Ok(String::new())),
        keys().fetch_with(|_| Ok(String::new())).header_with("authorization", read),
    ];
    for builder in refusals {
        let error = builder.build().expect_err("a header that cannot be sent");
        assert!(matches!(error, ConfigError::InvalidHeader { .. }), "{error}");
        assert!(!format!("{error} {error:?}").contains("credential"), "{error}");
    }
}

#[test]
fn the_value_of_a_header_is_in_no_debug_output_and_in_no_error() {
    let server = Server::answering(Answer::Status("500 Internal Server Error", SECRET.to_owned()));
    let builder = RemoteKeys::jwks(server.url("/jwks")).allow_plain_http().header("authorization", SECRET);
    let builder_output = format!("{builder:?} {builder:#?}");
    let keys = builder.build().unwrap();
    let reason = failure(&keys);
    let error = keys.wait(Duration::ZERO).unwrap_err();
    assert!(heads(&server).contains(SECRET));
    for output in [builder_output, reason, format!("{keys:?}"), format!("{error} {error:?}")] {
        assert!(!output.contains("credential"), "{output}");
    }
}
