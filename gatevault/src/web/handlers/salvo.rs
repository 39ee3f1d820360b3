//! Salvo: an extractor, whose error writes the denied value.

use std::fmt::{self, Debug};

use salvo_core::extract::{Extractible, Metadata};
use salvo_core::{Depot, Request, Response, Writer, async_trait};

use super::headers::add_scopes;
use crate::guard::{GuardedHandler, HandlerGuard};
use crate::web::PageToken;
use crate::web::salvo::{NO_FIELDS, token_of};

/// The hidden first parameter of a handler with `#[protected(handler)]`. A denial is the value that the handler returns for it.
///
/// Salvo extracts parameters in order, so none after it reads the body of a denied request. It changes the status of a denial
/// that is no error, such as a redirect, to 400.
impl<'ex, H: GuardedHandler<Denied: Writer + Send + 'static>> Extractible<'ex> for HandlerGuard<H> {
    fn metadata() -> &'static Metadata {
        &NO_FIELDS
    }

    async fn extract(
        request: &'ex mut Request,
        depot: &'ex mut Depot,
    ) -> Result<Self, impl Writer + Send + Debug + 'static> {
        let verified = match depot.get_typed::<PageToken>() {
            Ok(token) => Self::verify(token),
            Err(_) => Self::verify(&token_of(request, depot)),
        };
        verified.map_err(Denied::<H>)
    }
}

/// The value of a denied call, as an error of Salvo.
struct Denied<H: GuardedHandler>(H::Denied);

#[async_trait]
impl<H: GuardedHandler<Denied: Writer + Send>> Writer for Denied<H> {
    async fn write(self, request: &mut Request, depot: &mut Depot, response: &mut Response) {
        self.0.write(request, depot, response).await;
        add_scopes::<H>(response.headers_mut());
    }
}

impl<H: GuardedHandler> Debug for Denied<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Denied").finish_non_exhaustive()
    }
}
