//! axum: an extractor of the parts of a request.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::request::Parts;

use super::headers::add_scopes;
use crate::guard::{GuardedHandler, HandlerGuard};
use crate::web::PageToken;

/// The hidden first parameter of a handler with `#[protected(handler)]`. A denial is the response of the value that the
/// handler returns for it, with the scopes of the handler in its challenge.
///
/// axum extracts parameters in order, and reads the body in the last one.
impl<S: Sync, H: GuardedHandler<Denied: IntoResponse>> FromRequestParts<S> for HandlerGuard<H> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let verified = match parts.extensions.get::<PageToken>() {
            Some(token) => Self::verify(token),
            None => Self::verify(parts),
        };
        verified.map_err(|denied| {
            let mut response = denied.into_response();
            add_scopes::<H>(response.headers_mut());
            response
        })
    }
}
