//! The edges. Each file serves the site with one framework, on a free port, until the process ends.

mod actix;
mod axum;
mod bare;
mod poem;
mod poem_openapi;
mod rocket;
mod salvo;
mod tiny_http;
mod tonic;
mod warp;

pub(crate) use self::actix::serve_actix_app;
pub use self::actix::{actix, serve_actix};
pub use self::axum::{axum, serve_axum};
pub use self::poem::{poem, serve_poem};
pub use self::poem_openapi::poem_openapi;
pub use self::rocket::{rocket, serve_rocket};
pub use self::salvo::{salvo, serve_salvo};
pub use self::tiny_http::{serve_tiny_http, tiny_http};
pub use self::tonic::{Behind, Outside, proto, serve_tonic, tonic};
pub use self::warp::{serve_warp, warp};
pub use bare::bare;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

/// Binds a free port for an async server, and returns it with its address.
pub(crate) fn listen() -> (TcpListener, SocketAddr) {
    let (listener, address) = listen_blocking();
    listener.set_nonblocking(true).unwrap();
    (listener, address)
}

/// Binds a free port, and returns it with its address.
fn listen_blocking() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Runs a server on a runtime of its own.
fn run<F: Future>(serve: impl FnOnce() -> F + Send + 'static) {
    std::thread::spawn(|| {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async { serve().await });
    });
}
