//! actix-web: an extractor that is ready at once.

use std::future::{Ready, ready};

use actix_web::body::MessageBody as _;
use actix_web::dev::Payload;
use actix_web::error::InternalError;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, Responder};

use super::scopes::with_scopes;
use crate::guard::{GuardedHandler, HandlerGuard};
use crate::web::PageToken;
use crate::web::actix::edit_challenges;

/// The hidden first parameter of a handler with `#[protected(handler)]`. A denial is the value that the handler returns for it,
/// with the same response and the scopes of the handler in its challenge.
///
/// actix-web creates the futures of all extractors, and then polls them in the order of the parameters. This one is ready at
/// once, so the others are not polled for a denied request: none reads the body, and no error of theirs is the response.
impl<H: GuardedHandler<Denied: Responder>> FromRequest for HandlerGuard<H> {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // Cloned, because the guard of the handler may use the extensions.
        let of_page = request.extensions().get::<PageToken>().cloned();
        let verified = match of_page {
            Some(token) => Self::verify(&token),
            None => Self::verify(request),
        };
        ready(verified.map_err(|denied| error::<H>(denied, request)))
    }
}

/// Returns an error whose response is that of the denied value, and whose text is that of its error.
fn error<H: GuardedHandler<Denied: Responder>>(denied: H::Denied, request: &HttpRequest) -> actix_web::Error {
    let mut response = denied.respond_to(request).map_body(|_, body| body.boxed());
    edit_challenges(response.headers_mut(), |challenge| with_scopes::<H>(challenge));
    let cause = response.error().map_or_else(|| "not admitted".to_owned(), ToString::to_string);
    InternalError::from_response(cause, response).into()
}
