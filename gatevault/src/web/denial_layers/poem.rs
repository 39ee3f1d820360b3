//! poem: a middleware.

use poem::{Body, Endpoint, IntoResponse as _, Middleware, Request, Response};

use crate::web::Denials;
use crate::web::poem::{error_of, response_of};

/// A poem endpoint whose denials have the settings of a [`Denials`].
#[derive(Debug)]
pub struct DenialEndpoint<E> {
    inner: E,
    denials: Denials,
}

/// A middleware: `.with(denials)` on a `Route` or an endpoint, as the outermost one. An error with the status of a denial becomes
/// one with its response, so a `catch_error` that looks for the type of an error comes within.
impl<E: Endpoint> Middleware<E> for Denials {
    type Output = DenialEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        DenialEndpoint { inner, denials: self.clone() }
    }
}

impl<E: Endpoint> Endpoint for DenialEndpoint<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        match self.inner.call(request).await {
            Ok(response) => Ok(self.revised(response.into_response())),
            Err(error) if STATUSES.contains(&error.status().as_u16()) => {
                Err(error_of(self.revised(response_of(error))))
            }
            Err(error) => Err(error),
        }
    }
}

impl<E> DenialEndpoint<E> {
    fn revised(&self, response: Response) -> Response {
        let (mut head, body) = response.into_parts();
        let body = match self.denials.revise(&mut head.headers, &mut head.extensions) {
            Some(text) => Body::from(text),
            None => body,
        };
        Response::from_parts(head, body)
    }
}

/// The statuses of a [`GuardError`](crate::GuardError).
const STATUSES: [u16; 6] = [401, 403, 422, 429, 500, 503];
