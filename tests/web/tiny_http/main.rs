//! `tiny_http` only: several threads, requests as token sources, connections that stay open.
#![cfg(test)]

use std::io::{Cursor, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use gatevault::web::{HttpResponse, RouteGuard};
use gatevault::{
    Bearer, GateVault, GuardError, OnDenied as _, Payload, TokenManager, TokenSource as _, protected,
};
use gatevault_web_tests::{PASSWORD, Reply, Request, Site, edges};
use serde_json::json;
use tiny_http::{Response, ResponseBox, TestRequest};

type Text = Response<Cursor<Vec<u8>>>;

/// Serves the login routes and a guarded group with this number of threads.
fn serve(threads: usize) -> SocketAddr {
    let (routes, members) = (Site::default().sync_routes().remove(0), RouteGuard::<Payload>::installed());
    edges::serve_tiny_http(move |server| {
        let respond = |mut request: tiny_http::Request| match routes.respond_to(&mut request) {
            Some(response) => request.respond(response),
            None if request.url().starts_with("/members") => members
                .respond_behind(request, |request, caller| {
                    Response::from_string(format!("{} of {}", request.url(), caller.user_id()))
                }),
            None => request.respond(Response::empty(404)),
        };
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| server.incoming_requests().for_each(|request| respond(request).unwrap()));
            }
        });
    })
}

fn log_in(server: SocketAddr, path: &str) -> Reply {
    Request::post(path).json(&json!({ "username": "ada", "password": PASSWORD })).send(server)
}

fn access_token(reply: &Reply) -> String {
    reply.json()["access_token"].as_str().unwrap().to_owned()
}

/// Sends bytes, and returns everything that the server sends until it closes the connection.
fn exchange(server: SocketAddr, sent: &str) -> String {
    let mut stream = TcpStream::connect(server).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(sent.as_bytes()).unwrap();
    let mut received = String::new();
    stream.read_to_string(&mut received).unwrap();
    received
}

fn statuses(received: &str) -> Vec<&str> {
    received.split("HTTP/1.1 ").skip(1).filter_map(|reply| reply.get(..3)).collect()
}

#[test]
fn two_threads_that_refresh_at_once_get_the_same_successor() {
    let server = serve(2);
    let before = log_in(server, "/login");
    let (refresh, csrf) = (before.cookie("__Host-refresh_token"), before.cookie("__Host-csrf_token"));
    let together = Barrier::new(2);
    let successors = thread::scope(|scope| {
        let threads = [(); 2].map(|()| {
            scope.spawn(|| {
                let request = Request::post("/refresh")
                    .header("Cookie", format!("__Host-refresh_token={refresh}"))
                    .header("X-CSRF-Token", &csrf);
                together.wait();
                request.send(server)
            })
        });
        threads.map(|thread| thread.join().unwrap())
    });
    let [first, second] = successors.map(|reply| (reply.status, reply.cookie("__Host-refresh_token")));
    assert_eq!(first, second);
    assert!(first.0 == 200 && !first.1.is_empty() && first.1 != refresh);
}

/// The framework waits for the rest of a body without a limit, which occupies one thread, and only one.
#[test]
fn a_slow_client_occupies_a_thread_and_the_other_serves() {
    let server = serve(2);
    let mut slow = TcpStream::connect(server).unwrap();
    let head = "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{";
    slow.write_all(head.as_bytes()).unwrap();
    for _ in 0..3 {
        assert_eq!(log_in(server, "/login").status, 200);
    }
    // It gets its response after it has sent the rest.
    slow.write_all(" ".repeat(4999).as_bytes()).unwrap();
    let mut status = [0; 12];
    slow.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    slow.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 400");
}

#[test]
fn a_body_over_the_limit_is_refused_whether_announced_or_not() {
    let server = serve(1);
    let limit = 16 * 1024;
    let login = |framing: &str, body: &str| {
        let head = "POST /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n";
        exchange(server, &format!("{head}{framing}\r\n\r\n{body}"))
    };
    let announced = |body: &str| login(&format!("Content-Length: {}", body.len()), body);
    let chunked =
        |body: &str| login("Transfer-Encoding: chunked", &format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len()));
    let credentials = json!({ "username": "ada", "password": PASSWORD }).to_string();
    for padding in [0, limit - credentials.len()] {
        let body = format!("{credentials}{}", " ".repeat(padding));
        assert_eq!((statuses(&announced(&body)), statuses(&chunked(&body))), (vec!["200"], vec!["200"]));
    }
    let body = format!("{credentials}{}", " ".repeat(limit + 1 - credentials.len()));
    assert_eq!((statuses(&announced(&body)), statuses(&chunked(&body))), (vec!["413"], vec!["413"]));
}

