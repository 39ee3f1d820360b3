//! axum 0.8: extractors, responses and a router for the login routes.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{
    ConnectInfo, Extension, FromRequestParts, OptionalFromRequestParts, OriginalUri, Request, State,
};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::request::Parts;
use http::{Extensions, Uri};

use super::cloned_claims::ClonedClaims;
use super::extractor::extractor_guard;
use super::{AuthRoutes, Bearer, CsrfToken, HttpRequest, HttpResponse, PageToken, Pages};
use crate::claims::{Claims, Verified};
use crate::error::GuardError;
use crate::guard::{AsGate, DeniedOr, GateRef, GateVault, OptionalPayload, TokenSource};
use crate::login::UserStore;

/// The parameter `token` of a guarded handler. Extraction never fails.
impl<S: Sync> FromRequestParts<S> for Bearer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::from(&parts.headers))
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
            None => extractor_guard(gate(parts)).verify(parts.headers.token()),
        }
    }
}

/// `None` without a token. An invalid token is refused.
impl<S: Sync, C: Claims + ClonedClaims + Send + Sync + 'static> OptionalFromRequestParts<S> for Verified<C> {
    type Rejection = GuardError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, GuardError> {
        match parts.extensions.get::<Self>() {
            Some(verified) => Ok(Some(verified.clone())),
            None => {
                <Option<Self> as OptionalPayload>::verify(extractor_guard(gate(parts)), parts.headers.token())
            }
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

/// The login routes as a router.
impl<U: UserStore> AuthRoutes<U> {
    /// Converts the routes into a router to `merge` into the application's. The paths begin with the prefix of
    /// [`mounted_at`](Self::mounted_at).
    ///
    /// Serve it with `into_make_service_with_connect_info::<SocketAddr>()`. Without client addresses, a
    /// [`LoginThrottle`](crate::LoginThrottle) counts by account only.
    ///
    /// # Examples
    ///
    /// ```
    /// # use gatevault::login::AsyncLookup;
    /// # use gatevault::{AuthRoutes, AuthUser, OAuthHandler};
    /// # fn example<U: AuthUser + Send + Sync + 'static>(oauth: OAuthHandler<AsyncLookup<U>>) -> Result<(), gatevault::Error> {
    /// let app: axum::Router = axum::Router::new().merge(AuthRoutes::new(oauth).mounted_at("/auth")?.into_router());
    /// # Ok(()) }
    /// ```
    pub fn into_router<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        let paths = self.paths("{id}");
        let handler = move |request: Request| {
            let routes = self.clone();
            async move { respond(&routes, request).await }
        };
        paths.iter().fold(Router::new(), |router, path| router.route(path, any(handler.clone())))
    }
}

async fn respond<U: UserStore>(routes: &AuthRoutes<U>, request: Request) -> HttpResponse {
    let (parts, body) = request.into_parts();
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let head = HttpRequest::from(&parts).from_address(peer);
    let body = to_bytes(body, AuthRoutes::<U>::BODY_LIMIT).await.ok();
    routes.async_respond(&head, body.as_deref()).await
}
