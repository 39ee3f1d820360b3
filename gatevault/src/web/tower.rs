//! tower: a [`RouteGuard`] as a layer over services of `http::Request`.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::{HttpRequest, HttpResponse, RouteGuard, original_uri};
use crate::claims::{Claims, Verified};

/// A tower service behind a [`RouteGuard`], which the guard creates as a layer.
#[derive(Debug, Clone)]
pub struct Guarded<S, C> {
    inner: S,
    guard: RouteGuard<C>,
}

impl<S, C> Layer<S> for RouteGuard<C> {
    type Service = Guarded<S, C>;

    fn layer(&self, inner: S) -> Self::Service {
        Guarded { inner, guard: self.clone() }
    }
}

impl<S, C, B, R> Service<Request<B>> for Guarded<S, C>
where
    S: Service<Request<B>, Response = Response<R>>,
    C: Claims + Clone + Send + Sync + 'static,
    Verified<C>: Clone,
    R: From<String>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = GuardedFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        match self.guard.decide(&request, || head(&request)) {
            Ok(admitted) => {
                request.extensions_mut().insert(admitted.caller);
                if let Some(token) = admitted.page_token {
                    request.extensions_mut().insert(token);
                }
                GuardedFuture(Ok(Box::pin(self.inner.call(request))))
            }
            Err(refusal) => GuardedFuture(Err(refusal.into())),
        }
    }
}

fn head<B>(request: &Request<B>) -> HttpRequest {
    let head = HttpRequest::from_http(request.method(), request.uri().path(), request.headers());
    head.sent_to(request.uri()).asking_for(original_uri(request.extensions()).unwrap_or(request.uri()))
}

/// The future of a [`Guarded`] service: its response, or the response to a denial.
#[derive(Debug)]
pub struct GuardedFuture<F>(Result<Pin<Box<F>>, HttpResponse>);

impl<F, R, E> Future for GuardedFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: From<String>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        Poll::Ready(match &mut self.get_mut().0 {
            Ok(inner) => ready!(inner.as_mut().poll(context)),
            Err(response) => Ok(response.clone().into()),
        })
    }
}
