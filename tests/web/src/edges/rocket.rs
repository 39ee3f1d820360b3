//! The site as users of Rocket write it.
#![expect(clippy::unused_async, reason = "the signatures of handlers")]

use std::net::{Ipv4Addr, SocketAddr};

use gatevault::web::{CsrfToken, HttpResponse, PageToken, denial_catchers};
use gatevault::{Bearer, GuardError, Verified, protected};
use rocket::response::Responder;
use rocket::serde::json::{Json, Value};
use rocket::{Build, Config, Rocket, get, post, routes};

use super::run;
use crate::{Site, User, async_keys, insiders, page_guard, resources};

#[protected]
#[get("/profile")]
async fn profile(token: Bearer, payload: User) -> Result<String, GuardError> {
    Ok(format!("user {}", payload.user_id))
}

// Rocket has synchronous handlers too.
#[protected(role = "admin")]
#[get("/admin")]
fn admin(token: Bearer, payload: User) -> Result<String, GuardError> {
    Ok(format!("admin {}", payload.user_id))
}

#[protected(scope = "invoices:read")]
#[get("/invoices")]
async fn invoices(token: Bearer, payload: User) -> Result<String, GuardError> {
    Ok(format!("invoices of {}", payload.user_id))
}

// Rocket's own response is no responder.
#[protected(scope = "invoices:read")]
#[get("/invoices/response")]
async fn responded_invoices(token: Bearer, payload: User) -> HttpResponse {
    HttpResponse::new(200).with_body(format!("invoices of {}", payload.user_id))
}

#[protected(scope = "invoices:read")]
#[get("/invoices/result")]
async fn invoices_or_response(token: Bearer, payload: User) -> Result<String, HttpResponse> {
    Ok(format!("invoices of {}", payload.user_id))
}

#[protected(scope = "invoices:read")]
#[get("/invoices/trait")]
async fn opaque_invoices<'r>(token: Bearer, payload: User) -> impl Responder<'r, 'static> {
    format!("invoices of {}", payload.user_id)
}

#[protected(optional)]
#[get("/greeting")]
async fn greeting(token: Bearer, payload: Option<User>) -> Result<String, GuardError> {
    Ok(payload.map_or("hello stranger".to_owned(), |user| format!("hello user {}", user.user_id)))
}

/// Request guards run before the data guard, which reads the body.
#[post("/notes", data = "<note>")]
async fn notes(_caller: Verified<User>, note: Json<Value>) -> Json<Value> {
    note
}

#[get("/hello")]
async fn hello(caller: Verified<User>) -> String {
    format!("hello user {}", caller.user_id)
}

/// Behind the guard, a handler needs no claims.
#[post("/notes", data = "<note>")]
async fn inner_notes(note: Json<Value>) -> Json<Value> {
    note
}

#[get("/hello")]
async fn page(caller: Verified<User>, csrf: CsrfToken) -> String {
    format!("user {} {}", caller.user_id, csrf.as_str())
}

#[protected]
#[post("/notes")]
async fn member_notes(token: PageToken, payload: User) -> Result<String, GuardError> {
    Ok(format!("noted by {}", payload.user_id))
}

/// Serves the site.
#[must_use]
pub fn rocket(site: Site) -> SocketAddr {
    let routes = site.async_routes();
    let inside = insiders();
    let app = rocket::build()
        .mount("/", routes![profile, admin, invoices, greeting, notes])
        .mount("/", routes![responded_invoices, invoices_or_response, opaque_invoices])
        .mount("/inside", inside.guard_routes(routes![hello, inner_notes]))
        .mount("/members", page_guard().guard_routes(routes![page, member_notes]))
        .attach(async_keys())
        .manage(site.denials())
        .register("/", denial_catchers());
    let app = resources().into_iter().fold(app, |app, resource| app.mount("/", resource));
    serve_rocket(routes.into_iter().fold(app, |app, routes| app.mount("/", routes)))
}

/// Serves an application.
#[must_use]
pub fn serve_rocket(app: Rocket<Build>) -> SocketAddr {
    // Rocket binds its port itself and reports it at liftoff.
    let config = Config {
        address: Ipv4Addr::LOCALHOST.into(),
        port: 0,
        log_level: rocket::config::LogLevel::Off,
        ..Config::release_default()
    };
    let (launched, wait) = std::sync::mpsc::channel();
    let liftoff = rocket::fairing::AdHoc::on_liftoff("report the port", move |rocket| {
        launched.send(rocket.config().port).unwrap();
        Box::pin(async {})
    });
    run(move || async { app.configure(config).attach(liftoff).launch().await.unwrap() });
    (Ipv4Addr::LOCALHOST, wait.recv().unwrap()).into()
}
