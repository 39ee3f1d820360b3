//! poem 3: extractors, responses and a middleware.

use std::borrow::Cow;
use std::cell::Cell;
use std::net::SocketAddr;

use http::{StatusCode, Uri};
use poem::error::ResponseError;
use poem::web::Data;
use poem::{Body, Endpoint, FromRequest, IntoResponse, Middleware, Request, RequestBody, Response};

use super::cloned_claims::ClonedClaims;
use super::extractor::extractor_guard;
use super::pages::Refusal;
use super::{
    Admitted, Bearer, CsrfToken, DenialDetails, HttpRequest, HttpResponse, PageToken, Pages, RouteGuard,
};
use crate::claims::{Claims, Verified};
use crate::error::GuardError;
use crate::guard::{AsGate, DeniedOr, GateRef, GateVault, OnDenied, TokenSource};

/// The bearer token of the `Authorization` header, as [`Bearer`] reads it, and the gate in the data of the endpoint.
impl TokenSource for Request {
    fn token(&self) -> Option<Cow<'_, str>> {
        self.headers().token()
    }

    fn gate(&self) -> Option<GateRef<'_>> {
        self.data::<GateVault>().map(GateVault::as_gate)
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
        let head = Self::from_http(request.method(), request.uri().path(), request.headers())
            .sent_to(request.uri())
            .from_address(request.remote_addr().as_socket_addr().map(SocketAddr::ip));
        // Only poem's server sets the original URI, which a nested route does not shorten. A request that a test builds has the
        // default.
        let original = request.original_uri();
        if *original == Uri::default() { head } else { head.asking_for(original) }
    }
}

/// The parameter `token` of a guarded handler. Extraction never fails.
impl<'r> FromRequest<'r> for Bearer {
    async fn from_request(request: &'r Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(bearer(request))
    }
}

/// Returns the token of a request, with the gate in the data of the endpoint.
pub(super) fn bearer(request: &Request) -> Bearer {
    Bearer { gate: request.data::<GateVault>().cloned(), ..Bearer::from(request.headers()) }
}

/// The parameter `token` of a guarded handler behind [`RouteGuard::for_pages`], or else the unverified token of the cookie, if
/// the data of the endpoint (`.data(pages)`) say which. Extraction never fails.
impl<'r> FromRequest<'r> for PageToken {
    async fn from_request(request: &'r Request, _: &mut RequestBody) -> poem::Result<Self> {
        let of_cookie = || {
            let token = request.data::<Pages>()?.token(&HttpRequest::from(request));
            Some(token.with_gate(request.data::<GateVault>()))
        };
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
        None => extractor_guard(request.data::<GateVault>()).verify_owned(request.token()),
    }
}

thread_local! {
    /// The details of the last denial that this thread converted into a response.
    static CONVERTED: Cell<Option<DenialDetails>> = const { Cell::new(None) };
}

/// Returns the response of an error, with the details of a denial in its extensions.
///
/// poem drops the extensions of the response that an error creates, so the conversion leaves the details in a variable of the
/// thread.
pub(super) fn response_of(error: poem::Error) -> Response {
    CONVERTED.take();
    let mut response = error.into_response();
    if let Some(details) = CONVERTED.take() {
        response.extensions_mut().insert(details);
    }
    response
}

/// Returns an error with this response, which keeps the details of a denial.
pub(super) fn error_of(response: Response) -> poem::Error {
    let details = response.extensions().get::<DenialDetails>().cloned();
    let mut error = poem::Error::from_response(response);
    if let Some(details) = details {
        error.set_data(details);
    }
    error
}

impl From<HttpResponse> for Response {
    fn from(source: HttpResponse) -> Self {
        CONVERTED.set(source.denial.as_deref().cloned());
        let (parts, body) = http::Response::<String>::from(source).into_parts();
        let mut response = Self::from((parts.status, Body::from(body)));
        *response.headers_mut() = parts.headers;
        *response.extensions_mut() = parts.extensions;
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
        let Admitted { caller, page_token } = self.guard.decide(&request, || HttpRequest::from(&request))?;
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
            Refusal::Challenged(response) | Refusal::Page(response) => error_of(response.into()),
        }
    }
}
