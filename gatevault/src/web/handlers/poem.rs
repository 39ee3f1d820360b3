//! poem: an extractor, and the bound on the return types of handlers.

use poem::{Error, FromRequest, IntoResponse, Request, RequestBody, Response};

use super::headers::add_scopes;
use crate::error::GuardError;
use crate::guard::{DeniedOr, GuardedHandler, HandlerGuard};
use crate::web::poem::{error_of, response_of};
use crate::web::{HttpResponse, PageToken};

/// The hidden first parameter of a handler with `#[protected(handler)]`. A denial is the value that the handler returns for it. One
/// with scopes in its demands adds them to the challenge, and its error is that of a response.
///
/// poem extracts parameters in order, so none after it reads the body of a denied request.
impl<'r, H: GuardedHandler<Denied: PoemDenial>> FromRequest<'r> for HandlerGuard<H> {
    async fn from_request(request: &'r Request, _: &mut RequestBody) -> poem::Result<Self> {
        let verified = match request.data::<PageToken>() {
            Some(token) => Self::verify(token),
            None => Self::verify(request),
        };
        verified.map_err(|denied| with_scopes::<H>(denied.into_error()))
    }
}

/// Returns the error with the scopes of the handler in its challenge, as an error of its response.
fn with_scopes<H: GuardedHandler>(error: Error) -> Error {
    if H::SCOPES.is_empty() {
        return error;
    }
    let mut response = response_of(error);
    add_scopes::<H>(response.headers_mut());
    error_of(response)
}

/// A value that a handler of poem with `#[protected(handler)]` returns for a denial.
///
/// It is implemented for `Result<T, E>` with an error of poem, for [`Response`], [`HttpResponse`] and [`GuardError`]. Implement it
/// for a response type of your own with `poem::Error::from_response(self.into_response())`.
#[diagnostic::on_unimplemented(
    message = "a handler with `#[protected(handler)]` cannot return `{Self}` in poem",
    label = "expected a `Result` with an error of poem, or `poem::Response`",
    note = "return `Result<_, E>` with an error type that implements `From<gatevault::GuardError>` and poem's `ResponseError`, or \
            implement `gatevault::web::PoemDenial` for a response type of your own"
)]
pub trait PoemDenial {
    /// Returns the error that poem responds with.
    fn into_error(self) -> Error;
}

impl<T: IntoResponse, E: Into<Error>> PoemDenial for Result<T, E> {
    fn into_error(self) -> Error {
        self.map_or_else(Into::into, |value| error_of(value.into_response()))
    }
}

impl PoemDenial for GuardError {
    fn into_error(self) -> Error {
        self.into()
    }
}

macro_rules! responses {
    ($($response:ty $(, $value:ident)?);+) => {
        $(impl$(<$value: IntoResponse>)? PoemDenial for $response {
            fn into_error(self) -> Error {
                error_of(self.into_response())
            }
        })+
    };
}
responses!(Response; HttpResponse; DeniedOr<T>, T);
