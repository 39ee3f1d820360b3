//! The site as users of Salvo write it.

use std::net::SocketAddr;

use gatevault::web::{CsrfToken, PageToken};
use gatevault::{Bearer, GuardError, Verified, protected};
use salvo::conn::tcp::TcpAcceptor;
use salvo::extract::JsonBody;
use salvo::prelude::*;
use serde_json::Value;

use super::{listen, run};
use crate::{Site, User, async_keys, insiders, page_guard, resources};

#[protected]
#[handler]
async fn profile(token: Bearer, payload: User) -> Result<String, GuardError> {
    Ok(format!("user {}", payload.user_id))
}

// The request is the token source, and handlers need not be async.
#[protected(role = "admin")]
#[handler]
fn admin(token: &mut Request, payload: User) -> Result<String, GuardError> {
    Ok(format!("admin {}", payload.user_id))
}

/// An error of the application. A denial is one of its variants.
#[derive(Debug)]
enum AppError {
    Denied(GuardError),
    NoInvoices,
}

impl From<GuardError> for AppError {
    fn from(denial: GuardError) -> Self {
        Self::Denied(denial)
    }
}

impl Scribe for AppError {
    fn render(self, response: &mut Response) {
        match self {
            Self::Denied(denial) => response.render(denial),
            Self::NoInvoices => response.render(StatusError::not_found()),
        }
    }
}

#[protected(scope = "invoices:read")]
#[handler]
async fn invoices(token: Bearer, payload: User) -> Result<String, AppError> {
    match payload.user_id {
        0 => Err(AppError::NoInvoices),
        user_id => Ok(format!("invoices of {user_id}")),
    }
}

#[protected(scope = "invoices:read")]
fn responded_invoices(token: &Bearer, payload: User) -> Response {
    let mut response = Response::new();
    response.render(format!("invoices of {}", payload.user_id));
    response
}

// Salvo writes into the response of the request.
#[handler]
async fn copied_invoices(token: Bearer, response: &mut Response) {
    *response = responded_invoices(&token);
}

#[expect(clippy::result_large_err, reason = "the error is the response")]
#[protected(scope = "invoices:read")]
fn invoices_or_response(token: &Bearer, payload: User) -> Result<String, Response> {
    Ok(format!("invoices of {}", payload.user_id))
}

#[handler]
async fn unwrapped_invoices(token: Bearer, response: &mut Response) {
    match invoices_or_response(&token) {
        Ok(text) => response.render(text),
        Err(denied) => *response = denied,
    }
}

#[protected(scope = "invoices:read")]
#[handler]
async fn opaque_invoices(token: Bearer, payload: User) -> impl Writer {
    format!("invoices of {}", payload.user_id)
}

#[protected(optional)]
#[handler]
async fn greeting(token: Bearer, payload: Option<User>) -> Result<String, GuardError> {
    Ok(payload.map_or("hello stranger".to_owned(), |user| format!("hello user {}", user.user_id)))
}

/// Extractors run in order: the body is read after the token was verified.
#[handler]
async fn notes(_caller: Verified<User>, note: JsonBody<Value>) -> Json<Value> {
    Json(note.into_inner())
}

#[handler]
async fn hello(caller: Verified<User>) -> String {
    format!("hello user {}", caller.user_id)
}

/// Behind the hoop, a handler needs no claims.
#[handler]
async fn inner_notes(note: JsonBody<Value>) -> Json<Value> {
    Json(note.into_inner())
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

/// Serves the site.
#[must_use]
pub fn salvo(site: Site) -> SocketAddr {
    let routes = site.async_routes();
    let inside = Router::with_path("inside")
        .hoop(insiders())
        .push(Router::with_path("hello").get(hello))
        .push(Router::with_path("notes").post(inner_notes));
    let members = Router::with_path("members")
        .hoop(page_guard())
        .push(Router::with_path("hello").get(page).head(page))
        .push(Router::with_path("notes").post(member_notes));
    let app = Router::new()
        .hoop(site.denials())
        .hoop(async_keys())
        .push(Router::with_path("profile").get(profile).head(profile))
        .push(Router::with_path("admin").get(admin))
        .push(Router::with_path("invoices").get(invoices))
        .push(Router::with_path("invoices/response").get(copied_invoices))
        .push(Router::with_path("invoices/result").get(unwrapped_invoices))
        .push(Router::with_path("invoices/trait").get(opaque_invoices))
        .push(Router::with_path("greeting").get(greeting))
        .push(Router::with_path("notes").post(notes))
        .push(inside);
    let app = routes.into_iter().fold(app, |app, routes| app.push(routes.into()));
    let app = resources().into_iter().fold(app, |app, resource| app.push(resource.into()));
    // Behind the login routes, which are below the same path.
    serve_salvo(app.push(members))
}

/// Serves an application.
#[must_use]
pub fn serve_salvo(app: impl Into<Service> + Send + 'static) -> SocketAddr {
    let (listener, address) = listen();
    run(move || async {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        Server::new(TcpAcceptor::try_from(listener).unwrap()).serve(app).await;
    });
    address
}
