//! poem only: gates in the data of endpoints, requests as token sources, denials as poem's errors.
#![cfg(test)]
#![expect(clippy::unused_async, reason = "handlers are async in most applications")]

use std::net::SocketAddr;

use gatevault::web::{HttpResponse, RouteGuard};
use gatevault::{
    GateVault, GuardError, OnDenied as _, Payload, TokenManager, TokenSource as _, Verified, protected,
};
use gatevault_web_tests::{Request, assert_guarded, assert_refused_without_gate, edges, own_gate};
use poem::error::ResponseError as _;
use poem::http::StatusCode;
use poem::web::Data;
use poem::{EndpointExt as _, IntoResponse as _, Response, Route, get, handler};

/// State with its own gate. No gate is installed in this process.
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
async fn by_extractor(caller: Verified<Payload>) -> String {
    caller.user_id().to_string()
}

#[handler]
async fn optional(caller: Option<Verified<Payload>>) -> String {
    caller.map_or("anonymous".to_owned(), |caller| caller.user_id().to_string())
}

fn app() -> (SocketAddr, String) {
    let (gate, tokens, access) = own_gate();
    let lent =
        Route::new().at("/", get(by_extractor)).at("/optional", get(optional)).at("/gate", get(by_gate));
    let guarded = Route::new().at("/", get(by_extractor)).at("/optional", get(optional));
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
    assert_guarded(server, &access, &["/state", "/lent", "/lent/gate", "/guarded", "/guarded/optional"]);
}

#[test]
fn without_a_gate_every_request_is_refused() {
    let (server, access) = app();
    assert_refused_without_gate(server, &access, &["/none"]);
}

/// The framework turns every refusal into `None`: no caller is admitted, but a bad token gets no 401.
#[test]
fn an_optional_extractor_accepts_a_bad_token_as_no_token() {
    let (server, access) = app();
    assert_eq!(Request::get("/lent/optional").bearer(&access).send(server).body, "42");
    assert_eq!(Request::get("/lent/optional").send(server).body, "anonymous");
    assert_eq!(Request::get("/lent/optional").bearer("junk").send(server).body, "anonymous");
}

#[test]
fn a_request_is_a_token_source() {
    let mut request = poem::Request::builder().header("authorization", "Bearer a.b.c").finish();
    assert_eq!(request.token().as_deref(), Some("a.b.c"));
    assert_eq!(poem::Request::default().token(), None);
    assert!(request.gate().is_none() && request.headers().gate().is_none());
    request.set_data(own_gate().0);
    assert!(request.gate().is_some());
}

#[test]
fn denials_convert_into_responses() {
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
