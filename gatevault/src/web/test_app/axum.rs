//! axum: the router is a service.

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use http::{Request, Response};
use tower_service::Service as _;

use super::{LOCAL_PEER, TestApp};
use crate::error::BoxError;

impl TestApp for Router {
    type Running = Self;

    async fn start(self) -> Result<Self, BoxError> {
        Ok(self)
    }

    async fn respond(
        router: &Self,
        request: Request<Vec<u8>>,
        peer: Option<SocketAddr>,
    ) -> Result<Response<Vec<u8>>, BoxError> {
        let mut request = request.map(Body::from);
        request.extensions_mut().insert(ConnectInfo(peer.unwrap_or(LOCAL_PEER)));
        let (parts, body) = router.clone().call(request).await?.into_parts();
        Ok(Response::from_parts(parts, to_bytes(body, usize::MAX).await?.into()))
    }
}
