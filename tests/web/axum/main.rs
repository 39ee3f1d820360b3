//! What only users of axum have: gates in extensions and in the state, optional extractors, requests that lend tokens.
#![cfg(test)]

use std::net::SocketAddr;

use axum::extract::State;
use axum::http::{HeaderMap, Request as HttpRequest, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Extension, Router};
use gatevault::web::{HttpResponse, RouteGuard};
use gatevault::{
    Bearer, GateVault, GuardError, OnDenied as _, Payload, TokenManager, TokenSource as _, Verified,
    protected,
};
use gatevault_web_tests::{Request, edges};

/// An application with a gate of its own; none is installed in this process.
#[derive(Clone)]
struct App {
    tokens: TokenManager,
}

#[protected(gate = app.tokens)]
async fn by_state(State(app): State<App>, token: Bearer, payload: Payload) -> Result<String, GuardError> {
    Ok(payload.user_id().to_string())
}

async fn by_extractor(who: Verified<Payload>) -> String {
    who.user_id().to_string()
}

async fn perhaps(who: Option<Verified<Payload>>) -> String {
    who.map_or("nobody".to_owned(), |who| who.user_id().to_string())
}

fn app() -> (SocketAddr, String) {
    let tokens = TokenManager::new([7; 32]).unwrap();
    let access = tokens.create_access_token(&Payload::new(42)).unwrap();
    let gate = GateVault::new(tokens.clone());
    let lent = Router::new()
        .route("/lent", get(by_extractor))
        .route("/perhaps", get(perhaps))
        .layer(Extension(gate.clone()));
    let layered = Router::new()
        .route("/layered", get(by_extractor))
        .route("/layered/perhaps", get(perhaps))
        .layer(RouteGuard::<Payload>::with(gate));
    let app = Router::new().route("/state", get(by_state)).route("/none", get(by_extractor));
    (edges::serve_axum(app.merge(lent).merge(layered).with_state(App { tokens })), access)
}

#[test]
fn a_gate_is_found_in_the_state_in_extensions_and_in_a_layer() {
    let (server, access) = app();
    for path in ["/state", "/lent", "/perhaps", "/layered", "/layered/perhaps"] {
        let reply = Request::get(path).bearer(&access).send(server);
        assert_eq!((reply.status, reply.body.as_str()), (200, "42"), "{path}");
        assert_eq!(Request::get(path).bearer("junk").send(server).status, 401, "{path}");
    }
}

#[test]
fn without_a_gate_everything_is_refused() {
    let (server, access) = app();
    let reply = Request::get("/none").bearer(&access).send(server);
    assert_eq!((reply.status, reply.body.contains("gate")), (500, false), "{reply:?}");
}

#[test]
fn an_optional_extractor_takes_no_token_but_no_bad_one() {
    let (server, _) = app();
    assert_eq!(Request::get("/perhaps").send(server).body, "nobody");
    assert_eq!(Request::get("/perhaps").header("Authorization", "Basic YTpi").send(server).body, "nobody");
    assert_eq!(Request::get("/perhaps").bearer("junk").send(server).status, 401);
}

#[test]
fn requests_their_parts_and_their_headers_lend_a_token() {
    let request = HttpRequest::builder().header("authorization", "Bearer a.b.c").body(()).unwrap();
    assert_eq!(request.token().as_deref(), Some("a.b.c"));
    let (parts, ()) = request.into_parts();
    assert_eq!(parts.token(), parts.headers.token());
    assert_eq!(Bearer::from(&parts.headers).token(), parts.token());
    assert_eq!(HeaderMap::new().token(), None);
}

#[test]
fn denials_and_answers_are_responses() {
    let denial = || GuardError::unauthorized("the reason");
    for response in [
        denial().into_response(),
        Response::on_denied(denial()),
        HttpResponse::from(denial()).into_response(),
    ] {
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }
}

#[test]
fn nothing_that_holds_a_token_shows_it() {
    let bearer = Bearer::from_authorization([b"Bearer a.secret.c".as_slice()]);
    let call =
        gatevault::web::HttpRequest::new("GET", "/").with_header("Authorization", b"Bearer a.secret.c");
    let answer = HttpResponse::new(200).with_header("set-cookie", "secret").with_body("secret");
    let shown = format!("{bearer:?} {call:?} {answer:?}");
    assert!(!shown.contains("secret"), "{shown}");
}
