//! Transport: which responses are accepted, and which requests are made.

use std::time::Duration;

use gatevault::error::InvalidReason;
use gatevault::{RemoteKeys, TokenError};

use crate::server::{Answer, Server};
use crate::signer::{Signer, set};
use crate::{ISSUER, accepting, arrived, failure, verdict};

const MEBIBYTE: usize = 1024 * 1024;

/// Returns the reason why the keys in this response are not accepted.
fn refusal(answer: Answer) -> String {
    refusal_within(Duration::from_secs(1), answer)
}

fn refusal_within(timeout: Duration, answer: Answer) -> String {
    let server = Server::answering(answer);
    let keys = RemoteKeys::jwks(server.url("/jwks")).allow_plain_http().timeout(timeout).build().unwrap();
    failure(&keys)
}

#[test]
fn a_request_for_keys_identifies_the_client_and_nothing_else() {
    let signer = Signer::rs256("a");
    let server = Server::answering(Answer::Body(set(&[&signer])));
    let keys = RemoteKeys::jwks(server.url("/jwks?v=1"))
        .allow_plain_http()
        .refresh_interval(Duration::from_secs(1))
        .build()
        .unwrap();
    arrived(&keys);
    assert_eq!(verdict(&accepting(&keys), &signer.token()), Ok(()));
    crate::eventually("a second request", || server.requests().len() > 1);
    for head in server.requests() {
        let head = head.to_ascii_lowercase();
        assert!(head.starts_with("get /jwks?v=1 http/1.1\r\n"), "{head}");
        assert!(head.contains(&format!("user-agent: gatevault/{}\r\n", env!("CARGO_PKG_VERSION"))), "{head}");
        assert!(head.contains("accept-encoding: identity\r\n"), "{head}");
        assert!(!head.contains("cookie") && !head.contains("authorization"), "{head}");
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let signer = Signer::es256("a");
    let elsewhere = Server::answering(Answer::Body(set(&[&signer])));
    let reason = refusal(Answer::Redirect(elsewhere.url("/jwks")));
    assert!(reason.contains("status 302") && reason.contains("redirects are not followed"), "{reason}");
    assert!(reason.contains("127.0.0.1"), "{reason}");
    assert!(elsewhere.requests().is_empty());
}

#[test]
fn a_redirect_is_described_by_its_host_alone() {
    for (to, host) in [
        ("https://login.example/start?state=secret", "login.example"),
        ("https://user:secret@login.example/", "login.example"),
        ("/start?secret", "127.0.0.1"),
        ("", "127.0.0.1"),
    ] {
        let reason = refusal(Answer::Redirect(to.to_owned()));
        assert!(reason.contains(&format!("{host:?}")), "{to}: {reason}");
        assert!(!reason.contains("secret"), "{to}: {reason}");
    }
}

#[test]
fn a_compressed_response_is_rejected_by_its_name() {
    for coding in ["gzip", "br", "identity, gzip"] {
        let response = format!(
            "HTTP/1.1 200 OK\r\ncontent-encoding: {coding}\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}"
        );
        let reason = refusal(Answer::Bytes(response.leak().as_bytes()));
        assert!(reason.contains("compressed") && reason.contains(coding), "{reason}");
    }
    let reason = refusal(Answer::Bytes(
        b"HTTP/1.1 200 OK\r\ncontent-encoding: identity\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}",
    ));
    assert!(!reason.contains("compressed"), "{reason}");
}

#[test]
fn only_the_status_200_is_accepted() {
    let good = set(&[&Signer::es256("a")]);
    for status in ["201 Created", "206 Partial Content", "404 Not Found", "500 Internal Server Error"] {
        let reason = refusal(Answer::Status(status, good.clone()));
        assert!(reason.contains(status), "{status}: {reason}");
    }
}

#[test]
fn a_truncated_or_malformed_response_is_rejected() {
    for bytes in [
        &b""[..],
        b"\x00\xff\x16\x03 junk\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"keys\": [",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n\xff\xff",
    ] {
        assert!(!refusal(Answer::Bytes(bytes)).is_empty());
    }
}

#[test]
fn a_body_that_never_ends_is_aborted() {
    // The timeout is longer than a mebibyte takes, so that the size decides.
    let reason = refusal_within(Duration::from_secs(30), Answer::Endless);
    assert!(reason.contains("larger than request limit: 1048576"), "{reason}");
}

#[test]
fn a_body_of_a_mebibyte_is_accepted_and_a_longer_one_is_not() {
    let signer = Signer::es256("a");
    let set = set(&[&signer]);
    let of_length = |bytes: usize| Answer::Body(format!("{set}{}", " ".repeat(bytes - set.len())));
    let server = Server::answering(of_length(MEBIBYTE));
    let keys = RemoteKeys::jwks(server.url("/jwks")).allow_plain_http().build().unwrap();
    arrived(&keys);
    assert_eq!(verdict(&accepting(&keys), &signer.token()), Ok(()));
    let reason = refusal_within(Duration::from_secs(30), of_length(MEBIBYTE + 1));
    assert!(reason.contains("larger than request limit: 1048576"), "{reason}");
}

#[test]
fn a_slow_server_is_a_failed_fetch() {
    for answer in [Answer::Drip, Answer::Silence] {
        let reason = refusal(answer);
        assert!(reason.contains("timeout"), "{reason}");
    }
}

#[test]
fn a_closed_port_is_a_failed_fetch() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let keys = RemoteKeys::jwks(format!("http://{address}/jwks")).allow_plain_http().build().unwrap();
    assert!(!failure(&keys).is_empty());
}

#[test]
fn urls_in_tokens_are_never_fetched() {
    let (signer, stranger) = (Signer::es256("a"), Signer::es256("b"));
    let trap = Server::answering(Answer::Body(set(&[&stranger])));
    let server = Server::answering(Answer::Body(set(&[&signer])));
    let keys = RemoteKeys::jwks(server.url("/jwks"))
        .allow_plain_http()
        .min_refetch_interval(Duration::from_secs(1))
        .build()
        .unwrap();
    let tokens = accepting(&keys);
    arrived(&keys);
    let mut header = stranger.header();
    header.jku = Some(trap.url("/jwks"));
    header.x5u = Some(trap.url("/certificate"));
    let token = stranger.token_with(&header, ISSUER);
    crate::eventually("a second fetch", || {
        let verdict = verdict(&tokens, &token);
        let is_refused =
            matches!(verdict, Err(TokenError::Invalid(InvalidReason::KeyId | InvalidReason::KeysPending)));
        assert!(is_refused, "{verdict:?}");
        server.requests().len() > 1
    });
    assert!(trap.requests().is_empty());
}
