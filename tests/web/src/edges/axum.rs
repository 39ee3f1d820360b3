//! The site as users of axum write it.

use std::net::SocketAddr;

use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use gatevault::web::{CsrfToken, PageToken};
use gatevault::{Bearer, GuardError, Verified, protected};
use serde_json::Value;

use super::{listen, run};
use crate::{Site, User, async_keys, insiders, page_guard, resources};

#[protected]
async fn profile(token: Bearer, payload: User) -> Result<String, GuardError> {
    Ok(format!("user {}", payload.user_id))
}

#[protected(role = "admin")]
async fn admin(token: Bearer, payload: User) -> Result<String, GuardError> {
    Ok(format!("admin {}", payload.user_id))
}

// A response can carry a denial.
#[protected(scope = "invoices:read")]
async fn invoices(token: Bearer, payload: User) -> Response {
    format!("invoices of {}", payload.user_id).into_response()
}

#[protected(scope = "invoices:read")]
async fn invoices_or_response(token: Bearer, payload: User) -> Result<String, Response> {
    Ok(format!("invoices of {}", payload.user_id))
}

#[protected(scope = "invoices:read")]
async fn opaque_invoices(token: Bearer, payload: User) -> impl IntoResponse {
    format!("invoices of {}", payload.user_id)
}

#[protected(optional)]
async fn greeting(token: Bearer, payload: Option<User>) -> Result<String, GuardError> {
    Ok(payload.map_or("hello stranger".to_owned(), |user| format!("hello user {}", user.user_id)))
}

/// Extractors run in order: the body is read after the token was verified.
async fn notes(_: Verified<User>, Json(note): Json<Value>) -> Json<Value> {
    Json(note)
}

async fn hello(caller: Verified<User>) -> String {
    format!("hello user {}", caller.user_id)
}

/// Behind the layer, a handler needs no claims.
async fn inner_notes(Json(note): Json<Value>) -> Json<Value> {
    Json(note)
}

async fn page(caller: Verified<User>, csrf: CsrfToken) -> String {
    format!("user {} {}", caller.user_id, csrf.as_str())
}

#[protected]
async fn member_notes(token: PageToken, payload: User) -> Result<String, GuardError> {
    Ok(format!("noted by {}", payload.user_id))
}

/// Serves the site.
#[must_use]
pub fn axum(site: Site) -> SocketAddr {
    let routes = site.async_routes();
    let inside =
        Router::new().route("/hello", get(hello)).route("/notes", post(inner_notes)).layer(insiders());
    let members = Router::new().route("/hello", get(page)).route("/notes", post(member_notes));
    let app = Router::new()
        .route("/profile", get(profile))
        .route("/admin", get(admin))
        .route("/invoices", get(invoices))
        .route("/invoices/response", get(invoices))
        .route("/invoices/result", get(invoices_or_response))
        .route("/invoices/trait", get(opaque_invoices))
        .route("/greeting", get(greeting))
        .route("/notes", post(notes))
        .nest("/inside", inside)
        .nest("/members", members.layer(page_guard()));
    let app = routes.into_iter().fold(app, |app, routes| app.merge(routes.into_router()));
    let app = resources().into_iter().fold(app, |app, resource| app.merge(resource.into_router()));
    serve_axum(app.layer(async_keys()).layer(site.denials()))
}

/// Serves an application.
#[must_use]
pub fn serve_axum(app: Router) -> SocketAddr {
    let (listener, address) = listen();
    run(move || async {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await.unwrap();
    });
    address
}
