//! poem: an endpoint is a function of a request. Only its server can give a request an address.

use std::net::SocketAddr;

use http::{Request, Response};
use poem::endpoint::BoxEndpoint;
use poem::{Endpoint, Route};

use super::TestApp;
use crate::error::BoxError;

impl TestApp for Route {
    type Running = Self;

    async fn start(self) -> Result<Self, BoxError> {
        Ok(self)
    }

    async fn respond(
        route: &Self,
        request: Request<Vec<u8>>,
        peer: Option<SocketAddr>,
    ) -> Result<Response<Vec<u8>>, BoxError> {
        respond(route, request, peer).await
    }
}

impl TestApp for BoxEndpoint<'static> {
    type Running = Self;

    async fn start(self) -> Result<Self, BoxError> {
        Ok(self)
    }

    async fn respond(
        endpoint: &Self,
        request: Request<Vec<u8>>,
        peer: Option<SocketAddr>,
    ) -> Result<Response<Vec<u8>>, BoxError> {
        respond(endpoint, request, peer).await
    }
}

async fn respond(
    endpoint: &impl Endpoint,
    request: Request<Vec<u8>>,
    peer: Option<SocketAddr>,
) -> Result<Response<Vec<u8>>, BoxError> {
    if peer.is_some() {
        return Err("poem gives a request an address only over a socket: remove `from_address`".into());
    }
    let (parts, body) = request.into_parts();
    let mut call = poem::Request::builder().method(parts.method).uri(parts.uri).body(body);
    *call.headers_mut() = parts.headers;
    let (parts, body) = endpoint.get_response(call).await.into_parts();
    let mut response = Response::new(body.into_vec().await?);
    *response.status_mut() = parts.status;
    *response.headers_mut() = parts.headers;
    Ok(response)
}
