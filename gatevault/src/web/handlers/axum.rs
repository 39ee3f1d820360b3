//! axum: an extractor of the parts of a request.

use axum::extract::FromRequestParts;
use axum::response::IntoResponse;
use http::request::Parts;

use crate::guard::{GuardedHandler, HandlerGuard};
use crate::web::PageToken;

/// The hidden first parameter of a handler with `#[protected(handler)]`. A denial is the value that the handler returns for it.
///
/// axum extracts parameters in order, and reads the body in the last one.
impl<S: Sync, H: GuardedHandler<Denied: IntoResponse>> FromRequestParts<S> for HandlerGuard<H> {
    type Rejection = H::Denied;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, H::Denied> {
        match parts.extensions.get::<PageToken>() {
            Some(token) => Self::verify(token),
            None => Self::verify(parts),
        }
    }
}
