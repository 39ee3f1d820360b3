//! The site as users of poem write it.
#![expect(clippy::unused_async, reason = "handlers are async in most applications")]

use std::net::SocketAddr;

use gatevault::web::{CsrfToken, PageToken};
use gatevault::{Bearer, GuardError, Verified, protected};
use poem::listener::TcpAcceptor;
use poem::web::Json;
use poem::{Endpoint, EndpointExt as _, IntoResponse, Response, Route, Server, get, handler, post};
use serde_json::Value;

use super::{listen, run};
use crate::{Site, User, async_keys, insiders, page_guard, resources};

#[protected]
#[handler]
async fn profile(token: Bearer, payload: User) -> Result<String, GuardError> {
    Ok(format!("user {}", payload.user_id))
}

#[protected(role = "admin")]
#[handler]
async fn admin(token: Bearer, payload: User) -> poem::Result<String> {
    Ok(format!("admin {}", payload.user_id))
}

// A response can carry a denial.
#[protected(scope = "invoices:read")]
#[handler]
async fn invoices(token: Bearer, payload: User) -> Response {
    Response::from(format!("invoices of {}", payload.user_id))
}

#[expect(clippy::result_large_err, reason = "the error is the response")]
#[protected(scope = "invoices:read")]
fn invoices_or_response(token: &Bearer, payload: User) -> Result<String, Response> {
    Ok(format!("invoices of {}", payload.user_id))
}

// poem takes no response as an error.
#[handler]
async fn unwrapped_invoices(token: Bearer) -> Response {
    invoices_or_response(&token).map_or_else(|denied| denied, Response::from)
}

#[protected(scope = "invoices:read")]
#[handler]
async fn opaque_invoices(token: Bearer, payload: User) -> impl IntoResponse {
    format!("invoices of {}", payload.user_id)
}

/// Adds the routes under `/invoices`.
pub(super) fn with_invoices(app: Route) -> Route {
    app.at("/invoices/response", get(invoices))
        .at("/invoices/result", get(unwrapped_invoices))
        .at("/invoices/trait", get(opaque_invoices))
}

#[protected(optional)]
#[handler]
async fn greeting(token: Bearer, payload: Option<User>) -> Result<String, GuardError> {
    Ok(payload.map_or("hello stranger".to_owned(), |user| format!("hello user {}", user.user_id)))
}

/// Extractors run in order: the body is read after the token was verified.
#[handler]
async fn notes(_: Verified<User>, note: Json<Value>) -> Json<Value> {
    note
}

#[handler]
async fn hello(caller: Verified<User>) -> String {
    format!("hello user {}", caller.user_id)
}

/// Behind the middleware, a handler needs no claims.
#[handler]
async fn inner_notes(note: Json<Value>) -> Json<Value> {
    note
}

#[handler]
async fn page(caller: Verified<User>, csrf: CsrfToken) -> String {
    format!("user {} {}", caller.user_id, csrf.as_str())
}

#[protected]
#[handler]
async fn member_notes(token: PageToken, payload: User) -> Result<String, GuardError> {
    Ok(format!("noted by {}", payload.user_id))
}

/// Adds the routes under `/members`.
pub(super) fn with_members(app: Route) -> Route {
    let members = Route::new().at("/hello", get(page)).at("/notes", post(member_notes));
    app.nest("/members", members.with(page_guard()))
}

/// Serves the site.
#[must_use]
pub fn poem(site: Site) -> SocketAddr {
    let routes = site.async_routes();
    let inside = Route::new().at("/hello", get(hello)).at("/notes", post(inner_notes)).with(insiders());
    let app = Route::new()
        .at("/profile", get(profile))
        .at("/admin", get(admin))
        .at("/invoices", get(invoices))
        .at("/greeting", get(greeting))
        .at("/notes", post(notes))
        .nest("/inside", inside);
    let app = routes.into_iter().fold(with_members(with_invoices(app)), |app, routes| routes.add_to(app));
    let app = resources().iter().fold(app, |app, resource| resource.add_to(app));
    serve_poem(app.with(async_keys()).with(site.denials()))
}

/// Serves an application.
#[must_use]
pub fn serve_poem(app: impl Endpoint + 'static) -> SocketAddr {
    let (listener, address) = listen();
    run(move || async {
        let acceptor = TcpAcceptor::from_std(listener).unwrap();
        Server::new_with_acceptor(acceptor).run(app).await.unwrap();
    });
    address
}
