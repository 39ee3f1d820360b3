//! HTTP: bearer tokens in requests, denials as responses, and routes for login, for ten web frameworks.
//!
//! HTTP is handled here once, without the types of any framework. The feature of a framework translates its requests
//! and responses and decides nothing, so every framework gets the same status codes, headers, cookies and bodies.
//!
//! # Building blocks
//!
//! | type | purpose |
//! |---|---|
//! | [`Application`] | an application that [`Auth::serve`](crate::Auth::serve) can put login routes and a gate into |
//! | [`HandlerGuard`](crate::guard::HandlerGuard) | the hidden first parameter of a handler with `#[protected(handler)]`, extracted before every other |
//! | [`Bearer`] | the token of the `Authorization` header: the parameter `token` of a guarded handler |
//! | [`Verified`](crate::Verified) | the claims of a verified token, as a parameter of a handler |
//! | [`RouteGuard`] | a guard for a group of routes, before any body is read |
//! | [`Denials`] | what the responses to denials say: a realm, the metadata of the resource, bodies of your own |
//! | [`KeyExchange`] | exchanges API keys for access tokens, in front of the guards |
//! | [`AuthRoutes`] | ready-made routes: login, refresh, logout, sessions and the key set |
//! | [`ProtectedResource`] | the metadata of an API or an MCP server, as a route (RFC 9728) |
//! | [`TokenEndpoint`] | the settings of a token endpoint, for OAuth2 clients |
//! | [`RefreshCookie`], [`CsrfToken`] | the cookie that holds a browser's refresh token, and its CSRF protection |
//! | [`Pages`], [`PageToken`] | pages of a server, whose visitors are logged in by cookies |
//! | [`HttpRequest`], [`HttpResponse`] | a request and a response, for any server |
//! | [`openapi::ApiSecurity`] | what guards each operation, in an API document |
//!
//! A denial, [`GuardError`](crate::GuardError), is a response in each framework: a status, a challenge (RFC 6750) or
//! `Retry-After`, and a problem document (RFC 9457) with the `error` of OAuth2, which reveals no reason.
//!
//! # Frameworks
//!
//! Enable the feature of your framework. It includes the feature `http`, which is enough for a server of your own.
//!
//! | feature | framework | token and claims | denial | group of routes | login routes |
//! |---|---|---|---|---|---|
//! | `actix` | actix-web 4 | extractors [`HandlerGuard`](crate::guard::HandlerGuard), [`Bearer`], [`Verified`](crate::Verified) | a `ResponseError` | [`RouteGuard`] as a middleware, [`GuardedService`] | [`AuthRoutes`] as a service |
//! | `axum` | axum 0.8 | extractors [`HandlerGuard`](crate::guard::HandlerGuard), [`Bearer`], [`Verified`](crate::Verified), `Option<Verified<C>>` | a response | [`RouteGuard`] as a layer, [`Guarded`] | [`AuthRoutes::into_router`] |
//! | `poem` | poem 3 | extractors [`HandlerGuard`](crate::guard::HandlerGuard), [`Bearer`], [`Verified`](crate::Verified) | a `ResponseError` | [`RouteGuard`] as a middleware, [`GuardedEndpoint`] | [`AuthRoutes::add_to`] |
//! | `poem-openapi` | poem-openapi 5 | the extractors of [`poem_openapi`], which the API document names | an `ApiResponse` | as `poem` | as `poem` |
//! | `rocket` | Rocket 0.5 | request guards [`HandlerGuard`](crate::guard::HandlerGuard), [`Bearer`], [`Verified`](crate::Verified) with [`denial_catchers`] | a responder | [`RouteGuard::guard_routes`] | [`AuthRoutes`] to mount |
//! | `salvo` | Salvo 1 | extractors [`HandlerGuard`](crate::guard::HandlerGuard), [`Bearer`], [`Verified`](crate::Verified), [`GateVault`](crate::GateVault) | a `Scribe` | [`RouteGuard`] as a hoop | [`AuthRoutes`] as a `Router` |
//! | `tiny-http` | `tiny_http` 0.12, synchronous | `&Request` as the `token` | a response | [`RouteGuard::respond_behind`] | [`AuthRoutes::respond_to`] |
//! | `tonic` | tonic 0.14, gRPC | `Request` as the `token`, [`Verified::of`](crate::Verified::of) | a `Status` | [`RouteGuard`] as an interceptor | as `axum`, on the same port |
//! | `tower` | any service of `http::Request` | `http::Request` as the `token` | an `http::Response` | [`RouteGuard`] as a layer, [`Guarded`] | |
//! | `warp` | warp 0.4 | the filters of [`warp`] | a reply or a rejection | [`RouteGuard::in_front_of`], [`RouteGuard::as_filter`] | [`AuthRoutes::into_filter`] |
//! | `http` | none of these | [`HttpRequest::bearer`], or a type of the `http` crate as the `token` | [`HttpResponse`] | [`RouteGuard::authorize`] | [`AuthRoutes::respond`] |
//!
//! # The gate of a request
//!
//! A guard asks the gate of its argument `gate`, or else the one that the application has put into the request, or else the
//! [installed](crate::GateVault::install) one. Nothing that a client sends chooses a gate.
//!
//! The gate of a [`RouteGuard::with`] is that of the guard alone. A guarded handler behind it asks its own gate as well, so a
//! token must pass both. Behind a guard [for pages](RouteGuard::for_pages), the token brings the gate of that guard.
//!
//! | framework | a [`GateVault`](crate::GateVault) in | [`Auth::serve`](crate::Auth::serve) |
//! |---|---|---|
//! | actix-web | the data of the application, a scope or a resource, with or without `Data`: one without is found first, in whichever scope | takes an `App`; of two, the last `serve` counts |
//! | axum, tower | the extensions of the request | takes a `Router`; of two, the first `serve` counts, as in the frameworks below |
//! | poem, poem-openapi | the data of the endpoint | takes a `Route` |
//! | Rocket | the managed state | takes a `Rocket<Build>` |
//! | Salvo | the depot, which a `token: &mut Request` does not see | takes a `Router` |
//! | tonic | the extensions of the request | takes the `Router` of axum that serves the services |
//! | warp | the extensions of the request | |
//!
//! # Other frameworks
//!
//! Three steps serve a framework that is not in the table, or a server of your own:
//!
//! 1. Make an [`HttpRequest`] from the framework's request: method, path, headers, the address of the client, and with
//!    [`with_target`](HttpRequest::with_target) the query, which `DELETE /sessions?others` and pages need.
//! 2. Give it to [`AuthRoutes::respond`], to [`RouteGuard::authorize`], or its [`bearer`](HttpRequest::bearer) token to
//!    a guarded function. Only `respond` needs the body, of at most [`AuthRoutes::BODY_LIMIT`] bytes.
//! 3. Write the status, the headers and the body of the [`HttpResponse`] to the framework's response.
//!
//! ```
//! use gatevault::login::SyncLookup;
//! use gatevault::web::{HttpRequest, HttpResponse, RouteGuard};
//! use gatevault::{AuthRoutes, AuthUser};
//!
//! fn respond<U: AuthUser>(
//!     routes: &AuthRoutes<SyncLookup<U>>,
//!     members: &RouteGuard,
//!     request: &HttpRequest,
//!     read_body: impl FnOnce() -> Option<Vec<u8>>, // `None` above the limit
//! ) -> HttpResponse {
//!     if routes.has(request.path()) {
//!         return routes.respond(request, read_body().as_deref());
//!     }
//!     match members.authorize(&request.bearer()) {
//!         Ok(caller) => HttpResponse::new(200).with_body(format!("hello user {}", caller.user_id())),
//!         Err(denial) => denial.into(),
//!     }
//! }
//! ```

