//! poem 3: extractors, responses, a middleware and the login routes.

use std::borrow::Cow;
use std::net::SocketAddr;

use http::StatusCode;
use poem::error::ResponseError;
use poem::web::Data;
use poem::{
    Body, Endpoint, FromRequest, IntoResponse, Middleware, Request, RequestBody, Response, Route, endpoint,
};

use super::cloned_claims::ClonedClaims;
use super::extractor::extractor_guard;
use super::pages::Refusal;
use super::{
    Admitted, AuthRoutes, Bearer, CsrfToken, HttpRequest, HttpResponse, PageToken, Pages, RouteGuard,
};
use crate::claims::{Claims, Verified};
use crate::error::GuardError;
use crate::guard::{AsGate, DeniedOr, GateRef, GateVault, OnDenied, TokenSource};
use crate::login::UserStore;

/// The bearer token of the `Authorization` header, as [`Bearer`] reads it.
impl TokenSource for Request {
    fn token(&self) -> Option<Cow<'_, str>> {
        self.headers().token()
    }
}

/// A gate in the data of endpoints: `#[protected(gate = gate)]` with a parameter `gate: Data<&GateVault>`.
impl<G: AsGate> AsGate for Data<G> {
    fn as_gate(&self) -> GateRef<'_> {
        self.0.as_gate()
    }
}

impl From<&Request> for HttpRequest {
    fn from(request: &Request) -> Self {
        Self::from_http(request.method(), request.uri().path(), request.headers())
            .sent_to(request.uri())
            .asking_for(request.original_uri())
            .from_address(request.remote_addr().as_socket_addr().map(SocketAddr::ip))
    }
}

/// The parameter `token` of a guarded handler. Extraction never fails.
impl<'r> FromRequest<'r> for Bearer {
    async fn from_request(request: &'r Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self::from(request.headers()))
    }
}

/// The parameter `token` of a guarded handler behind [`RouteGuard::for_pages`], or else the unverified token of the cookie, if
/// the data of the endpoint (`.data(pages)`) say which. Extraction never fails.
impl<'r> FromRequest<'r> for PageToken {
    async fn from_request(request: &'r Request, _: &mut RequestBody) -> poem::Result<Self> {
        let of_cookie = || request.data::<Pages>().map(|pages| pages.token(&HttpRequest::from(request)));
        Ok(request.data::<Self>().cloned().or_else(of_cookie).unwrap_or_default())
    }
}

/// The CSRF token of the visitor's session, for the forms of a page behind [`RouteGuard::for_pages`].
impl<'r> FromRequest<'r> for CsrfToken {
    async fn from_request(request: &'r Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(request.data().unwrap_or(&PageToken::default()).csrf_token()?)
    }
}

/// The claims that a [`RouteGuard`] verified. Without one, the claims of the request's token, verified by the [`GateVault`]
/// in the data of the endpoint (`.data(gate)`), or else by the installed gate.
///
/// Put it first to authenticate before the body is read.
///
/// # Security
///
/// poem turns every refusal of an extractor into `None`: an `Option<Verified<C>>` accepts a request with an invalid token
/// as one without a token. To refuse invalid tokens, use `#[protected(optional)]` with a `token: Bearer`.
impl<'r, C: Claims + ClonedClaims + Send + Sync + 'static> FromRequest<'r> for Verified<C> {
    async fn from_request(request: &'r Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(verified_caller(request)?)
    }
}

/// Returns the claims that a [`RouteGuard`] verified, or verifies the request's token.
pub(super) fn verified_caller<C: Claims + ClonedClaims + Send + Sync + 'static>(
    request: &Request,
) -> Result<Verified<C>, GuardError> {
    match request.data::<Verified<C>>() {
        Some(verified) => Ok(verified.clone()),
        None => extractor_guard(request.data::<GateVault>()).verify(request.token()),
    }
}

impl From<HttpResponse> for Response {
    fn from(source: HttpResponse) -> Self {
        let (parts, body) = http::Response::<String>::from(source).into_parts();
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

/// The denial as its [`HttpResponse`].
impl From<GuardError> for Response {
    fn from(denial: GuardError) -> Self {
        HttpResponse::from(denial).into()
    }
}

/// The denial as its [`HttpResponse`].
impl OnDenied for Response {
    fn on_denied(denial: GuardError) -> Self {
        denial.into()
    }
}

/// A denial responds as the [`GuardError`], a value as itself.
impl<T: IntoResponse> IntoResponse for DeniedOr<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Denied(denial) => denial.into(),
            Self::Done(value) => value.into_response(),
        }
    }
}

/// A poem endpoint behind a [`RouteGuard`].
#[derive(Debug)]
pub struct GuardedEndpoint<E, C> {
    inner: E,
    guard: RouteGuard<C>,
}

/// A middleware: `.with(guard)` on an endpoint or on a `Route`.
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
        let Admitted { caller, page_token } =
            self.guard.decide(request.headers(), || HttpRequest::from(&request))?;
        request.set_data(caller);
        if let Some(token) = page_token {
            request.set_data(token);
        }
        self.inner.call(request).await
    }
}

impl From<Refusal> for poem::Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Denied(denial) => denial.into(),
            Refusal::Page(response) => Self::from_response(response.into()),
        }
    }
}

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
        self.paths(":id").iter().fold(route, |route, path| {
            let routes = self.clone();
            let handler = move |request| {
                let routes = routes.clone();
                async move { respond(&routes, request).await }
            };
            route.at(path, endpoint::make(handler))
        })
    }
}

async fn respond<S: UserStore>(routes: &AuthRoutes<S>, request: Request) -> HttpResponse {
    let head = HttpRequest::from(&request);
    let body = request.into_body().into_bytes_limit(AuthRoutes::<S>::BODY_LIMIT).await.ok();
    routes.async_respond(&head, body.as_deref()).await
}
