//! Salvo: the handler of its server, without the server.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::pin;

use http::uri::Scheme;
use http::{Request, Response};
use salvo_core::hyper::body::Body as _;
use salvo_core::{ConnCtrl, Router, Service};

use super::{LOCAL_PEER, TestApp};
use crate::error::BoxError;

impl TestApp for Router {
    type Running = Service;

    async fn start(self) -> Result<Service, BoxError> {
        Ok(Service::new(self))
    }

    async fn respond(
        service: &Service,
        request: Request<Vec<u8>>,
        peer: Option<SocketAddr>,
    ) -> Result<Response<Vec<u8>>, BoxError> {
        respond(service, request, peer).await
    }
}

impl TestApp for Service {
    type Running = Self;

    async fn start(self) -> Result<Self, BoxError> {
        Ok(self)
    }

    async fn respond(
        service: &Self,
        request: Request<Vec<u8>>,
        peer: Option<SocketAddr>,
    ) -> Result<Response<Vec<u8>>, BoxError> {
        respond(service, request, peer).await
    }
}

async fn respond(
    service: &Service,
    request: Request<Vec<u8>>,
    peer: Option<SocketAddr>,
) -> Result<Response<Vec<u8>>, BoxError> {
    let peer = peer.unwrap_or(LOCAL_PEER);
    let request = salvo_core::Request::from_hyper(request, Scheme::HTTPS);
    // Not `Service::handle`: it needs Salvo's feature `test`, which brings compression and other crates.
    let handler =
        service.hyper_handler(LOCAL_PEER.into(), peer.into(), Scheme::HTTPS, None, ConnCtrl::new(), None);
    let (parts, body) = handler.handle(request).await.into_hyper().into_parts();
    let (mut body, mut bytes) = (pin!(body), Vec::new());
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        if let Ok(data) = frame?.into_data() {
            bytes.extend(data);
        }
    }
    Ok(Response::from_parts(parts, bytes))
}
