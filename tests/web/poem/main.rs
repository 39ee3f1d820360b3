//! What only users of poem have: gates among the data of endpoints, requests that lend tokens, errors that it carries.
#![cfg(test)]
#![expect(clippy::unused_async, reason = "handlers are async, as most are that await something")]

use std::net::SocketAddr;

use gatevault::web::{HttpResponse, RouteGuard};
use gatevault::{
    GateVault, GuardError, OnDenied as _, Payload, TokenManager, TokenSource as _, Verified, protected,
};
use gatevault_web_tests::{Request, edges};
use poem::error::ResponseError as _;
use poem::http::StatusCode;
use poem::web::Data;
use poem::{EndpointExt as _, IntoResponse as _, Response, Route, get, handler};

/// State with a gate of its own; none is installed in this process.
#[derive(Clone)]
struct State {
    tokens: TokenManager,
}

#[protected(gate = state.tokens)]
#[handler]
async fn by_state(
    state: Data<&State>,
    token: gatevault::Bearer,
    payload: Payload,
) -> Result<String, GuardError> {
    Ok(payload.user_id().to_string())
}

#[protected(gate = gate)]
#[handler]
async fn by_gate(
    gate: Data<&GateVault>,
    token: &poem::Request,
    payload: Payload,
) -> Result<String, GuardError> {
    Ok(payload.user_id().to_string())
}

#[handler]
async fn by_extractor(who: Verified<Payload>) -> String {
    who.user_id().to_string()
}

#[handler]
async fn perhaps(who: Option<Verified<Payload>>) -> String {
    who.map_or("nobody".to_owned(), |who| who.user_id().to_string())
}

fn app() -> (SocketAddr, String) {
    let tokens = TokenManager::new([7; 32]).unwrap();
    let access = tokens.create_access_token(&Payload::new(42)).unwrap();
    let gate = GateVault::new(tokens.clone());
    let lent = Route::new().at("/", get(by_extractor)).at("/perhaps", get(perhaps)).at("/gate", get(by_gate));
    let guarded = Route::new().at("/", get(by_extractor)).at("/perhaps", get(perhaps));
    let app = Route::new()
        .at("/state", get(by_state).data(State { tokens }))
        .at("/none", get(by_extractor))
        .nest("/lent", lent.data(gate.clone()))
        .nest("/guarded", guarded.with(RouteGuard::<Payload>::with(gate)));
    (edges::serve_poem(app), access)
}

#[test]
fn a_gate_is_found_in_the_state_in_the_data_and_in_a_middleware() {
    let (server, access) = app();
    for path in ["/state", "/lent", "/lent/gate", "/guarded", "/guarded/perhaps"] {
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

/// The framework makes `None` of every refusal: nobody gets in, but a bad token is not told so.
#[test]
fn an_optional_extractor_takes_a_bad_token_for_none() {
    let (server, access) = app();
    assert_eq!(Request::get("/lent/perhaps").bearer(&access).send(server).body, "42");
    assert_eq!(Request::get("/lent/perhaps").send(server).body, "nobody");
    assert_eq!(Request::get("/lent/perhaps").bearer("junk").send(server).body, "nobody");
}

#[test]
fn requests_lend_a_token() {
    let request = poem::Request::builder().header("authorization", "Bearer a.b.c").finish();
    assert_eq!(request.token().as_deref(), Some("a.b.c"));
    assert_eq!(poem::Request::default().token(), None);
}

#[test]
fn denials_and_answers_are_responses() {
    let denial = || GuardError::unauthorized("the reason");
    for response in [
        denial().as_response(),
        Response::on_denied(denial()),
        HttpResponse::from(denial()).into_response(),
        poem::Error::from(denial()).into_response(),
    ] {
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }
    assert!(poem::Error::from(denial()).is::<GuardError>());
}
