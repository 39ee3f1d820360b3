//! The site as users of tonic write it: gRPC services, and the login routes of axum on the same port.

use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use axum::extract::ConnectInfo;
use gatevault::{GuardError, Verified, guarded, protected};
use tokio_stream::{Stream, StreamExt as _};
use tonic::service::Routes;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status, Streaming};

use super::{listen, run, serve_axum};
use crate::{Site, User, async_keys, insiders};

/// The code that tonic generates from the protocol.
#[allow(missing_docs, unused_qualifications, clippy::pedantic, clippy::restriction, reason = "generated")]
pub mod proto {
    tonic::include_proto!("site");
}

use proto::Note;
use proto::inside_server::{self, InsideServer};
use proto::site_server::{self, SiteServer};

/// The service whose methods are guarded one by one.
#[derive(Debug, Clone, Copy)]
pub struct Outside;

#[guarded]
#[tonic::async_trait]
impl site_server::Site for Outside {
    #[protected]
    async fn profile(&self, token: Request<Note>, payload: User) -> Result<Response<Note>, Status> {
        Ok(note(format!("user {} says {:?}", payload.user_id, token.into_inner().text)))
    }

    #[protected(role = "admin")]
    async fn admin(&self, token: Request<Note>, payload: User) -> Result<Response<Note>, Status> {
        Ok(note(format!("admin {}", payload.user_id)))
    }

    #[protected(scope = "invoices:read")]
    async fn invoices(&self, token: Request<Note>, payload: User) -> Result<Response<Note>, Status> {
        Ok(note(format!("invoices of {}", payload.user_id)))
    }

    #[protected(optional)]
    async fn greeting(&self, token: Request<Note>, payload: Option<User>) -> Result<Response<Note>, Status> {
        Ok(note(payload.map_or("hello stranger".to_owned(), |user| format!("hello user {}", user.user_id))))
    }

    type SplitStream = Pin<Box<dyn Stream<Item = Result<Note, Status>> + Send>>;

    #[protected]
    async fn split(
        &self,
        token: Request<Note>,
        payload: User,
    ) -> Result<Response<Self::SplitStream>, Status> {
        let text = format!("{}: {}", payload.user_id, token.into_inner().text);
        let words: Vec<_> = text.split(' ').map(|word| Ok(Note { text: word.to_owned() })).collect();
        Ok(Response::new(Box::pin(tokio_stream::iter(words))))
    }

    #[protected]
    async fn join(&self, token: Request<Streaming<Note>>, payload: User) -> Result<Response<Note>, Status> {
        let lines = lines(token.into_inner()).await?;
        Ok(note(format!("{} by {}", lines.join(" "), payload.user_id)))
    }

    #[public(reason = "it returns what the caller knows")]
    async fn address(&self, request: Request<Note>) -> Result<Response<Note>, Status> {
        let by_axum = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        Ok(note(format!("{:?} {by_axum:?}", request.remote_addr().map(|peer| peer.ip()))))
    }

    #[public(reason = "it only fails")]
    async fn fail(&self, request: Request<Note>) -> Result<Response<Note>, Status> {
        Err(match request.into_inner().text.as_str() {
            "often" => GuardError::TooManyAttempts { retry_after: Duration::from_secs(30) },
            "store" => GuardError::unavailable("the store at 10.0.0.7 is down"),
            "credentials" => GuardError::invalid_credentials("no such user"),
            "gate" => GuardError::NotInstalled,
            _ => GuardError::unauthorized("an account is frozen"),
        })?
    }
}

/// The service behind a `RouteGuard`.
#[derive(Debug, Clone, Copy)]
pub struct Behind;

#[tonic::async_trait]
impl inside_server::Inside for Behind {
    async fn hello(&self, request: Request<Note>) -> Result<Response<Note>, Status> {
        let caller = Verified::<User>::of(&request)?;
        Ok(note(format!("hello {} {}", caller.role, caller.user_id)))
    }

    async fn join(&self, request: Request<Streaming<Note>>) -> Result<Response<Note>, Status> {
        let user_id = Verified::<User>::of(&request)?.user_id;
        Ok(note(format!("{} by {user_id}", lines(request.into_inner()).await?.join(" "))))
    }

    #[protected(role = "admin")]
    async fn admin(&self, token: Request<Note>, payload: User) -> Result<Response<Note>, Status> {
        let caller = Verified::<User>::of(&token)?;
        Ok(note(format!("admin {} is {}", caller.user_id, payload.user_id)))
    }
}

fn note(text: String) -> Response<Note> {
    Response::new(Note { text })
}

async fn lines(mut notes: Streaming<Note>) -> Result<Vec<String>, Status> {
    let mut lines = Vec::new();
    while let Some(note) = notes.next().await {
        lines.push(note?.text);
    }
    Ok(lines)
}

/// Serves the site.
#[must_use]
pub fn tonic(site: Site) -> SocketAddr {
    let routes = site.async_routes();
    let inside = InsideServer::with_interceptor(Behind, insiders().denials(site.denials()));
    let services = Routes::new(SiteServer::new(Outside)).add_service(inside);
    let app = services.into_axum_router().layer(async_keys().for_grpc());
    serve_axum(routes.into_iter().fold(app, |app, routes| app.merge(routes.into_router())))
}

/// Serves with tonic's own server.
#[must_use]
pub fn serve_tonic<F>(serve: impl FnOnce(TcpIncoming) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = Result<(), tonic::transport::Error>>,
{
    let (listener, address) = listen();
    run(move || async {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        serve(listener.into()).await.unwrap();
    });
    address
}
