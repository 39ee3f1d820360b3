//! actix-web 4: extractors, responses and a middleware.

use std::borrow::Cow;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::Pin;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Payload, Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::error::InternalError;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use actix_web::http::uri::{Authority, PathAndQuery};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, HttpResponse, Responder, ResponseError};

use super::bearer::token_of;
use super::cloned_claims::ClonedClaims;
use super::extractor::extractor_guard;
use super::pages::Refusal;
use super::{Admitted, Bearer, CsrfToken, PageToken, Pages, RouteGuard};
use crate::claims::{Claims, Verified};
use crate::error::GuardError;
use crate::guard::{AsGate, DeniedOr, GateRef, GateVault, OnDenied, TokenSource};

// actix-web uses version 0.2 of the crate `http`, so the implementations for version 1 are repeated here.

/// The bearer token of the `Authorization` header, as [`Bearer`] reads it.
impl TokenSource for HeaderMap {
    fn token(&self) -> Option<Cow<'_, str>> {
        token_of(self.get_all(AUTHORIZATION).map(HeaderValue::as_bytes))
    }
}

/// The bearer token of the `Authorization` header, as [`Bearer`] reads it, and the gate in the application's data.
impl TokenSource for HttpRequest {
    fn token(&self) -> Option<Cow<'_, str>> {
        self.headers().token()
    }

    fn gate(&self) -> Option<GateRef<'_>> {
        gate(self).map(GateVault::as_gate)
    }
}

/// A gate in the application's data: `#[protected(gate = gate)]` with a parameter `gate: Data<GateVault>`.
impl<G: AsGate + ?Sized> AsGate for Data<G> {
    fn as_gate(&self) -> GateRef<'_> {
        (**self).as_gate()
    }
}

impl From<&HeaderMap> for Bearer {
    fn from(headers: &HeaderMap) -> Self {
        Self::from_authorization(headers.get_all(AUTHORIZATION).map(HeaderValue::as_bytes))
    }
}

impl From<&HttpRequest> for super::HttpRequest {
    fn from(request: &HttpRequest) -> Self {
        let headers = request.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        Self::new(request.method().as_str(), request.path())
            .with_target(request.uri().path_and_query().map_or(request.path(), PathAndQuery::as_str))
            .with_headers(headers)
            // Not `connection_info`: it trusts headers that any client can send.
            .with_authority(request.uri().authority().map(Authority::as_str))
            .from_address(request.peer_addr().map(|peer| peer.ip()))
    }
}

/// The parameter `token` of a guarded handler. Extraction never fails.
impl FromRequest for Bearer {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self { gate: gate(request).cloned(), ..Self::from(request.headers()) }))
    }
}

/// The parameter `token` of a guarded handler behind [`RouteGuard::for_pages`], or else the unverified token of the cookie, if
/// the application's data (`App::app_data(pages)`, or in `Data`) say which. Extraction never fails.
impl FromRequest for PageToken {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let of_guard = request.extensions().get::<Self>().cloned();
        let shared = || request.app_data::<Data<Pages>>().map(|pages| &***pages);
        let pages = || request.app_data::<Pages>().or_else(shared);
        let of_cookie = || Some(pages()?.token(&super::HttpRequest::from(request)).with_gate(gate(request)));
        ready(Ok(of_guard.or_else(of_cookie).unwrap_or_default()))
    }
}

/// The CSRF token of the visitor's session, for the forms of a page behind [`RouteGuard::for_pages`].
impl FromRequest for CsrfToken {
    type Error = GuardError;
    type Future = Ready<Result<Self, GuardError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request.extensions().get().unwrap_or(&PageToken::default()).csrf_token())
    }
}

/// The claims that a [`RouteGuard`] verified. Without one, the claims of the request's token, verified by the [`GateVault`]
/// in the application's data (`App::app_data(Data::new(gate))`, or without `Data`), or else by the installed gate.
///
/// Put it first to authenticate before the body is read.
///
/// # Security
///
/// actix-web turns every refusal of an extractor into `None`: an `Option<Verified<C>>` accepts a request with an invalid
/// token as one without a token. To refuse invalid tokens, use `#[protected(optional)]` with a `token: Bearer`.
impl<C: Claims + ClonedClaims + 'static> FromRequest for Verified<C> {
    type Error = GuardError;
    type Future = Ready<Result<Self, GuardError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let verified = request.extensions().get::<Self>().cloned();
        ready(verified.map_or_else(|| extractor_guard(gate(request)).verify_owned(request.token()), Ok))
    }
}

