//! axum only: gates in extensions and in the state, optional extractors, requests as token sources.
#![cfg(test)]

mod handlers;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Request as HttpRequest, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use gatevault::testing::ManualClock;
use gatevault::web::{HttpResponse, RouteGuard};
use gatevault::{
    AuthRoutes, Bearer, GateVault, GuardError, KeyRing, OAuthHandler, OnDenied as _, Payload, SigningKey,
    TokenManager, TokenSource as _, Verified, protected,
};
use gatevault_tests::Account;
use gatevault_web_tests::{
    PRIVATE_KEY, Request, assert_guarded, assert_refused_without_gate, edges, own_gate,
};

/// An application with its own gate. No gate is installed in this process.
#[derive(Clone)]
struct App {
    tokens: TokenManager,
}

#[protected(gate = app.tokens)]
async fn by_state(State(app): State<App>, token: Bearer, payload: Payload) -> Result<String, GuardError> {
    Ok(payload.user_id().to_string())
}

#[protected(gate = gate)]
async fn by_gate_of_the_state(
    State(gate): State<GateVault>,
    token: Bearer,
    payload: Payload,
) -> Result<String, GuardError> {
    Ok(payload.user_id().to_string())
}

#[protected(gate = state)]
async fn by_named_state(
    state: State<GateVault>,
    token: Bearer,
    payload: Payload,
) -> Result<String, GuardError> {
    Ok(payload.user_id().to_string())
}

#[protected(gate = gate)]
async fn by_extension(
    Extension(gate): Extension<GateVault>,
    token: Bearer,
    payload: Payload,
) -> Result<String, GuardError> {
    Ok(payload.user_id().to_string())
}

/// After other extractors, in front of one that reads the body, and with a return type that is hidden.
#[protected(gate = extension)]
async fn by_named_extension(
    Path(name): Path<String>,
    token: HeaderMap,
    extension: Extension<GateVault>,
    body: String,
    payload: Payload,
) -> impl IntoResponse {
    [name.replace("own", &payload.user_id().to_string()), body].concat()
}

/// A manager as well as a gate, and behind a pointer.
#[protected(gate = tokens)]
async fn by_shared_tokens(
    token: Bearer,
    tokens: Extension<Arc<TokenManager>>,
    payload: Payload,
) -> Result<String, Response> {
    Ok(payload.user_id().to_string())
}

/// Without a `gate`, a guard asks the gate of the request.
#[protected]
async fn by_request(token: Bearer, payload: Payload) -> Result<String, GuardError> {
    Ok(payload.user_id().to_string())
}

async fn by_extractor(caller: Verified<Payload>) -> String {
    caller.user_id().to_string()
}

async fn optional(caller: Option<Verified<Payload>>) -> String {
    caller.map_or("anonymous".to_owned(), |caller| caller.user_id().to_string())
}

fn app() -> (SocketAddr, String) {
    let (gate, tokens, access) = own_gate();
    let lent = Router::new()
        .route("/lent", get(by_extractor))
        .route("/optional", get(optional))
        .route("/extension", get(by_extension))
        .route("/extension/{name}", get(by_named_extension))
        .route("/unnamed", get(by_request))
        .layer(Extension(gate.clone()));
    let shared =
        Router::new().route("/shared", get(by_shared_tokens)).layer(Extension(Arc::new(tokens.clone())));
    let of_the_state = Router::new()
        .route("/gate", get(by_gate_of_the_state))
        .route("/gate/named", get(by_named_state))
        .with_state(gate.clone());
    let layered = Router::new()
        .route("/layered", get(by_extractor))
        .route("/layered/optional", get(optional))
        .layer(RouteGuard::<Payload>::with(gate));
    let unguarded =
        Router::new().route("/none/layered", get(by_extractor)).layer(RouteGuard::<Payload>::installed());
    let app = Router::new()
        .route("/state", get(by_state))
        .route("/none", get(by_extractor))
        .route("/none/optional", get(optional))
        .route("/none/protected", get(by_request));
    let app = app.merge(lent).merge(shared).merge(layered).merge(unguarded).with_state(App { tokens });
    (edges::serve_axum(app.merge(of_the_state)), access)
}

