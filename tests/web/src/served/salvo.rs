//! The application as users of Salvo write it.

use std::net::SocketAddr;

use gatevault::web::{PageToken, RouteGuard};
use gatevault::{Bearer, GuardError, Verified, protected};
use salvo::affix_state;
use salvo::extract::{JsonBody, PathParam};
use salvo::prelude::*;
use serde_json::Value;

use super::{argument, inner_gate, page_guard, pages, routes};
use crate::edges::serve_salvo;
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
async fn account(id: PathParam<u64>, user: User) -> Result<String, GuardError> {
    Ok(format!("account {} of {user}", id.into_inner()))
}

#[protected(handler)]
#[handler]
async fn notes(note: JsonBody<Value>, user: User) -> Result<String, GuardError> {
    Ok(format!("{} of {user}", note.into_inner()))
}

#[protected(handler, role = "admin")]
#[handler]
async fn admin(user: User) -> Result<String, GuardError> {
    Ok(user.to_string())
}

#[protected(handler, max_age = "5m")]
#[handler]
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

impl Scribe for AppError {
    fn render(self, response: &mut Response) {
        response.status_code(StatusCode::IM_A_TEAPOT);
        response.render(format!("own {}", self.0.status()));
    }
}

#[protected(handler, role = "admin")]
#[handler]
async fn own(user: User) -> Result<String, AppError> {
    Ok(user.to_string())
}

#[protected(handler, role = "admin")]
#[handler]
async fn opaque(user: User) -> impl Writer {
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
pub fn salvo() -> SocketAddr {
    let at = |path: &str| Router::with_path(path);
    let inner = at("inner")
        .hoop(affix_state::inject(inner_gate()))
        .push(at("token").get(profile))
        .push(at("claims").get(claims))
        .push(at("handler").get(page));
    let app = Router::new()
        .push(at("token").get(profile))
        .push(at("claims").get(claims))
        .push(at("visit").hoop(affix_state::inject(pages())).get(visit))
        .push(at("argument").get(by_argument))
        .push(at("accounts/{id}").get(account))
        .push(at("notes").post(notes))
        .push(at("admin").get(admin))
        .push(at("recent").get(recent))
        .push(at("own").get(own))
        .push(at("opaque").get(opaque))
        .push(at("scoped").get(scoped))
        .push(at("presented").hoop(own_denials()).get(scoped))
        .push(at("group").hoop(RouteGuard::<User>::installed()).get(claims))
        .push(at("members/hello").hoop(page_guard()).get(page))
        .push(at("nested").push(at("deep/token").get(profile)))
        .push(inner)
        .push(at("{**rest}").get(profile));
    serve_salvo(routes().serve(app))
}