/// The unread part of a body is discarded, not parsed as the next request of the connection (request smuggling).
#[test]
fn an_unread_body_is_not_parsed_as_a_request() {
    let server = serve(1);
    let access = access_token(&log_in(server, "/login"));
    let inner =
        format!("GET /members/smuggled HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {access}\r\n\r\n");
    let body = inner.repeat(20_000 / inner.len() + 1);
    let length = body.len();
    let received = exchange(
        server,
        &format!(
            "POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}\
             POST /members HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{body}\
             GET /members/next HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer {access}\r\n\r\n"
        ),
    );
    assert_eq!(statuses(&received), ["413", "401", "200"], "{received}");
    assert!(received.ends_with("/members/next of 1"), "{received}");
}

#[test]
fn a_query_is_not_part_of_the_path() {
    let server = serve(1);
    let reply = log_in(server, "/login?next=/members&username=bob");
    assert_eq!(reply.status, 200, "{reply:?}");
    let access = access_token(&reply);
    for path in ["/sessions?", "/sessions?a=b?c", "/members?a=b"] {
        let reply = Request::get(path).bearer(&access).send(server);
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(Request::get(path).send(server).status, 401, "{path}");
    }
    assert_eq!(Request::post("/other?/login").send(server).status, 404);
    // No token is taken from a query.
    assert_eq!(Request::get(&format!("/members?access_token={access}")).send(server).status, 401);
}

fn gate() -> (GateVault, String) {
    let tokens = TokenManager::new([7; 32]).unwrap();
    let access = tokens.create_access_token(&Payload::new(42)).unwrap();
    (GateVault::new(tokens), access)
}

#[protected(gate = gate)]
fn by_gate(gate: &GateVault, token: &tiny_http::Request, payload: Payload) -> Text {
    Response::from_string(payload.user_id().to_string())
}

fn bearing(token: &str) -> tiny_http::Request {
    let header = format!("Authorization: Bearer {token}").parse().unwrap();
    TestRequest::new().with_header(header).into()
}

#[test]
fn a_request_is_a_token_source() {
    let (gate, access) = gate();
    assert_eq!(by_gate(&gate, &bearing(&access)).status_code(), 200);
    assert_eq!(by_gate(&gate, &bearing("junk")).status_code(), 401);
    assert_eq!(by_gate(&gate, &TestRequest::new().into()).status_code(), 401);
    let request = bearing("a.b.c");
    assert_eq!(request.token().as_deref(), Some("a.b.c"));
    assert_eq!(Bearer::from(&request).token(), request.token());
}

fn header<'r, R: std::io::Read>(response: &'r Response<R>, name: &'static str) -> Option<&'r str> {
    let found = response.headers().iter().find(|header| header.field.equiv(name))?;
    Some(found.value.as_str())
}

#[test]
fn denials_convert_into_responses() {
    let denial = || GuardError::unauthorized("the reason");
    for response in [
        Text::from(denial()).boxed(),
        ResponseBox::from(denial()),
        Text::on_denied(denial()).boxed(),
        ResponseBox::on_denied(denial()),
        HttpResponse::from(denial()).into(),
    ] {
        assert_eq!(response.status_code(), 403);
        assert_eq!(header(&response, "content-type"), Some("application/problem+json"));
    }
}

/// The framework writes a value unchanged: a line break would begin another header (response splitting).
#[test]
fn a_header_with_a_line_break_is_left_out() {
    let response = HttpResponse::new(200).with_header("x-one", "a\r\nx-two: b").with_header("x-three", "c");
    let response = Text::from(response);
    assert_eq!([header(&response, "x-one"), header(&response, "x-two")], [None; 2]);
    assert_eq!(header(&response, "x-three"), Some("c"));
}
