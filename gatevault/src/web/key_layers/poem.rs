//! poem: a middleware.

use poem::{Endpoint, Middleware, Request};

use crate::login::UserStore;
use crate::web::KeyExchange;

/// A poem endpoint behind a [`KeyExchange`].
#[derive(Debug)]
pub struct KeyEndpoint<E, S> {
    inner: E,
    keys: KeyExchange<S>,
}

/// A middleware: `.with(keys)` on an endpoint or on a `Route`. Of two, the one that is added last runs first.
impl<E: Endpoint, S: UserStore> Middleware<E> for KeyExchange<S> {
    type Output = KeyEndpoint<E, S>;

    fn transform(&self, inner: E) -> Self::Output {
        KeyEndpoint { inner, keys: self.clone() }
    }
}

impl<E: Endpoint, S: UserStore> Endpoint for KeyEndpoint<E, S> {
    type Output = E::Output;

    async fn call(&self, mut request: Request) -> poem::Result<Self::Output> {
        self.keys.replace_in(request.headers_mut()).await?;
        self.inner.call(request).await
    }
}
