//! The application as users of axum write it.

use std::net::SocketAddr;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use gatevault::web::{PageToken, RouteGuard};
use gatevault::{Bearer, GuardError, Verified, protected};
use serde_json::Value;

use super::{argument, inner_gate, page_guard, pages, routes};
use crate::edges::serve_axum;
use crate::{User, own_denials};

#[protected]
async fn profile(token: Bearer, payload: User) -> Result<String, GuardError> {
    Ok(payload.to_string())
}

#[protected]
async fn visit(token: PageToken, payload: User) -> Result<String, GuardError> {
    Ok(payload.to_string())
}

async fn claims(caller: Verified<User>) -> String {
    caller.to_string()
}

#[protected(gate = argument())]
async fn by_argument(token: Bearer, payload: User) -> Result<String, GuardError> {
    Ok(payload.to_string())
}

#[protected(handler)]
async fn account(Path(id): Path<u64>, user: User) -> Result<String, GuardError> {
    Ok(format!("account {id} of {user}"))
}

#[protected(handler)]
async fn notes(Json(note): Json<Value>, user: User) -> Result<String, GuardError> {
    Ok(format!("{note} of {user}"))
}

#[protected(handler, role = "admin")]
async fn admin(user: User) -> Result<String, GuardError> {
    Ok(user.to_string())
}

#[protected(handler, max_age = "5m")]
async fn recent(user: User) -> Result<String, GuardError> {
    Ok(user.to_string())
}

/// An error of the application.
struct AppError(GuardError);

impl From<GuardError> for AppError {
    fn from(denial: GuardError) -> Self {
        Self(denial)
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        (StatusCode::IM_A_TEAPOT, format!("own {}", self.0.status())).into_response()
    }
}

#[protected(handler, role = "admin")]
async fn own(user: User) -> Result<String, AppError> {
    Ok(user.to_string())
}

#[protected(handler, role = "admin")]
async fn opaque(user: User) -> impl IntoResponse {
    user.to_string()
}

#[protected(handler)]
async fn page(user: User) -> Result<String, GuardError> {
    Ok(user.to_string())
}

#[protected(handler, scopes("a:read", "b:read"), any_scope("b:read", "c:read"))]
async fn scoped(user: User) -> Result<String, GuardError> {
    Ok(user.to_string())
}

/// Serves the application.
#[must_use]
pub fn axum() -> SocketAddr {
    let nested = Router::new().nest("/deep", Router::new().route("/token", get(profile)));
    let inner = Router::new()
        .route("/token", get(profile))
        .route("/claims", get(claims))
        .route("/handler", get(page))
        .layer(Extension(inner_gate()));
    let app = Router::new()
        .route("/token", get(profile))
        .route("/claims", get(claims))
        .merge(Router::new().route("/visit", get(visit)).layer(Extension(pages())))
        .route("/argument", get(by_argument))
        .route("/accounts/{id}", get(account))
        .route("/notes", post(notes))
        .route("/admin", get(admin))
        .route("/recent", get(recent))
        .route("/own", get(own))
        .route("/opaque", get(opaque))
        .route("/scoped", get(scoped))
        .merge(Router::new().route("/presented", get(scoped)).layer(own_denials()))
        .merge(Router::new().route("/group", get(claims)).layer(RouteGuard::<User>::installed()))
        .merge(Router::new().route("/members/hello", get(page)).layer(page_guard()))
        .nest("/nested", nested)
        .nest("/inner", inner)
        .fallback(profile);
    serve_axum(routes().serve(app))
}
