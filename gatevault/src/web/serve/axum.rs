//! axum: ready-made routes as a router, and the application.

use std::net::SocketAddr;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Extension, Request};
use axum::routing::any;

use super::{Application, ReadyRoutes};
use crate::guard::GateVault;
use crate::login::UserStore;
use crate::web::{AuthRoutes, HttpRequest, HttpResponse, ProtectedResource};

/// The login routes as a router.
impl<U: UserStore> AuthRoutes<U> {
    /// Converts the routes into a router to `merge` into the application's. The paths begin with the prefix of
    /// [`mounted_at`](Self::mounted_at).
    ///
    /// Serve it with `into_make_service_with_connect_info::<SocketAddr>()`. Without client addresses, a
    /// [`LoginThrottle`](crate::LoginThrottle) counts by account only.
    ///
    /// # Examples
    ///
    /// ```
    /// # use gatevault::login::AsyncLookup;
    /// # use gatevault::{AuthRoutes, AuthUser, OAuthHandler};
    /// # fn example<U: AuthUser + Send + Sync + 'static>(oauth: OAuthHandler<AsyncLookup<U>>) -> Result<(), gatevault::Error> {
    /// let app: axum::Router = axum::Router::new().merge(AuthRoutes::new(oauth).mounted_at("/auth")?.into_router());
    /// # Ok(()) }
    /// ```
    pub fn into_router<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        router(self)
    }
}

/// The metadata as a router.
impl ProtectedResource {
    /// Converts the route into a router to `merge` into the application's, outside of the guards.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::web::ProtectedResource;
    ///
    /// # fn example() -> Result<(), gatevault::ConfigError> {
    /// let app: axum::Router = axum::Router::new().merge(ProtectedResource::new("https://notes.example/api")?.into_router());
    /// # Ok(()) }
    /// ```
    pub fn into_router<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        router(self)
    }
}

fn router<R: ReadyRoutes, S: Clone + Send + Sync + 'static>(routes: R) -> Router<S> {
    let paths = routes.paths("{id}");
    let handler = move |request: Request| {
        let routes = routes.clone();
        async move { respond(&routes, request).await }
    };
    paths.iter().fold(Router::new(), |router, path| router.route(path, any(handler.clone())))
}

/// The gate is a layer around the routes that the router has, nested ones and the fallback included: add routes before. A layer
/// `Extension(gate)` within, such as one of a nested router, takes precedence.
///
/// # Examples
///
/// ```
/// use axum::{Router, extract::Path, routing::delete};
/// use gatevault::{Auth, GuardError, Payload, UserStore, protected};
///
/// #[protected(handler, role = "admin")]
/// async fn close(Path(account): Path<u64>, user: Payload) -> Result<String, GuardError> {
///     Ok(format!("account {account} closed by user {}", user.user_id()))
/// }
///
/// fn app<S: UserStore>(auth: &Auth<S>) -> Router {
///     auth.serve(Router::new().route("/accounts/{id}", delete(close)))
/// }
/// ```
impl<S: UserStore, T: Clone + Send + Sync + 'static> Application<S> for Router<T> {
    fn with_auth(self, routes: AuthRoutes<S>, gate: GateVault) -> Self {
        self.merge(routes.into_router()).layer(Extension(gate))
    }
}

async fn respond<R: ReadyRoutes>(routes: &R, request: Request) -> HttpResponse {
    let (parts, body) = request.into_parts();
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let head = HttpRequest::from(&parts).from_address(peer);
    let body = to_bytes(body, R::BODY_LIMIT).await.ok();
    routes.async_response(&head, body.as_deref()).await
}
