//! actix-web only: gates in the application's data, requests as token sources, its test client.
#![cfg(test)]

use std::net::SocketAddr;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::{Next, from_fn};
use actix_web::test::TestRequest;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, Responder as _, ResponseError as _};
use gatevault::web::RouteGuard;
use gatevault::{
    Bearer, GateVault, GuardError, OnDenied as _, Payload, TokenManager, TokenSource as _, Verified,
    protected,
};
use gatevault_web_tests::{
    Request, assert_guarded, assert_refused_without_gate, edges, own_denials, own_gate,
};

/// State with its own gate. No gate is installed in this process.
struct State {
    tokens: TokenManager,
}

#[protected(gate = state.tokens)]
async fn by_state(state: Data<State>, token: Bearer, payload: Payload) -> Result<String, GuardError> {
    Ok(payload.user_id().to_string())
}

#[protected(gate = gate)]
async fn by_gate(gate: Data<GateVault>, token: Bearer, payload: Payload) -> Result<String, GuardError> {
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
    let server = edges::serve_actix(move |config| {
        let lent = web::scope("/lent")
            .app_data(gate.clone())
            .route("", web::get().to(by_extractor))
            .route("/optional", web::get().to(optional));
        let shared = web::scope("/shared")
            .app_data(Data::new(gate.clone()))
            .route("", web::get().to(by_extractor))
            .route("/gate", web::get().to(by_gate));
        let guarded = web::scope("/guarded")
            .route("", web::get().to(by_extractor))
            .route("/optional", web::get().to(optional))
            .wrap(RouteGuard::<Payload>::with(gate.clone()));
        let resource =
            web::resource("/resource")
                .route(web::get().to(by_extractor))
                .wrap(RouteGuard::<Payload>::with(gate.clone()));
        config
            .app_data(Data::new(State { tokens: tokens.clone() }))
            .route("/state", web::get().to(by_state))
            .route("/none", web::get().to(by_extractor))
            .service((lent, shared, guarded, resource));
    });
    (server, access)
}

#[test]
fn a_gate_is_found_in_the_state_in_the_data_and_in_a_middleware() {
    let (server, access) = app();
    assert_guarded(
        server,
        &access,
        &["/state", "/lent", "/shared", "/shared/gate", "/guarded", "/guarded/optional", "/resource"],
    );
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
fn requests_and_their_headers_are_token_sources() {
    let request = TestRequest::default().insert_header(("authorization", "Bearer a.b.c")).to_http_request();
    assert_eq!(request.token().as_deref(), Some("a.b.c"));
    assert_eq!(request.headers().token(), request.token());
    assert_eq!(Bearer::from(request.headers()).token(), request.token());
    assert_eq!(TestRequest::default().to_http_request().token(), None);
    assert!(request.gate().is_none() && request.headers().gate().is_none());
    let (gate, ..) = own_gate();
    assert!(TestRequest::default().app_data(Data::new(gate.clone())).to_http_request().gate().is_some());
    assert!(TestRequest::default().app_data(gate).to_http_request().gate().is_some());
}

#[test]
fn denials_convert_into_responses() {
    let denial = || GuardError::unauthorized("the reason");
    let request = TestRequest::default().to_http_request();
    for response in [
        denial().error_response(),
        HttpResponse::on_denied(denial()),
        gatevault::web::HttpResponse::from(denial()).respond_to(&request),
        actix_web::Error::from(denial()).error_response(),
    ] {
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert_eq!(response.headers().get("content-type").unwrap(), "application/problem+json");
    }
    assert_eq!(denial().status_code(), StatusCode::FORBIDDEN);
}

#[test]
fn a_denied_request_passes_the_middlewares_around_the_guard() {
    let ask = async {
        let gate = GateVault::new(TokenManager::new([7; 32]).unwrap());
        let around = actix_web::middleware::DefaultHeaders::new().add(("x-around", "yes"));
        let app = App::new()
            .route("/", web::get().to(by_extractor))
            .wrap(RouteGuard::<Payload>::with(gate))
            .wrap(around);
        let app = actix_web::test::init_service(app).await;
        actix_web::test::call_service(&app, TestRequest::get().uri("/").to_request()).await
    };
    let response = actix_web::rt::System::new().block_on(ask);
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(response.headers().get("x-around").unwrap(), "yes");
}

/// A middleware of the application, whose error actix-web turns into a response outside of it.
async fn refusing(request: ServiceRequest, _: Next<BoxBody>) -> actix_web::Result<ServiceResponse<BoxBody>> {
    match request.path() {
        "/denied" => Err(GuardError::MissingToken.into()),
        _ => Err(actix_web::error::ErrorUnauthorized("another error")),
    }
}

#[test]
fn settings_of_denials_apply_to_the_error_of_a_middleware_within_and_to_no_other_error() {
    let server = edges::serve_actix(|config| {
        for path in ["/denied", "/other"] {
            let resource = web::resource(path).route(web::get().to(by_extractor));
            config.service(resource.wrap(from_fn(refusing)).wrap(own_denials()));
        }
    });
    let denied = Request::get("/denied").send(server);
    assert_eq!((denied.status, denied.body.as_str()), (401, "401 none: none; none"), "{denied:?}");
    assert_eq!(denied.header("content-type"), "text/plain");
    assert!(denied.header("www-authenticate").starts_with(r#"Bearer realm="the site", "#), "{denied:?}");
    let other = Request::get("/other").send(server);
    assert_eq!((other.status, other.body.as_str()), (401, "another error"), "{other:?}");
}
