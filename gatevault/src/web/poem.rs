//! poem 3: extractors, responses, a middleware and routes.

use std::borrow::Cow;
use std::net::SocketAddr;

use http::StatusCode;
use poem::error::ResponseError;
use poem::web::Data;
use poem::{
    Body, Endpoint, FromRequest, IntoResponse, Middleware, Request, RequestBody, Response, Route, endpoint,
};

use super::{AuthRoutes, Bearer, HttpRequest, HttpResponse, RouteGuard};
use crate::claims::{Claims, Verified};
use crate::error::GuardError;
use crate::guard::{AsGate, GateRef, GateVault, Guard, OnDenied, TokenSource};
use crate::login::{AsyncLookup, AuthUser};

/// The bearer token of the `Authorization` header, as [`Bearer`] reads it.
impl TokenSource for Request {
    fn token(&self) -> Option<Cow<'_, str>> {
        self.headers().token()
    }
}

/// A gate among the data of endpoints: `#[protected(gate = gate)]` of a parameter `gate: Data<&GateVault>`.
impl<G: AsGate> AsGate for Data<G> {
    fn as_gate(&self) -> GateRef<'_> {
        self.0.as_gate()
    }
}

impl From<&Request> for HttpRequest {
    fn from(request: &Request) -> Self {
        let headers = request.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        Self::new(request.method().as_str(), request.uri().path())
            .with_headers(headers)
            .from_address(request.remote_addr().as_socket_addr().map(SocketAddr::ip))
    }
}

/// The `token` of a guarded handler.
impl<'r> FromRequest<'r> for Bearer {
    async fn from_request(request: &'r Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self::from(request.headers()))
    }
}

/// The claims that a [`RouteGuard`] has verified; else those of the request's token, verified by the [`GateVault`] among the
/// data of the endpoint (`.data(gate)`), else by the installed one.
///
/// It is the first parameter where nobody's body is to be read before their token is known to be good.
///
/// # Security
///
/// poem makes `None` of whatever an extractor refuses, so that an `Option<Verified<C>>` takes a bad token for none. Where a bad
/// one is to be refused, write `#[protected(optional)]` with a `token: Bearer`.
impl<'r, C: Claims + Clone + Send + Sync + 'static> FromRequest<'r> for Verified<C> {
    async fn from_request(request: &'r Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(caller(request)?)
    }
}

/// Who sends a request, for extractors.
pub(super) fn caller<C: Claims + Clone + Send + Sync + 'static>(
    request: &Request,
) -> Result<Verified<C>, GuardError> {
    match request.data::<Verified<C>>() {
        Some(verified) => Ok(verified.clone()),
        None => guard(request).verify(request),
    }
}

fn guard(request: &Request) -> Guard<'_> {
    match request.data::<GateVault>() {
        Some(gate) => Guard::with(EXTRACTOR, gate),
        None => Guard::installed(EXTRACTOR),
    }
}

/// What logs call it.
const EXTRACTOR: &str = "Verified";

impl From<HttpResponse> for Response {
    fn from(answer: HttpResponse) -> Self {
        let (parts, body) = http::Response::<String>::from(answer).into_parts();
        let mut response = Self::from((parts.status, Body::from(body)));
        *response.headers_mut() = parts.headers;
        response
    }
}

impl IntoResponse for HttpResponse {
    fn into_response(self) -> Response {
        self.into()
    }
}

impl ResponseError for GuardError {
    fn status(&self) -> StatusCode {
        StatusCode::from_u16(Self::status(self)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn as_response(&self) -> Response {
        HttpResponse::from(self).into()
    }
}

/// A response carries a denial as its [`HttpResponse`].
impl OnDenied for Response {
    fn on_denied(denial: GuardError) -> Self {
        HttpResponse::from(denial).into()
    }
}

/// An endpoint of poem behind a [`RouteGuard`].
#[derive(Debug)]
pub struct GuardedEndpoint<E, C> {
    inner: E,
    guard: RouteGuard<C>,
}

/// An endpoint or a whole `Route` is guarded `.with(guard)`.
///
/// # Examples
///
/// ```
/// use gatevault::{Payload, web::RouteGuard};
/// use poem::{EndpointExt as _, Route, endpoint::make_sync};
///
/// let reports = Route::new().at("/today", make_sync(|_| "a report"));
/// let reports = reports.with(RouteGuard::<Payload>::installed());
/// let app = Route::new().nest("/reports", reports);
/// ```
impl<E, C> Middleware<E> for RouteGuard<C>
where
    E: Endpoint,
    C: Claims + Clone + Send + Sync + 'static,
{
    type Output = GuardedEndpoint<E, C>;

    fn transform(&self, inner: E) -> Self::Output {
        GuardedEndpoint { inner, guard: self.clone() }
    }
}

impl<E, C> Endpoint for GuardedEndpoint<E, C>
where
    E: Endpoint,
    C: Claims + Clone + Send + Sync + 'static,
{
    type Output = E::Output;

    async fn call(&self, mut request: Request) -> poem::Result<Self::Output> {
        let verified = self.guard.admit(request.headers())?;
        request.set_data(verified);
        self.inner.call(request).await
    }
}

/// The routes as part of an application's.
impl<U: AuthUser + Send + Sync + 'static> AuthRoutes<AsyncLookup<U>> {
    /// Adds the routes to a `Route` that is not nested; their paths begin as [`mounted_at`](Self::mounted_at) says.
    ///
    /// # Examples
    ///
    /// ```
    /// # use gatevault::login::AsyncLookup;
    /// # use gatevault::{AuthRoutes, AuthUser, OAuthHandler};
    /// # fn story<U: AuthUser + Send + Sync + 'static>(oauth: OAuthHandler<AsyncLookup<U>>) -> Result<(), gatevault::Error> {
    /// let app: poem::Route = AuthRoutes::new(oauth).mounted_at("/auth")?.add_to(poem::Route::new());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn add_to(&self, route: Route) -> Route {
        self.paths(":id").iter().fold(route, |route, path| {
            let routes = self.clone();
            let answer = move |request| {
                let routes = routes.clone();
                async move { answer(&routes, request).await }
            };
            route.at(path, endpoint::make(answer))
        })
    }
}

async fn answer<U: AuthUser + Send + Sync + 'static>(
    routes: &AuthRoutes<AsyncLookup<U>>,
    request: Request,
) -> HttpResponse {
    let call = HttpRequest::from(&request);
    let body = request.into_body().into_bytes_limit(AuthRoutes::<AsyncLookup<U>>::BODY_LIMIT).await.ok();
    routes.async_respond(&call, body.as_deref()).await
}
