//! What a denied request leaves behind on its connection, and which of several tokens counts.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use gatevault_web_tests::served::auth;
use gatevault_web_tests::{Request, User};

fn token(user_id: u64) -> String {
    auth().tokens().create_access_token(&User::member(user_id)).unwrap()
}

fn get(path: &str, user_id: u64) -> String {
    let token = token(user_id);
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n")
}

/// Sends these bytes over one connection, and returns everything that the server answers.
fn answered(server: SocketAddr, sent: &str) -> String {
    let mut stream = TcpStream::connect(server).unwrap();
    // A server that denies the first request may close the connection before it has read everything.
    stream.write_all(sent.as_bytes()).ok();
    rest(&mut stream)
}

/// Returns what the server answers until it closes the connection or is silent.
fn rest(stream: &mut TcpStream) -> String {
    stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    let (mut received, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        received.extend(buffer.iter().take(length));
    }
    String::from_utf8(received).unwrap()
}

/// The body of a denied request holds another request, as one behind a proxy that reuses its connections may.
pub(crate) fn the_body_of_a_denied_request_is_never_read_as_the_next_request(server: SocketAddr) {
    let hidden = format!("{}\r\n", get("/token", 7));
    for path in ["/notes", "/auth/password", "/auth/register"] {
        for padding in [0, 300_000] {
            let body = format!("{hidden}{}{hidden}", "x".repeat(padding));
            let next = format!("{}Connection: close\r\n\r\n", get("/token", 42));
            let head =
                format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n");
            for framed in [
                format!("Content-Length: {}\r\n\r\n{body}", body.len()),
                format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len()),
            ] {
                let answers = answered(server, &format!("{head}{framed}{next}"));
                assert!(!answers.contains("user 7"), "{path}, {padding}: {answers}");
                let count = answers.matches("HTTP/1.1 ").count();
                assert!(count <= 2, "{path}, {padding}: {answers}");
                assert_eq!(count == 2, answers.ends_with("user 42"), "{path}, {padding}: {answers}");
            }
        }
    }
}

/// The client asks before it sends the body. Only Rocket, which reads the beginning of every body itself, asks for it.
pub(crate) fn a_stranger_who_asks_whether_to_send_a_body_is_denied(server: SocketAddr) {
    let head = "POST /notes HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let head = format!("{head}Content-Length: 7\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
    let mut stream = TcpStream::connect(server).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let mut answers = rest(&mut stream);
    if !answers.contains("HTTP/1.1 401 ") {
        assert_eq!(answers, "HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(b"{broken").unwrap();
        answers = rest(&mut stream);
    }
    assert!(answers.contains("HTTP/1.1 401 "), "{answers}");
}

pub(crate) fn of_two_tokens_in_headers_neither_counts(server: SocketAddr) {
    for path in ["/token", "/claims", "/group", "/accounts/7", "/no/such/route"] {
        let request = Request::get(path).bearer(&token(42));
        assert_eq!(request.clone().send(server).status, 200, "{path}");
        assert_eq!(request.bearer(&token(42)).send(server).status, 401, "{path}");
        let list = format!("Bearer {}, Bearer {}", token(42), token(42));
        assert_eq!(Request::get(path).header("Authorization", list).send(server).status, 401, "{path}");
    }
}

/// Each route reads one of the two, whichever the other says.
pub(crate) fn a_page_reads_the_cookie_only_and_every_other_route_the_header_only(server: SocketAddr) {
    let cookie = |user_id| format!("served_access={}", token(user_id));
    let both = |path: &str| Request::get(path).bearer(&token(42)).header("Cookie", cookie(7));
    assert_eq!(both("/members/hello").send(server).body, "user 7");
    assert_eq!(both("/visit").send(server).body, "user 7");
    for path in ["/token", "/claims", "/group"] {
        assert_eq!(both(path).send(server).body, "user 42", "{path}");
        assert_eq!(Request::get(path).header("Cookie", cookie(7)).send(server).status, 401, "{path}");
    }
    let without_header = Request::get("/accounts/7").header("Cookie", cookie(7)).send(server);
    assert_eq!(without_header.status, 401, "{without_header:?}");
    // A token in the header does not lead past the check of the sender.
    let forged =
        both("/members/hello").header("Sec-Fetch-Site", "cross-site").header("Sec-Fetch-Mode", "cors");
    assert_eq!(forged.send(server).status, 403);
}

pub(crate) fn no_method_leads_past_the_guard_of_a_handler(server: SocketAddr) {
    for method in ["HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"] {
        for path in ["/accounts/7", "/admin", "/members/hello", "/group"] {
            let reply = Request::new(method, path).announcing(0).send(server);
            assert!([401, 404, 405].contains(&reply.status), "{method} {path}: {reply:?}");
        }
    }
}
