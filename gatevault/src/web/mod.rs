//! What HTTP asks of this library, said once and without any framework's types; beside it one small file for each
//! framework, which only translates.
//!
//! Feature `http`, which the feature of each framework brings along:
//!
//! | feature | framework |
//! |---|---|
//! | `tower` | any service over `http::Request`: [`RouteGuard`] is a layer |
//! | `axum` | axum 0.8: the layer, [`Bearer`] and [`Verified`](crate::Verified) as extractors, a
//! [`GuardError`](crate::GuardError) as a response, and [`AuthRoutes`] as a `Router` |
//! | `actix` | actix-web 4: [`RouteGuard`] as a middleware, [`Bearer`] and [`Verified`](crate::Verified) as extractors, a
//! [`GuardError`](crate::GuardError) as a `ResponseError`, and [`AuthRoutes`] as a service |
//! | `poem` | poem 3: [`RouteGuard`] as a middleware, [`Bearer`] and [`Verified`](crate::Verified) as extractors, a
//! [`GuardError`](crate::GuardError) as a `ResponseError`, and [`AuthRoutes`] as part of a `Route` |
//! | `poem-openapi` | poem-openapi 5, over the former: extractors that the document of an API names as its security scheme, and a
//! [`GuardError`](crate::GuardError) as an `ApiResponse` |
//! | `rocket` | Rocket 0.5: [`Bearer`] and [`Verified`](crate::Verified) as request guards, a
//! [`GuardError`](crate::GuardError) as a responder, `RouteGuard::guard_routes` for a scope, and [`AuthRoutes`] to mount |
//! | `salvo` | Salvo 1: [`Bearer`] and [`Verified`](crate::Verified) as extractors, a
//! [`GuardError`](crate::GuardError) as a `Scribe`, [`RouteGuard`] as a hoop, and [`AuthRoutes`] as a `Router` |
//! | `tiny-http` | `tiny_http` 0.12, without async: a request as the `token`, a [`GuardError`](crate::GuardError) as a
//! response, `RouteGuard::respond_behind` for a scope, and `AuthRoutes::respond_to` |
//! | `tonic` | tonic 0.14: a request as the `token`, a [`GuardError`](crate::GuardError) as a `Status`, and [`RouteGuard`] as an
//! interceptor, behind which `Verified::of` finds the claims |
//! | `warp` | warp 0.4: filters that extract a [`Bearer`] or [`Verified`](crate::Verified) claims, a
//! [`GuardError`](crate::GuardError) as a `Reply`, `RouteGuard::in_front_of` for a scope, and `AuthRoutes::into_filter` |
//!
//! For a framework that is not among them: make a [`HttpRequest`] of what it hands you, give it to [`AuthRoutes`], and make its
//! response of the [`HttpResponse`]; a guarded handler takes a [`Bearer`] as its `token`.

mod bearer;
mod cookie;
mod csrf;
mod denial;
mod fields;
mod headers;
mod http_request;
mod http_response;
mod route_guard;
mod routes;

#[cfg(feature = "actix")]
mod actix;
#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "poem")]
mod poem;
#[cfg(feature = "poem-openapi")]
pub mod poem_openapi;
#[cfg(feature = "rocket")]
mod rocket;
#[cfg(feature = "salvo")]
mod salvo;
#[cfg(feature = "tiny-http")]
mod tiny_http;
#[cfg(feature = "tonic")]
mod tonic;
#[cfg(feature = "tower")]
mod tower;
#[cfg(feature = "warp")]
pub mod warp;

#[cfg(feature = "actix")]
pub use self::actix::GuardedService;
#[cfg(feature = "poem")]
pub use self::poem::GuardedEndpoint;
#[cfg(feature = "rocket")]
pub use self::rocket::denial_catchers;
#[cfg(feature = "tower")]
pub use self::tower::{Guarded, GuardedFuture};
pub use bearer::Bearer;
pub use cookie::RefreshCookie;
pub use csrf::CsrfToken;
pub use http_request::HttpRequest;
pub use http_response::HttpResponse;
pub use route_guard::RouteGuard;
pub use routes::AuthRoutes;
