//! poem: ready-made routes as part of a `Route`, and the application.

use poem::{EndpointExt as _, Request, Route, endpoint};

use super::{Application, ReadyRoutes};
use crate::guard::GateVault;
use crate::login::UserStore;
use crate::web::{AuthRoutes, HttpRequest, HttpResponse, ProtectedResource};

/// The login routes as part of a `Route`.
impl<S: UserStore> AuthRoutes<S> {
    /// Adds the routes to a `Route` that is not nested. Their paths begin with the prefix of
    /// [`mounted_at`](Self::mounted_at).
    ///
    /// # Examples
    ///
    /// ```
    /// # use gatevault::login::AsyncLookup;
    /// # use gatevault::{AuthRoutes, AuthUser, OAuthHandler};
    /// # fn example<U: AuthUser + Send + Sync + 'static>(oauth: OAuthHandler<AsyncLookup<U>>) -> Result<(), gatevault::Error> {
    /// let app: poem::Route = AuthRoutes::new(oauth).mounted_at("/auth")?.add_to(poem::Route::new());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn add_to(&self, route: Route) -> Route {
        add(self, route)
    }
}

/// The metadata as part of a `Route`.
impl ProtectedResource {
    /// Adds the route to a `Route` that is not nested.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::web::ProtectedResource;
    ///
    /// # fn example() -> Result<(), gatevault::ConfigError> {
    /// let app: poem::Route = ProtectedResource::new("https://notes.example/api")?.add_to(poem::Route::new());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn add_to(&self, route: Route) -> Route {
        add(self, route)
    }
}

fn add<R: ReadyRoutes>(routes: &R, route: Route) -> Route {
    routes.paths(":id").iter().fold(route, |route, path| {
        let routes = routes.clone();
        let handler = move |request| {
            let routes = routes.clone();
            async move { respond(&routes, request).await }
        };
        route.at(path, endpoint::make(handler))
    })
}

async fn respond<R: ReadyRoutes>(routes: &R, request: Request) -> HttpResponse {
    let head = HttpRequest::from(&request);
    let body = request.into_body().into_bytes_limit(R::BODY_LIMIT).await.ok();
    routes.async_response(&head, body.as_deref()).await
}

/// The gate is in the data of the endpoints that the route has, nested ones included: `serve` comes after `at` and `nest`, and
/// before middlewares. `.data(gate)` of an endpoint within takes precedence.
///
/// # Examples
///
/// ```
/// use gatevault::{Auth, GuardError, Payload, UserStore, protected};
/// use poem::{Route, delete, handler, web::Path};
///
/// #[protected(handler, role = "admin")]
/// #[handler]
/// async fn close(Path(account): Path<u64>, user: Payload) -> Result<String, GuardError> {
///     Ok(format!("account {account} closed by user {}", user.user_id()))
/// }
///
/// fn app<S: UserStore>(auth: &Auth<S>) -> Route {
///     auth.serve(Route::new().at("/accounts/:id", delete(close)))
/// }
/// ```
impl<S: UserStore> Application<S> for Route {
    fn with_auth(self, routes: AuthRoutes<S>, gate: GateVault) -> Self {
        // The routes go into the application itself, where poem reports a path that is there twice.
        Self::new().nest_no_strip("/", routes.add_to(self).data(gate))
    }
}