// The table links to items of every framework. Without their features, those links are plain code.
#![cfg_attr(
    not(all(
        feature = "actix",
        feature = "axum",
        feature = "openapi",
        feature = "poem-openapi",
        feature = "rocket",
        feature = "salvo",
        feature = "tiny-http",
        feature = "tonic",
        feature = "warp"
    )),
    allow(rustdoc::broken_intra_doc_links, reason = "an item of a feature that is off")
)]

mod bearer;
mod challenge;
mod cookie;
mod cookie_header;
mod csrf;
mod denial;
#[cfg(any(feature = "actix", feature = "poem", feature = "salvo", feature = "tower", feature = "warp"))]
mod denial_layers;
mod denials;
mod fields;
#[cfg(all(feature = "testing", feature = "tonic"))]
mod grpc_status;
#[cfg(all(feature = "testing", not(feature = "tonic")))]
#[path = "no_grpc_status.rs"]
mod grpc_status;
mod headers;
mod http_request;
mod http_response;
#[cfg(feature = "tokio")]
mod key_cache;
#[cfg(feature = "tokio")]
mod key_exchange;
#[cfg(feature = "tokio")]
mod key_layers;
#[cfg(feature = "openapi")]
pub mod openapi;
mod pages;
mod protected_resource;
mod public_url;
mod refusal;
mod resource_url;
mod route_guard;
mod routes;
#[cfg(feature = "tokio")]
mod serve;
#[cfg(all(feature = "testing", feature = "tokio"))]
pub(crate) mod test_app;

