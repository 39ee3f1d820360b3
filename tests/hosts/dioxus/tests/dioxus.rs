//! Server functions of dioxus, called by requests to the router of its server.

use dioxus::fullstack::FullstackContext;
use dioxus::fullstack::http::Request;
use dioxus::fullstack::http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, WWW_AUTHENTICATE,
};
use dioxus::prelude::*;
use dioxus::server::FullstackState;
use dioxus::server::axum::Router;
use dioxus::server::axum::body::Body;
use gatevault::error::GuardError;
use gatevault::protected;
use hosts_common::{Callers, User};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

#[protected(token = headers, payload = who: User, role = "admin", denied = refused)]
#[post("/guard_above", headers: HeaderMap)]
async fn guard_above(invoice: u64) -> Result<String, ServerFnError> {
    Ok(served(&who, invoice))
}

#[post("/guard_below", headers: HeaderMap)]
#[protected(token = headers, payload = who: User, role = "admin", denied = refused)]
async fn guard_below(invoice: u64) -> Result<String, ServerFnError> {
    Ok(served(&who, invoice))
}

fn served(who: &User, invoice: u64) -> String {
    format!("invoice {invoice} for user {}", who.user_id)
}

/// Sets the status and the challenge of the denial on the response.
fn refused<T>(denial: GuardError) -> Result<T, ServerFnError> {
    if let (Some(context), Some(Ok(challenge))) =
        (FullstackContext::current(), denial.challenge().map(HeaderValue::try_from))
    {
        context.add_response_header(WWW_AUTHENTICATE, challenge);
    }
    Err(ServerFnError::ServerError { message: denial.to_string(), code: denial.status(), details: None })
}

/// Posts JSON. Returns status, challenge and body.
async fn post(function: &str, token: &str, body: &'static str) -> (u16, String, String) {
    let request = Request::post(format!("/{function}"))
        .header(ACCEPT, "application/json")
        .header(CONTENT_TYPE, "application/json");
    let request =
        if token.is_empty() { request } else { request.header(AUTHORIZATION, format!("Bearer {token}")) };
    let router = Router::new().register_server_functions().with_state(FullstackState::headless());
    let response = router.oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let challenge =
        response.headers().get(WWW_AUTHENTICATE).map_or("", |value| value.to_str().unwrap()).to_owned();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, challenge, String::from_utf8(body.into()).unwrap())
}

#[tokio::test]
async fn a_server_function_serves_the_right_role_only() {
    let callers = Callers::get();
    for function in ["guard_above", "guard_below"] {
        let (status, challenge, body) = post(function, "", r#"{ "invoice": 3 }"#).await;
        assert_eq!((status, challenge.as_str()), (401, "Bearer"), "{function}: {body}");
        let (status, challenge, body) = post(function, &callers.expired, r#"{ "invoice": 3 }"#).await;
        let expired = r#"Bearer error="invalid_token", error_description="the token has expired""#;
        assert_eq!((status, challenge.as_str()), (401, expired), "{function}: {body}");
        let forged = r#"{ "invoice": 3, "who": { "user_id": 7, "role": "admin" } }"#;
        let (status, challenge, body) = post(function, &callers.member, forged).await;
        assert_eq!((status, challenge.as_str()), (403, ""), "{function}: {body}");
        let answer = post(function, &callers.admin, r#"{ "invoice": 3 }"#).await;
        assert_eq!(answer, (200, String::new(), r#""invoice 3 for user 7""#.to_owned()), "{function}");
    }
}
