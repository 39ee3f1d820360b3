//! The routes to compare, on servers with one thread.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;

use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::web::Data;
use actix_web::{App, HttpServer, rt, web};
use axum::routing::get;
use axum::{Extension, Router};
use gatevault::Auth;
use tokio::runtime::Builder;

use crate::BenchResult;
use crate::by_hand::{HandGuard, by_hand, copied};
use crate::handlers::{Users, auth, bare, bearer, decoding, handler, verified};

/// A route, by its path.
pub(crate) struct RouteName {
    pub(crate) name: &'static str,
    pub(crate) path: &'static str,
}

/// The routes. The first is the one that the others are compared with.
pub(crate) const ROUTES: [RouteName; 7] = [
    RouteName { name: "bare", path: "/bare" },
    RouteName { name: "Verified<User>", path: "/verified" },
    RouteName { name: "#[protected(handler, role = ..)]", path: "/handler" },
    RouteName { name: "#[protected(role = ..)] with `token: Bearer`", path: "/bearer" },
    RouteName { name: BY_HAND, path: "/by-hand" },
    RouteName { name: COPIED, path: "/copied" },
    RouteName { name: DECODED, path: "/decoded" },
];

/// A guard without this library.
pub(crate) const BY_HAND: &str = "extractor by hand, jsonwebtoken::decode, without revocation";
/// The parts of a guarded route: its extractor, and its verification.
pub(crate) const COPIED: &str = "extractor by hand, which verifies nothing";
pub(crate) const DECODED: &str = "decode_access_token, without an extractor";

/// A server on this machine, on a thread of its own, which ends with the process.
pub(crate) struct Server {
    pub(crate) framework: &'static str,
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
}

impl Server {
    pub(crate) fn axum() -> BenchResult<Self> {
        let (auth, token) = auth()?;
        let (listener, address) = listen()?;
        listener.set_nonblocking(true)?;
        let app = axum_app(&auth, &token)?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        thread::spawn(move || {
            runtime.block_on(async { axum::serve(tokio::net::TcpListener::from_std(listener)?, app).await })
        });
        Ok(Self { framework: "axum", address, token })
    }

    pub(crate) fn actix() -> BenchResult<Self> {
        let (auth, token) = auth()?;
        let (listener, address) = listen()?;
        let guard = Data::new(HandGuard::new()?);
        let of_app = token.clone();
        thread::spawn(move || {
            let server = HttpServer::new(move || actix_app(&auth, guard.clone(), &of_app)).workers(1);
            rt::System::new().block_on(server.disable_signals().listen(listener)?.run())
        });
        Ok(Self { framework: "actix-web", address, token })
    }
}

fn listen() -> BenchResult<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

pub(crate) fn axum_app(auth: &Auth<Users>, token: &str) -> BenchResult<Router> {
    let guarded = Router::new()
        .route("/verified", get(verified))
        .route("/handler", get(handler))
        .route("/bearer", get(bearer));
    let parts =
        Router::new().route("/copied", get(copied)).route("/decoded", get(decoding(auth.tokens(), token)));
    let hand = Router::new().route("/by-hand", get(by_hand)).layer(Extension(Arc::new(HandGuard::new()?)));
    Ok(Router::new().route("/bare", get(bare)).merge(parts).merge(hand).merge(auth.serve(guarded)))
}

pub(crate) fn actix_app(
    auth: &Auth<Users>,
    guard: Data<HandGuard>,
    token: &str,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse,
        Error = actix_web::Error,
        InitError = (),
    > + use<>,
> {
    // The data of an application are in every request, so the bare route has them too.
    auth.serve(App::new())
        .app_data(guard)
        .route("/bare", web::get().to(bare))
        .route("/verified", web::get().to(verified))
        .route("/handler", web::get().to(handler))
        .route("/bearer", web::get().to(bearer))
        .route("/by-hand", web::get().to(by_hand))
        .route("/copied", web::get().to(copied))
        .route("/decoded", web::get().to(decoding(auth.tokens(), token)))
}
