//! axum 0.8: extractors and responses.

use std::convert::Infallible;

use axum::extract::{Extension, FromRequestParts, OptionalFromRequestParts, OriginalUri, State};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{Extensions, Uri};

use super::cloned_claims::ClonedClaims;
use super::extractor::extractor_guard;
use super::{Bearer, CsrfToken, HttpRequest, HttpResponse, PageToken, Pages};
use crate::claims::{Claims, Verified};
use crate::error::GuardError;
use crate::guard::{AsGate, DeniedOr, GateRef, GateVault, TokenSource};

/// The parameter `token` of a guarded handler. Extraction never fails.
impl<S: Sync> FromRequestParts<S> for Bearer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self { gate: gate(parts).cloned(), ..Self::from(&parts.headers) })
    }
}

/// The parameter `token` of a guarded handler behind [`RouteGuard::for_pages`](super::RouteGuard::for_pages), or else the
/// unverified token of the cookie, if `Router::layer(Extension(pages))` says which. Extraction never fails.
impl<S: Sync> FromRequestParts<S> for PageToken {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let of_guard = parts.extensions.get::<Self>().cloned();
        let of_cookie =
            || parts.extensions.get::<Pages>().map(|pages| pages.token(&HttpRequest::from(&*parts)));
        let of_cookie = || of_cookie().map(|token| token.with_gate(gate(parts)));
        Ok(of_guard.or_else(of_cookie).unwrap_or_default())
    }
}

/// The CSRF token of the visitor's session, for the forms of a page behind
/// [`RouteGuard::for_pages`](super::RouteGuard::for_pages).
impl<S: Sync> FromRequestParts<S> for CsrfToken {
    type Rejection = GuardError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, GuardError> {
        parts.extensions.get().unwrap_or(&PageToken::default()).csrf_token()
    }
}

/// Returns the target that the client wrote, where a nested router has removed a prefix of it.
pub(super) fn original_uri(extensions: &Extensions) -> Option<&Uri> {
    extensions.get::<OriginalUri>().map(|original| &original.0)
}

/// The claims that a [`RouteGuard`](super::RouteGuard) verified. Without one, the claims of the request's token, verified by
/// the [`GateVault`] in the request's extensions (`Router::layer(Extension(gate))`), or else by the installed gate.
///
/// axum reads the body in the last parameter, so an invalid token is refused before the body is read.
impl<S: Sync, C: Claims + ClonedClaims + Send + Sync + 'static> FromRequestParts<S> for Verified<C> {
    type Rejection = GuardError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, GuardError> {
        match parts.extensions.get::<Self>() {
            Some(verified) => Ok(verified.clone()),
            None => extractor_guard(gate(parts)).verify_owned(parts.headers.token()),
        }
    }
}

/// `None` without a token. An invalid token is refused.
impl<S: Sync, C: Claims + ClonedClaims + Send + Sync + 'static> OptionalFromRequestParts<S> for Verified<C> {
    type Rejection = GuardError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, GuardError> {
        match parts.extensions.get::<Self>() {
            Some(verified) => Ok(Some(verified.clone())),
            None => extractor_guard(gate(parts)).verify_owned_optional(parts.headers.token()),
        }
    }
}

fn gate(parts: &Parts) -> Option<&GateVault> {
    parts.extensions.get()
}

/// A gate of a layer, `.layer(Extension(gate))`: `#[protected(gate = gate)]` with a parameter `gate: Extension<GateVault>` or
/// `Extension(gate): Extension<GateVault>`.
impl<G: AsGate> AsGate for Extension<G> {
    fn as_gate(&self) -> GateRef<'_> {
        self.0.as_gate()
    }
}

/// A gate in the state, `.with_state(gate)`: `#[protected(gate = gate)]` with a parameter `gate: State<GateVault>` or
/// `State(gate): State<GateVault>`.
impl<G: AsGate> AsGate for State<G> {
    fn as_gate(&self) -> GateRef<'_> {
        self.0.as_gate()
    }
}

impl IntoResponse for GuardError {
    fn into_response(self) -> Response {
        HttpResponse::from(self).into()
    }
}

impl IntoResponse for HttpResponse {
    fn into_response(self) -> Response {
        self.into()
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
