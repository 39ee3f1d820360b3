//! actix-web 4: extractors, responses, a middleware and a service.

use std::borrow::Cow;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::Pin;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{
    AppService, HttpServiceFactory, Payload, Service, ServiceRequest, ServiceResponse, Transform,
    forward_ready,
};
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use actix_web::web::{self, Data};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, HttpResponse, Responder, ResponseError};

use super::bearer::token_of;
use super::{AuthRoutes, Bearer, RouteGuard};
use crate::claims::{Claims, Verified};
use crate::error::GuardError;
use crate::guard::{AsGate, GateRef, GateVault, Guard, OnDenied, TokenSource};
use crate::login::{AsyncLookup, AuthUser};

// Its types are those of `http` 0.2, so that what is said of `http` 1 is said again here.

/// The bearer token of the `Authorization` header, as [`Bearer`] reads it.
impl TokenSource for HeaderMap {
    fn token(&self) -> Option<Cow<'_, str>> {
        token_of(self.get_all(AUTHORIZATION).map(HeaderValue::as_bytes))
    }
}

/// The bearer token of the `Authorization` header, as [`Bearer`] reads it.
impl TokenSource for HttpRequest {
    fn token(&self) -> Option<Cow<'_, str>> {
        self.headers().token()
    }
}

/// A gate in the application's data: `#[protected(gate = gate)]` of a parameter `gate: Data<GateVault>`.
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
            .with_headers(headers)
            .from_address(request.peer_addr().map(|peer| peer.ip()))
    }
}

/// The `token` of a guarded handler.
impl FromRequest for Bearer {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::from(request.headers())))
    }
}

/// The claims that a [`RouteGuard`] has verified; else those of the request's token, verified by the [`GateVault`] in the
/// application's data (`App::app_data(Data::new(gate))`, or without `Data`), else by the installed one.
///
/// It is the first parameter where nobody's body is to be read before their token is known to be good.
///
/// # Security
///
/// actix-web makes `None` of whatever an extractor refuses, so that an `Option<Verified<C>>` takes a bad token for none. Where
/// a bad one is to be refused, write `#[protected(optional)]` with a `token: Bearer`.
impl<C: Claims + Clone + 'static> FromRequest for Verified<C> {
    type Error = GuardError;
    type Future = Ready<Result<Self, GuardError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let verified = request.extensions().get::<Self>().cloned();
        ready(verified.map_or_else(|| guard(request).verify(request), Ok))
    }
}

fn guard(request: &HttpRequest) -> Guard<'_> {
    let shared = || request.app_data::<Data<GateVault>>().map(|gate| &***gate);
    match request.app_data::<GateVault>().or_else(shared) {
        Some(gate) => Guard::with(EXTRACTOR, gate),
        None => Guard::installed(EXTRACTOR),
    }
}

/// What logs call it.
const EXTRACTOR: &str = "Verified";

impl From<super::HttpResponse> for HttpResponse {
    fn from(answer: super::HttpResponse) -> Self {
        let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = Self::with_body(status, BoxBody::new(answer.body));
        for (name, value) in answer.headers {
            // A scope that no header can hold is not named in the challenge.
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().append(name, value);
            }
        }
        response
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

/// A response carries a denial as its [`super::HttpResponse`].
impl OnDenied for HttpResponse {
    fn on_denied(denial: GuardError) -> Self {
        denial.error_response()
    }
}

/// A service of actix-web behind a [`RouteGuard`].
#[derive(Debug)]
pub struct GuardedService<S, C> {
    inner: S,
    guard: RouteGuard<C>,
}

/// `wrap` a scope, a resource or an application with it.
///
/// # Examples
///
/// ```
/// use actix_web::{App, web};
/// use gatevault::{Payload, Verified, web::RouteGuard};
///
/// async fn report(who: Verified<Payload>) -> String {
///     format!("the report of {}", who.user_id())
/// }
///
/// let reports = web::scope("/reports")
///     .route("", web::get().to(report))
///     .wrap(RouteGuard::<Payload>::installed().require("this decade", |who| who.issued_at().is_some()));
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
        match self.guard.admit(request.headers()) {
            Ok(verified) => {
                request.extensions_mut().insert(verified);
                let admitted = self.inner.call(request);
                Box::pin(async { Ok(admitted.await?.map_into_left_body()) })
            }
            // A response, not an error: middlewares around this one are to see it.
            Err(denial) => Box::pin(ready(Ok(request.error_response(denial).map_into_right_body()))),
        }
    }
}

/// The routes as a service, to be given to the application itself: their paths begin as
/// [`mounted_at`](AuthRoutes::mounted_at) says, and a scope adds nothing to them.
///
/// # Examples
///
/// ```
/// # use gatevault::login::AsyncLookup;
/// # use gatevault::{AuthRoutes, AuthUser, OAuthHandler};
/// # fn story<U: AuthUser + Send + Sync + 'static>(oauth: OAuthHandler<AsyncLookup<U>>) -> Result<(), gatevault::Error> {
/// let routes = AuthRoutes::new(oauth).mounted_at("/auth")?;
/// // Made once, outside of the closure, and cloned for each worker.
/// let server = actix_web::HttpServer::new(move || actix_web::App::new().service(routes.clone()));
/// # Ok(()) }
/// ```
impl<U: AuthUser + Send + Sync + 'static> HttpServiceFactory for AuthRoutes<AsyncLookup<U>> {
    fn register(self, service: &mut AppService) {
        for path in self.paths("{id}") {
            let routes = self.clone();
            let answer = move |request: HttpRequest, body: web::Payload| {
                let routes = routes.clone();
                async move { answer(&routes, &request, body).await }
            };
            web::resource(path).to(answer).register(service);
        }
    }
}

async fn answer<U: AuthUser + Send + Sync + 'static>(
    routes: &AuthRoutes<AsyncLookup<U>>,
    request: &HttpRequest,
    body: web::Payload,
) -> super::HttpResponse {
    let limit = AuthRoutes::<AsyncLookup<U>>::BODY_LIMIT;
    let body = body.to_bytes_limited(limit).await.ok().and_then(Result::ok);
    routes.async_respond(&super::HttpRequest::from(request), body.as_deref()).await
}
