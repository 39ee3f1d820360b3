//! Applications of the web frameworks, called in the process of a test, without a socket.
//!
//! Feature `testing`; [`crate::testing`] is the public place of the traits.

use std::net::SocketAddr;

use crate::error::BoxError;

mod login_service;

#[cfg(feature = "actix")]
mod actix;
#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "poem")]
mod poem;
#[cfg(feature = "rocket")]
mod rocket;
#[cfg(feature = "salvo")]
mod salvo;
#[cfg(all(feature = "warp", feature = "tower"))]
mod warp;

pub use login_service::LoginService;

/// An application of a web framework that a test can call without a socket.
///
/// | framework | types | client address |
/// |---|---|---|
/// | axum | `axum::Router`; other tower services as its `fallback_service` | yes |
/// | actix-web | `actix_web::App` | yes |
/// | poem | `poem::Route`, `poem::endpoint::BoxEndpoint` | no |
/// | Rocket | `rocket::Rocket<Build>` | yes |
/// | Salvo | `salvo::Router`, `salvo::Service` | yes |
/// | warp, with the feature `tower` | `warp::filters::BoxedFilter`: `filter.boxed()` | no; bodies of requests are UTF-8 |
///
/// tonic and `tiny_http` need a socket. Implement the trait for a framework that is not in the table.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an application that a test can call without a socket",
    label = "expected an application of axum, actix-web, poem, Rocket, Salvo or warp",
    note = "enable the feature of the framework, for warp also the feature `tower`",
    note = "give it `axum::Router<()>`, `actix_web::App`, `poem::Route`, `rocket::Rocket<Build>`, `salvo::Router` or \
            `warp::Filter::boxed`"
)]
pub trait TestApp {
    /// The application after its start.
    type Running;

    /// Starts the application.
    ///
    /// # Errors
    ///
    /// If the application cannot start.
    fn start(self) -> impl Future<Output = Result<Self::Running, BoxError>>;

    /// Responds to a request. `peer` is the address of the client, or `None` for any address of this machine.
    ///
    /// # Errors
    ///
    /// If there is no response: the framework cannot represent the request, or the body of the response broke off.
    fn respond(
        running: &Self::Running,
        request: http::Request<Vec<u8>>,
        peer: Option<SocketAddr>,
    ) -> impl Future<Output = Result<http::Response<Vec<u8>>, BoxError>>;
}

/// The address of a client on this machine.
#[cfg(any(feature = "actix", feature = "axum", feature = "rocket", feature = "salvo"))]
const LOCAL_PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 49_152);
