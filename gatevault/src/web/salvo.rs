//! Salvo 1: extractors, writers, a hoop and a router.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt::Debug;

use http::header::SET_COOKIE;
use salvo_core::extract::{Extractible, Metadata};
use salvo_core::{Depot, FlowCtrl, Handler, Request, Response, Router, Scribe, Writer, async_trait};

use super::{AuthRoutes, Bearer, HttpRequest, HttpResponse, RouteGuard};
use crate::claims::{Claims, Verified};
use crate::error::GuardError;
use crate::guard::{GateVault, Guard, OnDenied, TokenSource};
use crate::login::{AsyncLookup, AuthUser};

/// The bearer token of the `Authorization` header, as [`Bearer`] reads it: a handler's `token: &mut Request`.
impl TokenSource for Request {
    fn token(&self) -> Option<Cow<'_, str>> {
        self.headers().token()
    }
}

impl From<&Request> for HttpRequest {
    fn from(request: &Request) -> Self {
        let headers = request.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        Self::new(request.method().as_str(), request.uri().path())
            .with_headers(headers)
            .from_address(request.remote_addr().ip())
    }
}

/// None of the extractors is made of a request's fields.
static NO_FIELDS: Metadata = Metadata::new("");

/// The `token` of a guarded handler. Write `#[protected]` above `#[handler]`.
impl<'ex> Extractible<'ex> for Bearer {
    fn metadata() -> &'static Metadata {
        &NO_FIELDS
    }

    async fn extract(
        request: &'ex mut Request,
        _: &'ex mut Depot,
    ) -> Result<Self, impl Writer + Send + Debug + 'static> {
        Ok::<_, Infallible>(Self::from(request.headers()))
    }
}

/// The claims that a [`RouteGuard`] has verified; else those of the request's token, verified by the [`GateVault`] in the
/// depot (`affix_state::inject(gate)`), else by the installed one.
///
/// It is the first parameter where nobody's body is to be read before their token is known to be good.
///
/// Salvo has no `Option<Verified<C>>`; `#[protected(optional)]` takes no token, and refuses a bad one.
impl<'ex, C: Claims + Clone + Send + Sync + 'static> Extractible<'ex> for Verified<C> {
    fn metadata() -> &'static Metadata {
        &NO_FIELDS
    }

    async fn extract(
        request: &'ex mut Request,
        depot: &'ex mut Depot,
    ) -> Result<Self, impl Writer + Send + Debug + 'static> {
        match depot.get_typed::<Self>() {
            Ok(verified) => Ok(verified.clone()),
            Err(_) => guard(depot).verify(&*request),
        }
    }
}

/// The gate in the depot: `#[protected(gate = gate)]` of a parameter `gate: GateVault`. Without one the request is denied.
impl<'ex> Extractible<'ex> for GateVault {
    fn metadata() -> &'static Metadata {
        &NO_FIELDS
    }

    async fn extract(
        _: &'ex mut Request,
        depot: &'ex mut Depot,
    ) -> Result<Self, impl Writer + Send + Debug + 'static> {
        depot.get_typed::<Self>().cloned().map_err(|_| GuardError::NotInstalled)
    }
}

fn guard(depot: &Depot) -> Guard<'_> {
    match depot.get_typed::<GateVault>() {
        Ok(gate) => Guard::with(EXTRACTOR, gate),
        Err(_) => Guard::installed(EXTRACTOR),
    }
}

/// What logs call it.
const EXTRACTOR: &str = "Verified";

impl Scribe for HttpResponse {
    fn render(self, response: &mut Response) {
        let (parts, body) = http::Response::<String>::from(self).into_parts();
        response.status_code(parts.status);
        for (name, value) in &parts.headers {
            // A cookie of somebody else's stays; whatever else a hoop has said of the response, said it of another.
            if name == SET_COOKIE {
                response.headers_mut().append(name, value.clone());
            } else {
                response.headers_mut().insert(name, value.clone());
            }
        }
        response.body(body);
    }
}

impl Scribe for GuardError {
    fn render(self, response: &mut Response) {
        HttpResponse::from(self).render(response);
    }
}

/// A response carries a denial as its [`HttpResponse`].
impl OnDenied for Response {
    fn on_denied(denial: GuardError) -> Self {
        let mut response = Self::new();
        response.render(denial);
        response
    }
}

/// A router, a handler or a whole `Service` is guarded by it as a `hoop`. Handlers find the [`Verified`] claims in the depot,
/// or as an extractor.
///
/// # Examples
///
/// ```
/// use gatevault::{Payload, Verified, web::RouteGuard};
/// use salvo_core::prelude::*;
///
/// #[handler]
/// async fn report(who: Verified<Payload>) -> String {
///     format!("the report of {}", who.user_id())
/// }
///
/// let reports = Router::with_path("reports").hoop(RouteGuard::<Payload>::installed()).get(report);
/// let app = Router::new().push(reports);
/// ```
#[async_trait]
impl<C: Claims + Clone + Send + Sync + 'static> Handler for RouteGuard<C> {
    async fn handle(
        &self,
        request: &mut Request,
        depot: &mut Depot,
        response: &mut Response,
        flow: &mut FlowCtrl,
    ) {
        match self.admit(&*request) {
            Ok(verified) => {
                depot.insert_typed(verified);
            }
            Err(denial) => {
                response.render(denial);
                // Among the hoops of a catcher no status ends the flow.
                flow.skip_rest();
            }
        }
    }
}

/// The routes as a router, to be pushed into one without a path: their own begin as [`mounted_at`](AuthRoutes::mounted_at) says.
///
/// # Examples
///
/// ```
/// # use gatevault::login::AsyncLookup;
/// # use gatevault::{AuthRoutes, AuthUser, OAuthHandler};
/// # fn story<U: AuthUser + Send + Sync + 'static>(oauth: OAuthHandler<AsyncLookup<U>>) -> Result<(), gatevault::Error> {
/// let app = salvo_core::Router::new().push(AuthRoutes::new(oauth).mounted_at("/auth")?.into());
/// # Ok(()) }
/// ```
impl<U: AuthUser + Send + Sync + 'static> From<AuthRoutes<AsyncLookup<U>>> for Router {
    fn from(routes: AuthRoutes<AsyncLookup<U>>) -> Self {
        let paths = routes.paths("{id}");
        paths.into_iter().fold(Self::new(), |router, path| {
            // For any method: one that a route does not have is answered too.
            router.push(Self::with_path(path).goal(routes.clone()))
        })
    }
}

#[async_trait]
impl<U: AuthUser + Send + Sync + 'static> Handler for AuthRoutes<AsyncLookup<U>> {
    async fn handle(&self, request: &mut Request, _: &mut Depot, response: &mut Response, _: &mut FlowCtrl) {
        let call = HttpRequest::from(&*request);
        let body = request.payload_with_max_size(Self::BODY_LIMIT).await.ok();
        // A hoop may have read one before, under a limit of its own.
        let body = body.filter(|body| body.len() <= Self::BODY_LIMIT);
        response.render(self.async_respond(&call, body.map(|body| &**body)).await);
    }
}
