//! The application as users of poem write it.
#![expect(clippy::unused_async, reason = "handlers are async in most applications")]

use std::net::SocketAddr;

use gatevault::web::{PageToken, RouteGuard};
use gatevault::{Bearer, GuardError, Verified, protected};
use poem::error::ResponseError;
use poem::http::StatusCode;
use poem::web::{Json, Path};
use poem::{EndpointExt as _, IntoResponse, Response, Route, get, handler, post};
use serde_json::Value;

use super::{argument, inner_gate, page_guard, pages, routes};
use crate::edges::serve_poem;
use crate::{User, own_denials};

#[protected]
#[handler]
async fn profile(token: Bearer, payload: User) -> Result<String, GuardError> {
    Ok(payload.to_string())
}

#[protected]
#[handler]
async fn visit(token: PageToken, payload: User) -> Result<String, GuardError> {
    Ok(payload.to_string())
}

#[handler]
async fn claims(caller: Verified<User>) -> String {
    caller.to_string()
}

#[protected(gate = argument())]
#[handler]
async fn by_argument(token: Bearer, payload: User) -> Result<String, GuardError> {
    Ok(payload.to_string())
}

#[protected(handler)]
#[handler]
async fn account(Path(id): Path<u64>, user: User) -> Result<String, GuardError> {
    Ok(format!("account {id} of {user}"))
}

#[protected(handler)]
#[handler]
async fn notes(Json(note): Json<Value>, user: User) -> Result<String, GuardError> {
    Ok(format!("{note} of {user}"))
}

#[protected(handler, role = "admin")]
#[handler]
async fn admin(user: User) -> poem::Result<String> {
    Ok(user.to_string())
}

#[protected(handler, max_age = "5m")]
#[handler]
async fn recent(user: User) -> Response {
    Response::from(user.to_string())
}

/// An error of the application.
#[derive(Debug)]
struct AppError(GuardError);

impl From<GuardError> for AppError {
    fn from(denial: GuardError) -> Self {
        Self(denial)
    }
}

impl std::fmt::Display for AppError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "own {}", self.0.status())
    }
}

impl std::error::Error for AppError {}

impl ResponseError for AppError {
    fn status(&self) -> StatusCode {
        StatusCode::IM_A_TEAPOT
    }
}

#[protected(handler, role = "admin")]
#[handler]
async fn own(user: User) -> Result<String, AppError> {
    Ok(user.to_string())
}

#[protected(handler, role = "admin")]
#[handler]
async fn opaque(user: User) -> impl IntoResponse {
    user.to_string()
}

#[protected(handler)]
#[handler]
async fn page(user: User) -> Result<String, GuardError> {
    Ok(user.to_string())
}

#[protected(handler, scopes("a:read", "b:read"), any_scope("b:read", "c:read"))]
#[handler]
async fn scoped(user: User) -> Result<String, GuardError> {
    Ok(user.to_string())
}

/// Serves the application.
#[must_use]
pub fn poem() -> SocketAddr {
    let nested = Route::new().nest("/deep", Route::new().at("/token", get(profile)));
    let inner = Route::new().at("/token", get(profile)).at("/claims", get(claims)).at("/handler", get(page));
    let app = Route::new()
        .at("/token", get(profile))
        .at("/claims", get(claims))
        .at("/visit", get(visit).data(pages()))
        .at("/argument", get(by_argument))
        .at("/accounts/:id", get(account))
        .at("/notes", post(notes))
        .at("/admin", get(admin))
        .at("/recent", get(recent))
        .at("/own", get(own))
        .at("/opaque", get(opaque))
        .at("/scoped", get(scoped))
        .at("/presented", get(scoped).with(own_denials()))
        .at("/group", get(claims).with(RouteGuard::<User>::installed()))
        .at("/members/hello", get(page).with(page_guard()))
        .nest("/nested", nested)
        .nest("/inner", inner.data(inner_gate()))
        .at("/*rest", profile);
    serve_poem(routes().serve(app))
}