/// Returns the gate in the application's data. One without `Data` is found first, and then that of an inner scope before that
/// of an outer one.
fn gate(request: &HttpRequest) -> Option<&GateVault> {
    let shared = || request.app_data::<Data<GateVault>>().map(|gate| &***gate);
    request.app_data::<GateVault>().or_else(shared)
}

/// The extensions have the [`DenialDetails`](super::DenialDetails) of the response to a denial.
impl From<super::HttpResponse> for HttpResponse {
    fn from(source: super::HttpResponse) -> Self {
        let status = StatusCode::from_u16(source.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = Self::with_body(status, BoxBody::new(source.body));
        for (name, value) in source.headers {
            // A challenge with a scope that no header can hold is left out.
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().append(name, value);
            }
        }
        if let Some(details) = source.denial {
            response.extensions_mut().insert(*details);
        }
        response
    }
}

/// Replaces the challenges in the headers of a response.
pub(super) fn edit_challenges(headers: &mut HeaderMap, edit: impl Fn(&str) -> String) {
    let edited: Vec<_> = headers.remove(WWW_AUTHENTICATE).collect();
    for value in edited {
        let challenge = value.to_str().ok().and_then(|value| HeaderValue::try_from(edit(value)).ok());
        headers.append(WWW_AUTHENTICATE, challenge.unwrap_or(value));
    }
}

impl Responder for super::HttpResponse {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.into()
    }
}

impl ResponseError for GuardError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        super::HttpResponse::from(self).into()
    }
}

/// The denial as an error of actix-web, for a handler that hides its return type.
impl Responder for GuardError {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::from_error(self)
    }
}

/// The denial as its [`super::HttpResponse`].
impl From<GuardError> for HttpResponse {
    fn from(denial: GuardError) -> Self {
        denial.error_response()
    }
}

/// The denial as its [`super::HttpResponse`].
impl OnDenied for HttpResponse {
    fn on_denied(denial: GuardError) -> Self {
        denial.into()
    }
}

/// A denial responds as the error [`GuardError`], a value as itself.
impl<T: Responder> Responder for DeniedOr<T> {
    type Body = EitherBody<T::Body>;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse<Self::Body> {
        match self {
            Self::Denied(denial) => HttpResponse::from_error(denial).map_into_right_body(),
            Self::Done(value) => value.respond_to(request).map_into_left_body(),
        }
    }
}

/// An actix-web service behind a [`RouteGuard`].
#[derive(Debug)]
pub struct GuardedService<S, C> {
    inner: S,
    guard: RouteGuard<C>,
}

/// A middleware: `wrap` a scope, a resource or an application with it.
///
/// # Examples
///
/// ```
/// use actix_web::{App, web};
/// use gatevault::{Payload, Verified, web::RouteGuard};
///
/// async fn report(caller: Verified<Payload>) -> String {
///     format!("the report of user {}", caller.user_id())
/// }
///
/// let reports = web::scope("/reports")
///     .route("", web::get().to(report))
///     .wrap(RouteGuard::<Payload>::installed().require("has a time of issue", |caller| caller.issued_at().is_some()));
/// App::new().service(reports);
/// ```
impl<S, B, C> Transform<S, ServiceRequest> for RouteGuard<C>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = actix_web::Error>,
    S::Future: 'static,
    B: MessageBody + 'static,
    C: Claims + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = actix_web::Error;
    type Transform = GuardedService<S, C>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(GuardedService { inner, guard: self.clone() }))
    }
}

impl<S, B, C> Service<ServiceRequest> for GuardedService<S, C>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = actix_web::Error>,
    S::Future: 'static,
    B: MessageBody + 'static,
    C: Claims + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>>>>;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let head = || super::HttpRequest::from(request.request());
        match self.guard.decide(request.request(), head) {
            Ok(Admitted { caller, page_token }) => {
                request.extensions_mut().insert(caller);
                if let Some(token) = page_token {
                    request.extensions_mut().insert(token);
                }
                let response = self.inner.call(request);
                Box::pin(async { Ok(response.await?.map_into_left_body()) })
            }
            // A response, not an error, so that the middlewares around this one see it.
            Err(Refusal::Denied(denial)) => {
                Box::pin(ready(Ok(request.error_response(denial).map_into_right_body())))
            }
            Err(Refusal::Challenged(response)) => {
                let error = InternalError::from_response("not admitted", response.into());
                Box::pin(ready(Ok(request.error_response(error).map_into_right_body())))
            }
            Err(Refusal::Page(response)) => {
                let response = request.into_response(HttpResponse::from(response));
                Box::pin(ready(Ok(response.map_into_right_body())))
            }
        }
    }
}
