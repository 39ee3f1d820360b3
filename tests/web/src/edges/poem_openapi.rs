//! The site as users of poem-openapi write it.
#![expect(clippy::unused_async, reason = "operations are async in most applications")]

use std::net::SocketAddr;

use gatevault::web::poem_openapi::{ApiBearer, ApiOptional, ApiVerified};
use gatevault::{GuardError, protected};
use poem::{EndpointExt as _, Route};
use poem_openapi::payload::{Json, PlainText};
use poem_openapi::{OpenApi, OpenApiService};
use serde_json::Value;

use super::poem::{with_invoices, with_members};
use super::serve_poem;
use crate::{Site, User, async_keys, insiders, resources};

struct Api;

#[OpenApi]
impl Api {
    #[oai(path = "/profile", method = "get", method = "head")]
    async fn profile(&self, caller: ApiVerified<User>) -> Result<PlainText<String>, GuardError> {
        Ok(PlainText(format!("user {}", caller.user_id)))
    }

    // The operation calls a guarded function.
    #[oai(path = "/admin", method = "get")]
    async fn admin(&self, token: ApiBearer) -> Result<PlainText<String>, GuardError> {
        admin(&token).map(PlainText)
    }

    #[oai(path = "/invoices", method = "get")]
    async fn invoices(&self, token: ApiBearer) -> poem::Result<PlainText<String>> {
        invoices(&token).await.map(PlainText)
    }

    #[oai(path = "/greeting", method = "get")]
    async fn greeting(&self, ApiOptional(caller): ApiOptional<User>) -> PlainText<String> {
        PlainText(caller.map_or("hello stranger".to_owned(), |user| format!("hello user {}", user.user_id)))
    }

    /// Parameters are extracted in order: the body is read after the token was verified.
    #[oai(path = "/notes", method = "post")]
    async fn notes(&self, _caller: ApiVerified<User>, note: Json<Value>) -> Json<Value> {
        note
    }
}

#[protected(role = "admin")]
fn admin(token: &ApiBearer, payload: User) -> Result<String, GuardError> {
    Ok(format!("admin {}", payload.user_id))
}

#[protected(scope = "invoices:read")]
async fn invoices(token: &ApiBearer, payload: User) -> poem::Result<String> {
    Ok(format!("invoices of {}", payload.user_id))
}

struct Inside;

#[OpenApi]
impl Inside {
    #[oai(path = "/hello", method = "get")]
    async fn hello(&self, caller: ApiVerified<User>) -> PlainText<String> {
        PlainText(format!("hello user {}", caller.user_id))
    }

    /// Behind the middleware, a handler needs no claims.
    #[oai(path = "/notes", method = "post")]
    async fn notes(&self, note: Json<Value>) -> Json<Value> {
        note
    }
}

/// Serves the site.
#[must_use]
pub fn poem_openapi(site: Site) -> SocketAddr {
    let routes = site.async_routes();
    let inside = OpenApiService::new(Inside, "Inside", "1.0").with(insiders());
    let app = Route::new().nest("/", OpenApiService::new(Api, "The site", "1.0")).nest("/inside", inside);
    let app = routes.into_iter().fold(with_members(with_invoices(app)), |app, routes| routes.add_to(app));
    let app = resources().iter().fold(app, |app, resource| resource.add_to(app));
    serve_poem(app.with(async_keys()).with(site.denials()))
}
