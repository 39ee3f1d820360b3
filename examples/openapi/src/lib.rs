//! Notes, with an `OpenAPI` document that says which scopes each operation needs. The guards are the only place where scopes are
//! written.

#![expect(missing_docs, reason = "an application, not a library")]

mod notes;
mod users;

use std::error::Error;
use std::sync::Arc;

use axum::routing::get;
use axum::{Json, Router};
use gatevault::Auth;
use gatevault::web::TokenEndpoint;
use gatevault::web::openapi::ApiSecurity;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::notes::operations;
pub use crate::notes::{Note, Notes};
pub use crate::users::{Person, Users};

pub type Failure = Box<dyn Error + Send + Sync>;

/// Creates the routes and the document. Fails if an operation has no guard.
///
/// # Errors
///
/// The document does not fit the guards.
pub fn api() -> Result<(Router<Arc<Notes>>, OpenApi), Failure> {
    let (router, mut document) = OpenApiRouter::new()
        .routes(routes!(operations::list, operations::add, operations::clear))
        .routes(routes!(operations::count))
        .split_for_parts();
    ApiSecurity::new([operations::GUARDS])
        .password_flow("/token")?
        .scope("notes:read", "Read notes")
        .scope("notes:write", "Add and delete notes")
        .secure(&mut document)?;
    Ok((router, document))
}

/// # Errors
///
/// The document does not fit the guards, or the token endpoint is not set up.
pub fn app(auth: &Auth<Users>, issuer: &str) -> Result<Router, Failure> {
    let (router, document) = api()?;
    let router = router.with_state(Arc::default());
    let router = router.route("/openapi.json", get(move || async move { Json(document) }));
    Ok(auth.routes().with_token_endpoint(TokenEndpoint::new(issuer)?)?.serve(router))
}
