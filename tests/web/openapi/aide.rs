//! aide: the document of a router, whose extractors say what the guards demand.

use aide::axum::ApiRouter;
use aide::axum::routing::{get, post};
use aide::openapi::OpenApi;
use axum::Json;
use gatevault::{Bearer, GuardError, Payload, Verified, protected};
use serde_json::{Value, json};

#[protected(handler, scope = "notes", any_scope("read", "admin"), require = user.user_id() != &0.into())]
async fn read(user: Payload) -> Result<Json<String>, GuardError> {
    Ok(Json(user.user_id().to_string()))
}

#[protected(handler, optional)]
async fn count(user: Option<Payload>) -> Result<Json<bool>, GuardError> {
    Ok(Json(user.is_some()))
}

#[protected(handler, refresh)]
async fn renew() -> Result<Json<()>, GuardError> {
    Ok(Json(()))
}

#[protected(handler, scope = "notes")]
async fn both(_who: Verified<Payload>) -> Result<Json<()>, GuardError> {
    Ok(Json(()))
}

async fn caller(who: Verified<Payload>) -> Json<String> {
    Json(who.user_id().to_string())
}

#[protected]
async fn plain(token: Bearer, payload: Payload) -> Result<Json<String>, GuardError> {
    Ok(Json(payload.user_id().to_string()))
}

async fn health() -> Json<()> {
    Json(())
}

fn document() -> Value {
    let mut document = OpenApi::default();
    let router: axum::Router = ApiRouter::new()
        .api_route("/read", get(read))
        .api_route("/count", get(count))
        .api_route("/renew", post(renew))
        .api_route("/both", get(both))
        .api_route("/caller", get(caller))
        .api_route("/plain", get(plain))
        .api_route("/health", get(health))
        .finish_api_with(&mut document, |api| {
            let scheme = json!({"type": "http", "scheme": "bearer", "bearerFormat": "JWT"});
            api.security_scheme("bearerAuth", serde_json::from_value(scheme).expect("a scheme"))
        });
    drop(router);
    serde_json::to_value(document).expect("JSON")
}

#[test]
fn each_operation_has_the_security_of_its_extractors() {
    let document = document();
    for (method, path, expected) in [
        ("get", "/read", json!([{"bearerAuth": ["notes", "read"]}, {"bearerAuth": ["notes", "admin"]}])),
        ("get", "/count", json!([{}, {"bearerAuth": []}])),
        ("post", "/renew", json!([{"refreshAuth": []}])),
        ("get", "/both", json!([{"bearerAuth": ["notes"]}])),
        ("get", "/caller", json!([{"bearerAuth": []}])),
        ("get", "/plain", json!([{"bearerAuth": []}])),
        ("get", "/health", Value::Null),
    ] {
        assert_eq!(document["paths"][path][method]["security"], expected, "{method} {path}");
    }
    assert_eq!(document["components"]["securitySchemes"]["bearerAuth"]["bearerFormat"], "JWT");
}

#[test]
fn each_operation_with_a_guard_has_its_denials() {
    let document = document();
    let responses = |path: &str| {
        let responses = document["paths"][path]["get"]["responses"].as_object().expect("responses");
        let mut statuses: Vec<_> = responses.keys().map(String::as_str).collect();
        statuses.sort_unstable();
        statuses.join(" ")
    };
    for guarded in ["/read", "/count", "/both", "/caller", "/plain"] {
        assert_eq!(responses(guarded), "200 401 403 503", "{guarded}");
    }
    assert_eq!(responses("/health"), "200");
    let denial = &document["paths"]["/read"]["get"]["responses"]["401"];
    assert_eq!(denial["headers"]["WWW-Authenticate"]["schema"]["type"], "string");
    let schema = &denial["content"]["application/problem+json"]["schema"];
    assert_eq!(schema["required"], json!(["type", "title", "status"]));
}

#[test]
fn neither_the_token_nor_the_payload_nor_the_guard_is_a_parameter() {
    let document = document();
    for path in ["/read", "/count", "/both", "/caller", "/plain"] {
        let operation = &document["paths"][path]["get"];
        assert_eq!((operation.get("parameters"), operation.get("requestBody")), (None, None), "{path}");
    }
}
