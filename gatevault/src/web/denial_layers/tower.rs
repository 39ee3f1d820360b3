//! tower: a layer over services of `http::Request`.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use crate::web::Denials;

/// A tower service whose denials have the settings of a [`Denials`], which creates it as a layer.
#[derive(Debug, Clone)]
pub struct DenialLayered<S> {
    inner: S,
    denials: Denials,
}

/// A layer around everything whose denials it applies to: of two layers of an axum `Router`, the one that is added last is the
/// outer one.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "axum")] {
/// # use gatevault::{Auth, ConfigError, UserStore};
/// use axum::{Router, routing::get};
/// use gatevault::{Payload, Verified, web::Denials};
///
/// # fn example<S: UserStore>(auth: &Auth<S>) -> Result<Router, ConfigError> {
/// async fn report(caller: Verified<Payload>) -> String {
///     format!("the report of user {}", caller.user_id())
/// }
///
/// let app = auth.serve(Router::new().route("/report", get(report)));
/// Ok(app.layer(Denials::new().realm("reports")?))
/// # }
/// # }
/// ```
impl<S> Layer<S> for Denials {
    type Service = DenialLayered<S>;

    fn layer(&self, inner: S) -> Self::Service {
        DenialLayered { inner, denials: self.clone() }
    }
}

impl<S, B, R> Service<Request<B>> for DenialLayered<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: From<String>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = DenialFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        DenialFuture { response: Box::pin(self.inner.call(request)), denials: self.denials.clone() }
    }
}

/// The future of a [`DenialLayered`] service.
#[derive(Debug)]
pub struct DenialFuture<F> {
    response: Pin<Box<F>>,
    denials: Denials,
}

impl<F, R, E> Future for DenialFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: From<String>,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let response = ready!(self.response.as_mut().poll(context));
        Poll::Ready(response.map(|response| self.denials.apply_http(response)))
    }
}
