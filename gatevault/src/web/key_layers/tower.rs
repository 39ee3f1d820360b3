//! tower: a layer over services of `http::Request`.

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use crate::login::UserStore;
use crate::web::{HttpResponse, KeyExchange};

/// A tower service behind a [`KeyExchange`], which creates it as a layer.
#[derive(Debug)]
pub struct KeyLayered<I, S> {
    inner: I,
    keys: KeyExchange<S>,
}

impl<I: Clone, S> Clone for KeyLayered<I, S> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), keys: self.keys.clone() }
    }
}

/// The future of a [`KeyLayered`] service.
pub type KeyFuture<R, E> = Pin<Box<dyn Future<Output = Result<R, E>> + Send>>;

/// A layer around the guards: of two layers of an axum `Router`, the one that is added last runs first.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "axum")] {
/// # use gatevault::{OAuthHandler, UserStore};
/// use axum::{Router, routing::get};
/// use gatevault::{Payload, Verified, web::{KeyExchange, RouteGuard}};
///
/// # fn example<S: UserStore>(oauth: OAuthHandler<S>) -> Router {
/// async fn report(caller: Verified<Payload>) -> String {
///     format!("the report of user {}", caller.user_id())
/// }
///
/// Router::new()
///     .route("/report", get(report))
///     .layer(RouteGuard::<Payload>::installed())
///     .layer(KeyExchange::new(oauth)) // in front of the guard
/// # }
/// # }
/// ```
impl<I, S> Layer<I> for KeyExchange<S> {
    type Service = KeyLayered<I, S>;

    fn layer(&self, inner: I) -> Self::Service {
        KeyLayered { inner, keys: self.clone() }
    }
}

impl<I, S, B, R> Service<Request<B>> for KeyLayered<I, S>
where
    I: Service<Request<B>, Response = Response<R>, Future: Send> + Clone + Send + 'static,
    S: UserStore,
    B: Send + 'static,
    R: From<String>,
{
    type Response = I::Response;
    type Error = I::Error;
    type Future = KeyFuture<I::Response, I::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), I::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let keys = self.keys.clone();
        // The service that is ready handles the request, and its clone becomes ready for the next one.
        let next = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, next);
        Box::pin(async move {
            match keys.replace_in(request.headers_mut()).await {
                Ok(()) => inner.call(request).await,
                Err(denial) => Ok(HttpResponse::from(denial).into()),
            }
        })
    }
}
