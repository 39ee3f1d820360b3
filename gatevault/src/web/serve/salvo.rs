//! Salvo: ready-made routes as a router, and the application.

use salvo_core::{Depot, FlowCtrl, Handler, Request, Response, Router, async_trait};

use super::{Application, ReadyRoutes};
use crate::guard::GateVault;
use crate::login::UserStore;
use crate::web::{AuthRoutes, HttpRequest, ProtectedResource};

/// The login routes as a router, to push into a router without a path: their paths begin with the prefix of
/// [`mounted_at`](AuthRoutes::mounted_at) only.
///
/// # Examples
///
/// ```
/// # use gatevault::login::AsyncLookup;
/// # use gatevault::{AuthRoutes, AuthUser, OAuthHandler};
/// # fn example<U: AuthUser + Send + Sync + 'static>(oauth: OAuthHandler<AsyncLookup<U>>) -> Result<(), gatevault::Error> {
/// let app = salvo_core::Router::new().push(AuthRoutes::new(oauth).mounted_at("/auth")?.into());
/// # Ok(()) }
/// ```
impl<S: UserStore> From<AuthRoutes<S>> for Router {
    fn from(routes: AuthRoutes<S>) -> Self {
        router(&routes)
    }
}

/// The metadata as a router, to push into a router without a path.
///
/// # Examples
///
/// ```
/// use gatevault::web::ProtectedResource;
///
/// # fn example() -> Result<(), gatevault::ConfigError> {
/// let app = salvo_core::Router::new().push(ProtectedResource::new("https://notes.example/api")?.into());
/// # Ok(()) }
/// ```
impl From<ProtectedResource> for Router {
    fn from(resource: ProtectedResource) -> Self {
        router(&resource)
    }
}

fn router<R: ReadyRoutes>(routes: &R) -> Router {
    routes.paths("{id}").into_iter().fold(Router::new(), |router, path| {
        // For every method: the routes themselves reject the methods that they do not have.
        router.push(Router::with_path(path).goal(Goal(routes.clone())))
    })
}

/// The handler of ready-made routes.
struct Goal<R>(R);

#[async_trait]
impl<R: ReadyRoutes> Handler for Goal<R> {
    async fn handle(&self, request: &mut Request, _: &mut Depot, response: &mut Response, _: &mut FlowCtrl) {
        let head = HttpRequest::from(&*request);
        let body = request.payload_with_max_size(R::BODY_LIMIT).await.ok();
        // A hoop may have read the body before, under another limit.
        let body = body.filter(|body| body.len() <= R::BODY_LIMIT);
        response.render(self.0.async_response(&head, body.map(|body| &**body)).await);
    }
}

/// The gate is in the depot of every request to the router, in front of the router's own hoops. A gate that one of those puts
/// there takes precedence. The login routes come before the application's, because Salvo takes the first route that matches.
///
/// Hoops and catchers of a `Service` are outside of the router and see no gate.
///
/// # Examples
///
/// ```
/// use gatevault::{Auth, GuardError, Payload, UserStore, protected};
/// use salvo_core::prelude::*;
///
/// #[protected(handler, role = "admin")]
/// #[handler]
/// async fn close(request: &mut Request, user: Payload) -> Result<String, GuardError> {
///     let account: u64 = request.param("id").unwrap_or_default();
///     Ok(format!("account {account} closed by user {}", user.user_id()))
/// }
///
/// fn app<S: UserStore>(auth: &Auth<S>) -> Router {
///     auth.serve(Router::with_path("accounts/{id}").delete(close))
/// }
/// ```
impl<S: UserStore> Application<S> for Router {
    fn with_auth(self, routes: AuthRoutes<S>, gate: GateVault) -> Self {
        Self::new().hoop(GateHoop(gate)).push(routes.into()).push(self)
    }
}

/// Puts the gate into the depot.
struct GateHoop(GateVault);

#[async_trait]
impl Handler for GateHoop {
    async fn handle(&self, _: &mut Request, depot: &mut Depot, _: &mut Response, _: &mut FlowCtrl) {
        depot.insert_typed(self.0.clone());
    }
}
