//! Salvo 1: extractors, writers and a hoop (Salvo's middleware).

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt::Debug;

use http::header::SET_COOKIE;
use salvo_core::extract::{Extractible, Metadata};
use salvo_core::{Depot, FlowCtrl, Handler, Request, Response, Scribe, Writer, async_trait};

use super::cloned_claims::ClonedClaims;
use super::extractor::extractor_guard;
use super::request_token::RequestToken;
use super::{Admitted, Bearer, CsrfToken, HttpRequest, HttpResponse, PageToken, Pages, RouteGuard};
use crate::claims::{Claims, Verified};
use crate::error::GuardError;
use crate::event::Function;
use crate::guard::{DeniedOr, GateVault, OnDenied, TokenSource, without_gate};

/// The bearer token of the `Authorization` header, as [`Bearer`] reads it: a handler's `token: &mut Request`.
///
/// It brings no gate, because Salvo keeps that in the depot. A [`Bearer`] does.
impl TokenSource for Request {
    fn token(&self) -> Option<Cow<'_, str>> {
        self.headers().token()
    }
}

impl From<&Request> for HttpRequest {
    fn from(request: &Request) -> Self {
        Self::from_http(request.method(), request.uri().path(), request.headers())
            .sent_to(request.uri())
            .from_address(request.remote_addr().ip())
    }
}

/// Returns the token of a request, and the gate in the depot, which Salvo keeps apart from the request.
pub(super) fn token_of<'r>(request: &'r Request, depot: &'r Depot) -> RequestToken<'r> {
    RequestToken { token: request.token(), gate: gate(depot) }
}

fn gate(depot: &Depot) -> Option<&GateVault> {
    depot.get_typed().ok()
}

/// The metadata of extractors that read no named fields of a request.
pub(super) static NO_FIELDS: Metadata = Metadata::new("");

/// The parameter `token` of a guarded handler. Write `#[protected]` above `#[handler]`.
impl<'ex> Extractible<'ex> for Bearer {
    fn metadata() -> &'static Metadata {
        &NO_FIELDS
    }

    async fn extract(
        request: &'ex mut Request,
        depot: &'ex mut Depot,
    ) -> Result<Self, impl Writer + Send + Debug + 'static> {
        Ok::<_, Infallible>(Self { gate: gate(depot).cloned(), ..Self::from(request.headers()) })
    }
}

/// The parameter `token` of a guarded handler behind [`RouteGuard::for_pages`], or else the unverified token of the cookie, if
/// the depot (`affix_state::inject(pages)`) says which.
impl<'ex> Extractible<'ex> for PageToken {
    fn metadata() -> &'static Metadata {
        &NO_FIELDS
    }

    async fn extract(
        request: &'ex mut Request,
        depot: &'ex mut Depot,
    ) -> Result<Self, impl Writer + Send + Debug + 'static> {
        let of_cookie = || {
            let pages = depot.get_typed::<Pages>().ok()?;
            Some(pages.token(&HttpRequest::from(&*request)).with_gate(gate(depot)))
        };
        let token = depot.get_typed::<Self>().ok().cloned().or_else(of_cookie);
        Ok::<_, Infallible>(token.unwrap_or_default())
    }
}

/// The CSRF token of the visitor's session, for the forms of a page behind [`RouteGuard::for_pages`].
impl<'ex> Extractible<'ex> for CsrfToken {
    fn metadata() -> &'static Metadata {
        &NO_FIELDS
    }

    async fn extract(
        _: &'ex mut Request,
        depot: &'ex mut Depot,
    ) -> Result<Self, impl Writer + Send + Debug + 'static> {
        depot.get_typed().unwrap_or(&PageToken::default()).csrf_token()
    }
}

