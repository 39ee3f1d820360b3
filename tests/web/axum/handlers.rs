//! The handler form: the check comes before every other extractor.

use std::net::SocketAddr;

use axum::extract::{Json, Path};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, post};
use axum::{Extension, Router};
use gatevault::{GuardError, Payload, protected};
use gatevault_web_tests::{Request, edges, own_gate};
use serde_json::{Value, json};

/// The application's own error.
struct AppError(GuardError);

impl From<GuardError> for AppError {
    fn from(denial: GuardError) -> Self {
        Self(denial)
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let mut response = self.0.into_response();
        response.headers_mut().insert("x-error", "own".parse().unwrap());
        response
    }
}

#[protected(handler, require = user.get::<u64>("org_id") == Some(org_id))]
async fn note(
    Path(org_id): Path<u64>,
    user: Payload,
    Json(note): Json<Vec<String>>,
) -> Result<String, AppError> {
    Ok(format!("{} {note:?}", user.user_id()))
}

#[protected(handler, role = "admin", max_age = "5m")]
async fn close(Path(org_id): Path<u64>) -> Result<impl IntoResponse, AppError> {
    Ok(org_id.to_string())
}

#[protected(handler)]
async fn hidden(Path(org_id): Path<u64>, user: Payload) -> impl IntoResponse {
    (org_id, user.user_id()).1.to_string()
}

fn app() -> (SocketAddr, impl Fn(Payload) -> String) {
    let (gate, tokens, _) = own_gate();
    let app = Router::new()
        .route("/notes/{org_id}", post(note))
        .route("/orgs/{org_id}", delete(close).get(hidden))
        .layer(Extension(gate));
    (edges::serve_axum(app), move |claims| tokens.create_access_token(&claims).unwrap())
}

fn post_note(path: &str, body: &Value) -> Request {
    Request::post(path).json(body)
}

#[test]
fn a_stranger_is_refused_before_the_path_and_the_body_are_read() {
    let (server, _) = app();
    for (path, body) in
        [("/notes/7", json!(["a"])), ("/notes/x", json!(["a"])), ("/notes/7", json!({"a": 1}))]
    {
        for request in [post_note(path, &body), post_note(path, &body).bearer("forged")] {
            let response = request.send(server);
            assert_eq!((response.status, response.header("x-error")), (401, "own"), "{path} {body}");
        }
    }
    for method in ["GET", "DELETE"] {
        assert_eq!(Request::new(method, "/orgs/x").send(server).status, 401);
    }
}

#[test]
fn a_user_without_the_role_is_refused_before_the_path_is_read() {
    let (server, access) = app();
    let send = |role: &str, path: &str| {
        let token = access(Payload::new(42).with("role", role));
        Request::new("DELETE", path).bearer(&token).send(server)
    };
    for path in ["/orgs/7", "/orgs/x"] {
        let response = send("guest", path);
        assert_eq!((response.status, response.header("x-error")), (403, "own"));
    }
    assert_eq!(send("admin", "/orgs/x").status, 400);
    assert_eq!(send("admin", "/orgs/7").body, "7");
}

#[test]
fn a_condition_over_the_parameters_is_checked_after_them() {
    let (server, access) = app();
    let token = access(Payload::new(42).with("org_id", 7));
    let send = |path: &str, body: &Value| post_note(path, body).bearer(&token).send(server);
    assert_eq!(send("/notes/7", &json!(["a"])).body, r#"42 ["a"]"#);
    let denied = send("/notes/8", &json!(["a"]));
    assert_eq!((denied.status, denied.header("x-error")), (403, "own"));
    assert_eq!(send("/notes/x", &json!(["a"])).status, 400);
    assert_eq!(Request::get("/orgs/7").bearer(&token).send(server).body, "42");
}
