//! The address of the client, which throttles count by.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::StatusCode;
use axum::http::request::Parts;
use gatevault::web::HttpRequest;

use crate::{App, AppError};

/// The address of the client, as the routes of the library find it: the peer, or behind your own proxies what they have written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

impl FromRequestParts<App> for ClientAddress {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, AppError> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        let address = app.routes.client_address(&HttpRequest::from(&*parts).from_address(peer));
        address.map(Self).ok_or(AppError::Refused(StatusCode::BAD_REQUEST, "a request without an address"))
    }
}
