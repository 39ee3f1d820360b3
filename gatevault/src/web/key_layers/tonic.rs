//! tonic: a layer of a gRPC server, whose denials have a gRPC status.

use std::mem;
use std::task::{Context, Poll};

use http::{Request, Response};
use tonic::Status;
use tower_layer::Layer;
use tower_service::Service;

use super::KeyFuture;
use crate::login::UserStore;
use crate::web::KeyExchange;

/// A layer of a gRPC server, which [`KeyExchange::for_grpc`] creates.
#[derive(Debug)]
pub struct GrpcKeyLayer<S>(KeyExchange<S>);

impl<S> Clone for GrpcKeyLayer<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// A gRPC service behind a [`KeyExchange`].
#[derive(Debug)]
pub struct GrpcKeyExchange<I, S> {
    inner: I,
    keys: KeyExchange<S>,
}

impl<I: Clone, S> Clone for GrpcKeyExchange<I, S> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), keys: self.keys.clone() }
    }
}

impl<S> KeyExchange<S> {
    /// Returns the layer for a gRPC server: `Server::builder().layer(keys.for_grpc())`. It runs before the interceptors of services.
    ///
    /// The exchange as a layer of its own is for HTTP: its denials have an HTTP status and a problem document.
    #[must_use]
    pub fn for_grpc(&self) -> GrpcKeyLayer<S> {
        GrpcKeyLayer(self.clone())
    }
}

impl<I, S> Layer<I> for GrpcKeyLayer<S> {
    type Service = GrpcKeyExchange<I, S>;

    fn layer(&self, inner: I) -> Self::Service {
        GrpcKeyExchange { inner, keys: self.0.clone() }
    }
}

impl<I, S, B, R> Service<Request<B>> for GrpcKeyExchange<I, S>
where
    I: Service<Request<B>, Response = Response<R>, Future: Send> + Clone + Send + 'static,
    S: UserStore,
    B: Send + 'static,
    R: Default,
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
                Err(denial) => Ok(Status::from(denial).into_http()),
            }
        })
    }
}
