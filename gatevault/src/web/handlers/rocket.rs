//! Rocket: a request guard. Rocket calls those before it parses parameters of the path and before it reads the body.

use rocket::http::Status;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::response::{Responder, Response};

use super::scopes::with_scopes;
use crate::guard::{GuardedHandler, HandlerGuard};
use crate::web::PageToken;
use crate::web::rocket::{local, set_local};

/// The hidden first parameter of a handler with `#[protected(handler)]`.
///
/// A denial is the value that the handler returns for it. Rocket lets no request guard respond itself:
/// [`Auth::serve`](crate::Auth::serve) sends the response of the value. Without `serve`, the
/// [`denial_catchers`](crate::web::denial_catchers) do, if its status is 401, 403 or 503.
#[rocket::async_trait]
impl<'r, H: GuardedHandler<Denied: Responder<'r, 'static>>> FromRequest<'r> for HandlerGuard<H> {
    type Error = Status;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Status> {
        let verified = match local::<PageToken>(request) {
            Some(token) => Self::verify(&token),
            None => Self::verify(request),
        };
        let denied = match verified {
            Ok(guard) => return Outcome::Success(guard),
            Err(denied) => denied.respond_to(request),
        };
        let status = match denied {
            Ok(mut response) => {
                add_scopes::<H>(&mut response);
                let status = response.status();
                set_local(request, response);
                status
            }
            Err(status) => status,
        };
        Outcome::Error((status, status))
    }
}

/// Adds the scopes that the handler demands to the challenges of a denial.
fn add_scopes<H: GuardedHandler>(response: &mut Response<'_>) {
    let challenges: Vec<_> =
        response.headers().get("www-authenticate").map(|challenge| with_scopes::<H>(challenge)).collect();
    response.remove_header("www-authenticate");
    for challenge in challenges {
        response.adjoin_raw_header("www-authenticate", challenge);
    }
}
