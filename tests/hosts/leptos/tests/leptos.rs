//! Server functions of leptos, called by HTTP requests through its handler for axum.

use axum::body::Body;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{Request, StatusCode};
use axum::response::IntoResponse as _;
use gatevault::error::GuardError;
use gatevault::protected;
use hosts_common::{Callers, User};
use http_body_util::BodyExt as _;
use leptos::prelude::*;
use leptos_axum::{ResponseOptions, handle_server_fns};

#[protected(token = use_context::<Parts>(), payload = who: User, role = "admin", denied = refused)]
#[server(endpoint = "guard_above")]
async fn guard_above(invoice: u64) -> Result<String, ServerFnError> {
    Ok(served(&who, invoice))
}

#[server(endpoint = "guard_below")]
#[protected(token = use_context::<Parts>(), payload = who: User, role = "admin", denied = refused)]
async fn guard_below(invoice: u64) -> Result<String, ServerFnError> {
    Ok(served(&who, invoice))
}

#[protected(token = use_context::<Parts>(), payload = who: User, require = is_admin(&who).await, denied = refused)]
#[server(endpoint = "condition_that_awaits")]
async fn condition_that_awaits(invoice: u64) -> Result<String, ServerFnError> {
    Ok(served(&who, invoice))
}

// The client's half of the program needs no guard, and then no dependency on the library.
#[cfg_attr(
    not(target_family = "wasm"),
    protected(token = use_context::<Parts>(), payload = who: User, role = "admin", denied = refused)
)]
#[server(endpoint = "guard_of_the_server_alone")]
async fn guard_of_the_server_alone(invoice: u64) -> Result<String, ServerFnError> {
    Ok(served(&who, invoice))
}

/// The error type of leptos carries a denial without `denied`, but then the status is 500.
#[protected(token = use_context::<Parts>(), payload = who: User, role = "admin")]
#[server(endpoint = "without_denied")]
async fn without_denied(invoice: u64) -> Result<String, ServerFnError> {
    Ok(served(&who, invoice))
}

const FUNCTIONS: [&str; 4] =
    ["guard_above", "guard_below", "condition_that_awaits", "guard_of_the_server_alone"];

fn served(who: &User, invoice: u64) -> String {
    format!("invoice {invoice} for user {}", who.user_id)
}

async fn is_admin(who: &User) -> bool {
    tokio::task::yield_now().await;
    who.role == "admin"
}

/// Sets the status and the challenge of the denial on the response.
fn refused<T>(denial: GuardError) -> Result<T, ServerFnError> {
    if let Some(response) = use_context::<ResponseOptions>() {
        response
            .set_status(StatusCode::from_u16(denial.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
        if let Some(Ok(challenge)) = denial.challenge().map(HeaderValue::try_from) {
            response.insert_header(WWW_AUTHENTICATE, challenge);
        }
    }
    Err(ServerFnError::ServerError(denial.to_string()))
}

/// Posts a form. Returns status, challenge and body.
async fn post(function: &str, token: &str, form: &'static str) -> (u16, String, String) {
    let request = Request::post(format!("/api/{function}"))
        .header(ACCEPT, "application/json")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let request =
        if token.is_empty() { request } else { request.header(AUTHORIZATION, format!("Bearer {token}")) };
    let response = handle_server_fns(request.body(Body::from(form)).unwrap()).await.into_response();
    let status = response.status().as_u16();
    let challenge =
        response.headers().get(WWW_AUTHENTICATE).map_or("", |value| value.to_str().unwrap()).to_owned();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, challenge, String::from_utf8(body.into()).unwrap())
}

#[tokio::test]
async fn a_server_function_serves_the_right_role_only() {
    let callers = Callers::get();
    for function in FUNCTIONS {
        let (status, challenge, body) = post(function, "", "invoice=3").await;
        assert_eq!((status, challenge.as_str()), (401, "Bearer"), "{function}: {body}");
        let (status, challenge, body) = post(function, &callers.expired, "invoice=3").await;
        let expired = r#"Bearer error="invalid_token", error_description="the token has expired""#;
        assert_eq!((status, challenge.as_str()), (401, expired), "{function}: {body}");
        let (status, challenge, body) = post(function, &callers.member, "invoice=3").await;
        assert_eq!((status, challenge.as_str()), (403, ""), "{function}: {body}");
        let answer = post(function, &callers.admin, "invoice=3").await;
        assert_eq!(answer, (200, String::new(), r#""invoice 3 for user 7""#.to_owned()), "{function}");
    }
}

#[tokio::test]
async fn the_error_type_of_leptos_carries_a_denial() {
    let callers = Callers::get();
    for token in ["", &callers.expired, &callers.member] {
        let (status, _, body) = post("without_denied", token, "invoice=3").await;
        assert_eq!(status, 500, "{body}");
        assert!(body.starts_with("ServerError|"), "{body}");
    }
    let (status, _, body) = post("without_denied", &callers.admin, "invoice=3").await;
    assert_eq!((status, body.as_str()), (200, r#""invoice 3 for user 7""#));
}

#[tokio::test]
async fn claims_among_the_arguments_change_nothing() {
    for function in FUNCTIONS {
        let form = "invoice=3&who[user_id]=7&who[role]=admin&payload[user_id]=7&payload[role]=admin";
        let (status, _, body) = post(function, &Callers::get().member, form).await;
        assert_eq!(status, 403, "{function}: {body}");
    }
}

#[tokio::test]
async fn a_call_outside_of_a_request_is_denied() {
    Callers::get();
    for call in [guard_above(3).await, guard_below(3).await, without_denied(3).await] {
        assert_eq!(call.unwrap_err().to_string(), "error running server function: a token is required");
    }
}
