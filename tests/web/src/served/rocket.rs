//! The application as users of Rocket write it.
#![expect(clippy::unused_async, reason = "the signatures of handlers")]

use std::net::SocketAddr;

use gatevault::web::{HttpResponse, PageToken, RouteGuard};
use gatevault::{Bearer, GuardError, Verified, protected};
use rocket::http::Status;
use rocket::request::Request;
use rocket::response::{self, Responder};
use rocket::serde::json::{Json, Value};
use rocket::{Build, Rocket, get, post, routes};

use super::{argument, page_guard, pages};
use crate::User;
use crate::edges::serve_rocket;

#[protected]
#[get("/token")]
async fn profile(token: Bearer, payload: User) -> Result<String, GuardError> {
    Ok(payload.to_string())
}

#[protected]
#[get("/visit")]
async fn visit(token: PageToken, payload: User) -> Result<String, GuardError> {
    Ok(payload.to_string())
}

#[get("/claims")]
async fn claims(caller: Verified<User>) -> String {
    caller.to_string()
}

#[get("/group")]
async fn group(caller: Verified<User>) -> String {
    caller.to_string()
}

#[protected(gate = argument())]
#[get("/argument")]
async fn by_argument(token: Bearer, payload: User) -> Result<String, GuardError> {
    Ok(payload.to_string())
}

/// The fallback.
#[protected]
#[get("/<_..>", rank = 20)]
async fn fallback(token: Bearer, payload: User) -> Result<String, GuardError> {
    Ok(payload.to_string())
}

#[protected(handler)]
#[get("/accounts/<id>")]
async fn account(id: u64, user: User) -> Result<String, GuardError> {
    Ok(format!("account {id} of {user}"))
}

#[protected(handler)]
#[post("/notes", data = "<note>")]
async fn notes(note: Json<Value>, user: User) -> Result<String, GuardError> {
    Ok(format!("{} of {user}", *note))
}

#[protected(handler, role = "admin")]
#[get("/admin")]
async fn admin(user: User) -> Result<String, HttpResponse> {
    Ok(user.to_string())
}

#[protected(handler, max_age = "5m")]
#[get("/recent")]
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

impl<'r> Responder<'r, 'static> for AppError {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        (Status::ImATeapot, format!("own {}", self.0.status())).respond_to(request)
    }
}

#[protected(handler, role = "admin")]
#[get("/own")]
async fn own(user: User) -> Result<String, AppError> {
    Ok(user.to_string())
}

#[protected(handler, role = "admin")]
#[get("/opaque")]
async fn opaque<'r>(user: User) -> impl Responder<'r, 'static> {
    user.to_string()
}

#[protected(handler)]
#[get("/hello")]
async fn page(user: User) -> Result<String, GuardError> {
    Ok(user.to_string())
}

#[protected(handler, scopes("a:read", "b:read"), any_scope("b:read", "c:read"))]
#[get("/scoped")]
async fn scoped(user: User) -> Result<String, GuardError> {
    Ok(user.to_string())
}

/// Returns the application, without the login routes and without a gate.
#[must_use]
pub fn application() -> Rocket<Build> {
    rocket::build()
        .manage(pages())
        .mount(
            "/",
            routes![claims, visit, by_argument, account, notes, admin, recent, own, opaque, scoped, fallback],
        )
        .mount("/nested/deep", routes![profile])
        .mount("/", RouteGuard::<User>::installed().guard_routes(routes![group]))
        .mount("/members", page_guard().guard_routes(routes![page]))
}

/// Serves the application, to which a plugin adds a route after `serve`.
#[must_use]
pub fn rocket() -> SocketAddr {
    serve_rocket(super::routes().serve(application()).mount("/", routes![profile]))
}
