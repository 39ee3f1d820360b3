//! Rocket: its own client in the process, without its cookie jar.

use std::net::SocketAddr;
use std::str::FromStr as _;

use http::{Request, Response};
use rocket::http::{Cookie, Header, Method};
use rocket::local::asynchronous::Client;
use rocket::{Build, Rocket};

use super::{LOCAL_PEER, TestApp};
use crate::error::BoxError;

impl TestApp for Rocket<Build> {
    type Running = Client;

    async fn start(self) -> Result<Client, BoxError> {
        // Rocket's error panics in its drop unless it was formatted.
        Client::untracked(self).await.map_err(|error| error.to_string().into())
    }

    async fn respond(
        client: &Client,
        request: Request<Vec<u8>>,
        peer: Option<SocketAddr>,
    ) -> Result<Response<Vec<u8>>, BoxError> {
        let (parts, body) = request.into_parts();
        let method = Method::from_str(parts.method.as_str())
            .map_err(|()| format!("Rocket has no method {}", parts.method))?;
        let mut call =
            client.req(method, parts.uri.to_string()).remote(peer.unwrap_or(LOCAL_PEER)).body(body);
        for (name, value) in &parts.headers {
            call.add_header(Header::new(name.to_string(), value.to_str()?.to_owned()));
        }
        // Rocket's local requests do not read their header into the jar that handlers see.
        for value in parts.headers.get_all(http::header::COOKIE) {
            for cookie in value.to_str()?.split(';') {
                call = call.cookie(Cookie::parse(cookie.trim().to_owned())?);
            }
        }
        let source = call.dispatch().await;
        let mut response = Response::builder().status(source.status().code);
        for header in source.headers().iter() {
            response = response.header(header.name().as_str(), header.value());
        }
        Ok(response.body(source.into_bytes().await.unwrap_or_default())?)
    }
}