#[cfg(any(
    feature = "actix",
    feature = "axum",
    feature = "poem",
    feature = "rocket",
    feature = "salvo",
    feature = "warp"
))]
mod extractor;

#[cfg(any(feature = "actix", feature = "axum", feature = "poem", feature = "rocket", feature = "salvo"))]
mod cloned_claims;
#[cfg(any(feature = "actix", feature = "axum", feature = "poem", feature = "rocket", feature = "salvo"))]
mod handlers;
#[cfg(any(feature = "salvo", feature = "warp"))]
mod request_token;

#[cfg(feature = "actix")]
mod actix;
#[cfg(feature = "aide")]
mod aide;
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

#[cfg(feature = "axum")]
use self::axum::original_uri;
/// Returns the target that the client wrote, where a router has removed a prefix of it. Only axum's is known.
#[cfg(all(feature = "tower", not(feature = "axum")))]
fn original_uri(_: &http::Extensions) -> Option<&http::Uri> {
    None
}

#[cfg(feature = "actix")]
pub use self::actix::GuardedService;
#[cfg(feature = "poem")]
pub use self::denial_layers::DenialEndpoint;
#[cfg(feature = "actix")]
pub use self::denial_layers::DenialService;
#[cfg(feature = "tower")]
pub use self::denial_layers::{DenialFuture, DenialLayered};
#[cfg(feature = "poem")]
pub use self::handlers::PoemDenial;
#[cfg(feature = "poem")]
pub use self::poem::GuardedEndpoint;
#[cfg(feature = "rocket")]
pub use self::rocket::denial_catchers;
#[cfg(feature = "tower")]
pub use self::tower::{Guarded, GuardedFuture};
pub use bearer::Bearer;
#[cfg(any(
    feature = "actix",
    feature = "axum",
    feature = "poem",
    feature = "rocket",
    feature = "salvo"
))]
pub use cloned_claims::ClonedClaims;
pub use cookie::RefreshCookie;
pub use csrf::CsrfToken;
pub use denials::{DenialDetails, Denials};
#[cfg(feature = "testing")]
pub(crate) use grpc_status::denial_of_status;
pub use http_request::HttpRequest;
pub use http_response::HttpResponse;
#[cfg(feature = "tokio")]
pub use key_exchange::KeyExchange;
#[cfg(all(feature = "poem", feature = "tokio"))]
pub use key_layers::KeyEndpoint;
#[cfg(all(feature = "actix", feature = "tokio"))]
pub use key_layers::KeyService;
#[cfg(all(feature = "tonic", feature = "tokio"))]
pub use key_layers::{GrpcKeyExchange, GrpcKeyLayer};
#[cfg(all(feature = "tower", feature = "tokio"))]
pub use key_layers::{KeyFuture, KeyLayered};
pub use pages::{Admitted, PageToken, Pages};
pub use protected_resource::ProtectedResource;
pub use route_guard::RouteGuard;
pub use routes::{AuthRoutes, TokenEndpoint};
#[cfg(feature = "tokio")]
pub use serve::Application;