/// The claims that a [`RouteGuard`] verified. Without one, the claims of the request's token, verified by the [`GateVault`]
/// in the depot (`affix_state::inject(gate)`), or else by the installed gate.
///
/// Put it first to authenticate before the body is read.
///
/// Salvo has no `Option<Verified<C>>`. Use `#[protected(optional)]`, which accepts a missing token and refuses an invalid
/// one.
impl<'ex, C: Claims + ClonedClaims + Send + Sync + 'static> Extractible<'ex> for Verified<C> {
    fn metadata() -> &'static Metadata {
        &NO_FIELDS
    }

    async fn extract(
        request: &'ex mut Request,
        depot: &'ex mut Depot,
    ) -> Result<Self, impl Writer + Send + Debug + 'static> {
        match depot.get_typed::<Self>() {
            Ok(verified) => Ok(verified.clone()),
            Err(_) => extractor_guard(gate(depot)).verify_owned(request.token()),
        }
    }
}

/// The gate in the depot: `#[protected(gate = gate)]` with a parameter `gate: GateVault`. Without one, the request is
/// denied, and the log says so.
impl<'ex> Extractible<'ex> for GateVault {
    fn metadata() -> &'static Metadata {
        &NO_FIELDS
    }

    async fn extract(
        _: &'ex mut Request,
        depot: &'ex mut Depot,
    ) -> Result<Self, impl Writer + Send + Debug + 'static> {
        depot.get_typed::<Self>().cloned().map_err(|_| without_gate(DEPOT))
    }
}

/// The name of the extracted gate in log events.
const DEPOT: &Function = &Function::library("GateVault");

impl Scribe for HttpResponse {
    fn render(self, response: &mut Response) {
        let (parts, body) = http::Response::<String>::from(self).into_parts();
        response.status_code(parts.status);
        for (name, value) in &parts.headers {
            // Append `Set-Cookie`, replace every other header: hoops set those for the response that this one replaces.
            if name == SET_COOKIE {
                response.headers_mut().append(name, value.clone());
            } else {
                response.headers_mut().insert(name, value.clone());
            }
        }
        response.extensions.extend(parts.extensions);
        response.body(body);
    }
}

impl Scribe for GuardError {
    fn render(self, response: &mut Response) {
        HttpResponse::from(self).render(response);
    }
}

/// The denial as its [`HttpResponse`].
impl From<GuardError> for Response {
    fn from(denial: GuardError) -> Self {
        let mut response = Self::new();
        response.render(denial);
        response
    }
}

/// The denial as its [`HttpResponse`].
impl OnDenied for Response {
    fn on_denied(denial: GuardError) -> Self {
        denial.into()
    }
}

/// A denial renders as the [`GuardError`], a value writes itself. A [`Scribe`] is a `Writer` too.
#[async_trait]
impl<T: Writer + Send> Writer for DeniedOr<T> {
    async fn write(self, request: &mut Request, depot: &mut Depot, response: &mut Response) {
        match self {
            Self::Denied(denial) => denial.render(response),
            Self::Done(value) => value.write(request, depot, response).await,
        }
    }
}

/// A hoop for a router, a handler or a whole `Service`. Handlers read the [`Verified`] claims from the depot, or take them
/// as an extractor.
///
/// # Examples
///
/// ```
/// use gatevault::{Payload, Verified, web::RouteGuard};
/// use salvo_core::prelude::*;
///
/// #[handler]
/// async fn report(caller: Verified<Payload>) -> String {
///     format!("the report of user {}", caller.user_id())
/// }
///
/// let reports = Router::with_path("reports").hoop(RouteGuard::<Payload>::installed()).get(report);
/// let app = Router::new().push(reports);
/// ```
#[async_trait]
impl<C: Claims + ClonedClaims + Send + Sync + 'static> Handler for RouteGuard<C> {
    async fn handle(
        &self,
        request: &mut Request,
        depot: &mut Depot,
        response: &mut Response,
        flow: &mut FlowCtrl,
    ) {
        match self.decide(&token_of(request, depot), || HttpRequest::from(&*request)) {
            Ok(Admitted { caller, page_token }) => {
                depot.insert_typed(caller);
                if let Some(token) = page_token {
                    depot.insert_typed(token);
                }
            }
            Err(refusal) => {
                response.render(HttpResponse::from(refusal));
                // Among the hoops of a catcher, the status of the response does not end the flow.
                flow.skip_rest();
            }
        }
    }
}
