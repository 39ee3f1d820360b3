//! The application as users of actix-web write it.

use std::fmt;
use std::net::SocketAddr;

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Json, Path};
use actix_web::{App, HttpResponse, Responder, ResponseError, get, post};
use gatevault::web::{PageToken, RouteGuard};
use gatevault::{Bearer, GuardError, Verified, protected};
use serde_json::Value;

use super::{argument, inner_gate, page_guard, pages, routes};
use crate::edges::serve_actix_app;
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

#[get("/accounts/{id}")]
#[protected(handler)]
async fn account(id: Path<u64>, user: User) -> Result<String, GuardError> {
    Ok(format!("account {id} of {user}"))
}

#[post("/notes")]
#[protected(handler)]
async fn notes(note: Json<Value>, user: User) -> Result<String, GuardError> {
    Ok(format!("{note} of {user}"))
}

#[get("/admin")]
#[protected(handler, role = "admin")]
async fn admin(user: User) -> actix_web::Result<String> {
    Ok(user.to_string())
}

#[get("/recent")]
#[protected(handler, max_age = "5m")]
async fn recent(user: User) -> HttpResponse {
    HttpResponse::Ok().body(user.to_string())
}

/// An error of the application.
#[derive(Debug)]
struct AppError(GuardError);

impl From<GuardError> for AppError {
    fn from(denial: GuardError) -> Self {
        Self(denial)
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "own {}", self.0.status())
    }
}

impl ResponseError for AppError {
    fn status_code(&self) -> StatusCode {
        StatusCode::IM_A_TEAPOT
    }
}

#[get("/own")]
#[protected(handler, role = "admin")]
async fn own(user: User) -> Result<String, AppError> {
    Ok(user.to_string())
}

#[get("/opaque")]
#[protected(handler, role = "admin")]
async fn opaque(user: User) -> impl Responder {
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

fn configure(config: &mut web::ServiceConfig) {
    let nested = web::scope("/nested").service(web::scope("/deep").route("/token", web::get().to(profile)));
    // A scope finds a gate with and without `Data`.
    let inner = web::scope("/inner")
        .app_data(inner_gate())
        .route("/token", web::get().to(profile))
        .route("/claims", web::get().to(claims));
    let inner_handler =
        web::resource("/inner/handler").app_data(Data::new(inner_gate())).route(web::get().to(page));
    let members = web::scope("/members").route("/hello", web::get().to(page)).wrap(page_guard());
    let group = web::resource("/group").route(web::get().to(claims)).wrap(RouteGuard::<User>::installed());
    let presented = web::resource("/presented").route(web::get().to(scoped)).wrap(own_denials());
    config
        .service(presented)
        .route("/scoped", web::get().to(scoped))
        .route("/token", web::get().to(profile))
        .route("/claims", web::get().to(claims))
        .app_data(pages())
        .route("/visit", web::get().to(visit))
        .route("/argument", web::get().to(by_argument))
        .service((account, notes, admin, recent, own, opaque))
        .service((nested, inner_handler, inner, members, group))
        .default_service(web::to(profile));
}

/// Serves the application. Its routes are added by a plugin, some before and some after `serve`.
#[must_use]
pub fn actix() -> SocketAddr {
    serve_actix_app!(|| routes().serve(App::new()).configure(configure))
}