#[test]
fn a_gate_is_found_in_the_state_in_extensions_and_in_a_layer() {
    let (server, access) = app();
    assert_guarded(server, &access, &["/state", "/lent", "/optional", "/layered", "/layered/optional"]);
    assert_guarded(server, &access, &["/gate", "/gate/named", "/extension", "/extension/own", "/shared"]);
    assert_guarded(server, &access, &["/unnamed"]);
}

#[test]
fn without_a_gate_every_request_is_refused() {
    let (server, access) = app();
    let paths = ["/none", "/none/optional", "/none/layered", "/none/protected"];
    assert_refused_without_gate(server, &access, &paths);
}

#[test]
fn an_optional_extractor_accepts_a_missing_token_and_refuses_a_bad_one() {
    let (server, _) = app();
    assert_eq!(Request::get("/optional").send(server).body, "anonymous");
    assert_eq!(
        Request::get("/optional").header("Authorization", "Basic YTpi").send(server).body,
        "anonymous"
    );
    assert_eq!(Request::get("/optional").bearer("junk").send(server).status, 401);
}

#[test]
fn requests_their_parts_and_their_headers_are_token_sources() {
    let request = HttpRequest::builder().header("authorization", "Bearer a.b.c").body(()).unwrap();
    assert_eq!(request.token().as_deref(), Some("a.b.c"));
    let (mut parts, ()) = request.into_parts();
    assert_eq!(parts.token(), parts.headers.token());
    assert_eq!(Bearer::from(&parts.headers).token(), parts.token());
    assert_eq!(HeaderMap::new().token(), None);
    assert!(parts.gate().is_none() && parts.headers.gate().is_none());
    parts.extensions.insert(own_gate().0);
    assert!(parts.gate().is_some());
}

#[test]
fn denials_convert_into_responses() {
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
fn debug_output_shows_no_token() {
    let bearer = Bearer::from_authorization([b"Bearer a.secret.c".as_slice()]);
    let request =
        gatevault::web::HttpRequest::new("GET", "/").with_header("Authorization", b"Bearer a.secret.c");
    let response = HttpResponse::new(200).with_header("set-cookie", "secret").with_body("secret");
    let shown = format!("{bearer:?} {request:?} {response:?}");
    assert!(!shown.contains("secret"), "{shown}");
}

/// `GET /.well-known/jwks.json` is written once for every edge.
#[test]
fn a_retired_key_is_served_until_its_end_by_the_clock_of_the_manager() {
    let key = |id: &str| SigningKey::eddsa(PRIVATE_KEY).unwrap().with_id(id).unwrap();
    let (ring, clock) = (KeyRing::new(key("0")), ManualClock::default());
    let tokens = TokenManager::builder().key_ring(ring.clone()).clock(clock.clone()).build().unwrap();
    let no_user = |_: &str| async { None::<Account> };
    let routes = AuthRoutes::new(OAuthHandler::new_async(tokens.clone(), no_user)).publish_keys(&ring);
    let server = edges::serve_axum(routes.into_router());
    let published = || {
        let keys = Request::get("/.well-known/jwks.json").send(server).json()["keys"].clone();
        keys.as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    ring.add(key("1")).unwrap();
    assert_eq!(published(), ["0", "1"]);
    ring.promote("1").unwrap();
    tokens.retire_key("0").unwrap();
    clock.advance(tokens.refresh_expiry().saturating_sub(Duration::from_secs(1)));
    assert_eq!(published(), ["1", "0"]);
    clock.advance(Duration::from_secs(1));
    assert_eq!(published(), ["1"]);
}
