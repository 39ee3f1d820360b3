//! The site as users of poem-openapi write it.
#![expect(clippy::unused_async, reason = "operations are async, as most are that await something")]

use std::net::SocketAddr;

use gatevault::web::RouteGuard;
use gatevault::web::poem_openapi::{ApiBearer, ApiOptional, ApiVerified};
use gatevault::{GuardError, protected};
use poem::{EndpointExt as _, Route};
use poem_openapi::payload::{Json, PlainText};
use poem_openapi::{OpenApi, OpenApiService};
use serde_json::Value;

use super::serve_poem;
use crate::{Site, User};

struct Api;

#[OpenApi]
impl Api {
    #[oai(path = "/profile", method = "get", method = "head")]
    async fn profile(&self, who: ApiVerified<User>) -> Result<PlainText<String>, GuardError> {
        Ok(PlainText(format!("user {}", who.user_id)))
    }

    // What is guarded is the function that it calls.
    #[oai(path = "/admin", method = "get")]
    async fn admin(&self, token: ApiBearer) -> Result<PlainText<String>, GuardError> {
        admin(&token).map(PlainText)
    }

    #[oai(path = "/invoices", method = "get")]
    async fn invoices(&self, token: ApiBearer) -> poem::Result<PlainText<String>> {
        invoices(&token).await.map(PlainText)
    }

    #[oai(path = "/greeting", method = "get")]
    async fn greeting(&self, ApiOptional(who): ApiOptional<User>) -> PlainText<String> {
        PlainText(who.map_or("hello stranger".to_owned(), |user| format!("hello user {}", user.user_id)))
    }

    /// Parameters are asked in their order: the body is read when the token is known to be good.
    #[oai(path = "/notes", method = "post")]
    async fn notes(&self, _who: ApiVerified<User>, note: Json<Value>) -> Json<Value> {
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
    async fn hello(&self, who: ApiVerified<User>) -> PlainText<String> {
        PlainText(format!("hello user {}", who.user_id))
    }

    /// Behind the middleware nobody is asked again.
    #[oai(path = "/notes", method = "post")]
    async fn notes(&self, note: Json<Value>) -> Json<Value> {
        note
    }
}

/// Serves the site.
#[must_use]
pub fn poem_openapi(site: Site) -> SocketAddr {
    let [browsers, others] = site.async_routes();
    let inside = OpenApiService::new(Inside, "Inside", "1.0")
        .with(RouteGuard::<User>::installed().require("no guests", |who| who.role != "guest"));
    let app = Route::new().nest("/", OpenApiService::new(Api, "The site", "1.0")).nest("/inside", inside);
    serve_poem(others.add_to(browsers.add_to(app)))
}
