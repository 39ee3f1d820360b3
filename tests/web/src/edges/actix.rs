//! The site as users of actix-web write it.

use std::net::SocketAddr;

use actix_web::dev::HttpServiceFactory;
use actix_web::web::{self, Json};
use actix_web::{App, HttpResponse, Responder, get, post, route};
use gatevault::web::{CsrfToken, PageToken};
use gatevault::{Bearer, GuardError, Verified, protected};
use serde_json::Value;

use crate::{Site, User, async_keys, insiders, page_guard, resources};

#[route("/profile", method = "GET", method = "HEAD")]
#[protected]
async fn profile(token: Bearer, payload: User) -> Result<String, GuardError> {
    Ok(format!("user {}", payload.user_id))
}

#[route("/admin", method = "GET", method = "HEAD")]
#[protected(role = "admin")]
async fn admin(token: Bearer, payload: User) -> actix_web::Result<String> {
    Ok(format!("admin {}", payload.user_id))
}

// A response can carry a denial.
#[protected(scope = "invoices:read")]
async fn invoices(token: Bearer, payload: User) -> HttpResponse {
    HttpResponse::Ok().body(format!("invoices of {}", payload.user_id))
}

#[expect(clippy::result_large_err, reason = "the error is the response")]
#[protected(scope = "invoices:read")]
fn invoices_or_response(token: &Bearer, payload: User) -> Result<String, HttpResponse> {
    Ok(format!("invoices of {}", payload.user_id))
}

// actix-web takes no response as an error.
#[get("/invoices/result")]
async fn unwrapped_invoices(token: Bearer) -> HttpResponse {
    let invoices = invoices_or_response(&token);
    invoices.map_or_else(|denied| denied, |invoices| HttpResponse::Ok().body(invoices))
}

#[get("/invoices/trait")]
#[protected(scope = "invoices:read")]
async fn opaque_invoices(token: Bearer, payload: User) -> impl Responder {
    format!("invoices of {}", payload.user_id)
}

#[protected(optional)]
async fn greeting(token: Bearer, payload: Option<User>) -> Result<String, GuardError> {
    Ok(payload.map_or("hello stranger".to_owned(), |user| format!("hello user {}", user.user_id)))
}

/// Extractors run in order: the body is read after the token was verified.
#[post("/notes")]
async fn notes(_: Verified<User>, note: Json<Value>) -> Json<Value> {
    note
}

async fn hello(caller: Verified<User>) -> String {
    format!("hello user {}", caller.user_id)
}

/// Behind the middleware, a handler needs no claims.
#[post("/notes")]
async fn inner_notes(note: Json<Value>) -> Json<Value> {
    note
}

fn inside() -> impl HttpServiceFactory {
    web::scope("/inside").route("/hello", web::get().to(hello)).service(inner_notes).wrap(insiders())
}

#[route("/hello", method = "GET", method = "HEAD")]
async fn page(caller: Verified<User>, csrf: CsrfToken) -> String {
    format!("user {} {}", caller.user_id, csrf.as_str())
}

#[post("/notes")]
#[protected]
async fn member_notes(token: PageToken, payload: User) -> Result<String, GuardError> {
    Ok(format!("noted by {}", payload.user_id))
}

fn members() -> impl HttpServiceFactory {
    web::scope("/members").service((page, member_notes)).wrap(page_guard())
}

/// Serves what a closure returns, on a thread of its own.
macro_rules! serve {
    ($app:expr) => {{
        let (listener, address) = $crate::edges::listen();
        std::thread::spawn(move || {
            let server =
                actix_web::HttpServer::new($app).workers(2).disable_signals().listen(listener).unwrap();
            actix_web::rt::System::new().block_on(server.run()).unwrap();
        });
        address
    }};
}

pub(crate) use serve as serve_actix_app;

/// Serves the site, with API keys exchanged in front of it.
#[must_use]
pub fn actix(site: Site) -> SocketAddr {
    let (routes, keys, denials) = (site.async_routes(), async_keys(), site.denials());
    let configure = move |config: &mut web::ServiceConfig| {
        config
            .service((profile, admin, notes, unwrapped_invoices, opaque_invoices))
            .route("/invoices", web::get().to(invoices))
            .route("/invoices/response", web::get().to(invoices))
            .route("/greeting", web::get().to(greeting))
            .service(inside());
        for routes in &routes {
            config.service(routes.clone());
        }
        for resource in resources() {
            config.service(resource);
        }
        // Behind the login routes, which are below the same path.
        config.service(members());
    };
    serve!(move || App::new().wrap(keys.clone()).wrap(denials.clone()).configure(configure.clone()))
}

/// Serves an application.
#[must_use]
pub fn serve_actix(configure: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static) -> SocketAddr {
    serve!(move || App::new().configure(configure.clone()))
}
