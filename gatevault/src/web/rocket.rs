//! Rocket 0.5: request guards, responders, catchers and guarded routes.

use std::borrow::Cow;
use std::convert::Infallible;
use std::io::Cursor;
use std::sync::{Mutex, PoisonError};

use rocket::State;
use rocket::catcher::{self, Catcher};
use rocket::data::Data;
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::response::{self, Responder, Response};
use rocket::route::{self, Handler, Route};

use super::bearer::{token_of, visible_ascii};
use super::cloned_claims::ClonedClaims;
use super::extractor::extractor_guard;
use super::{Admitted, Bearer, CsrfToken, Denials, HttpRequest, HttpResponse, PageToken, Pages, RouteGuard};
use crate::claims::{Claims, Verified};
use crate::error::GuardError;
use crate::guard::{AsGate, DeniedOr, GateRef, GateVault, TokenSource};

/// The parameter `token` of a guarded handler. Write `#[protected]` above the attribute of the route.
///
/// # Security
///
/// Rocket drops a header that is not UTF-8 before this library sees it: such a token is missing, not malformed.
#[rocket::async_trait]
impl<'r> FromRequest<'r> for Bearer {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        let token = request.token().map(Cow::into_owned);
        Outcome::Success(Self { token, gate: gate(request).cloned() })
    }
}

/// The bearer token of the `Authorization` header, as [`Bearer`] reads it, and the managed gate.
impl TokenSource for Request<'_> {
    fn token(&self) -> Option<Cow<'_, str>> {
        token_of(self.headers().get("authorization").map(str::as_bytes))
    }

    fn gate(&self) -> Option<GateRef<'_>> {
        gate(self).map(GateVault::as_gate)
    }
}

fn gate<'r>(request: &'r Request<'_>) -> Option<&'r GateVault> {
    request.rocket().state()
}

/// A managed gate: `#[protected(gate = gate)]` with a parameter `gate: &State<GateVault>`.
impl<G: AsGate + Send + Sync + 'static> AsGate for State<G> {
    fn as_gate(&self) -> GateRef<'_> {
        self.inner().as_gate()
    }
}

/// The parameter `token` of a guarded handler behind [`RouteGuard::for_pages`], or else the unverified token of the cookie, if
/// the managed [`Pages`] say which.
#[rocket::async_trait]
impl<'r> FromRequest<'r> for PageToken {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        let pages = || request.rocket().state::<Pages>();
        let of_cookie = || Some(pages()?.token(&HttpRequest::from(request)).with_gate(gate(request)));
        Outcome::Success(local(request).or_else(of_cookie).unwrap_or_default())
    }
}

/// The CSRF token of the visitor's session, for the forms of a page behind [`RouteGuard::for_pages`].
#[rocket::async_trait]
impl<'r> FromRequest<'r> for CsrfToken {
    type Error = HttpResponse;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, HttpResponse> {
        let token: PageToken = local(request).unwrap_or_default();
        token.csrf_token().map_or_else(|denial| denied(request, denial), Outcome::Success)
    }
}

/// The claims that a [`RouteGuard`] verified. Without one, the claims of the request's token, verified by the managed
/// [`GateVault`] (`rocket.manage(gate)`), or else by the installed gate.
///
/// Rocket calls request guards before it reads the body. The [`denial_catchers`] respond to a denial.
///
/// # Security
///
/// Rocket turns every refusal of a request guard into `None`: an `Option<Verified<C>>` accepts a request with an invalid
/// token as one without a token. To refuse invalid tokens, use `#[protected(optional)]` with a `token: Bearer`.
#[rocket::async_trait]
impl<'r, C: Claims + ClonedClaims + Send + Sync + 'static> FromRequest<'r> for Verified<C> {
    type Error = HttpResponse;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, HttpResponse> {
        let verify = || extractor_guard(gate(request)).verify_owned(request.token());
        let verified = local(request).map_or_else(verify, Ok);
        verified.map_or_else(|denial| denied(request, denial), Outcome::Success)
    }
}

/// Returns the failure of a request guard, and stores the response for its catcher, to which Rocket passes the status only.
fn denied<T>(request: &Request<'_>, denial: GuardError) -> Outcome<T, HttpResponse> {
    let response = HttpResponse::from(denial);
    set_local(request, response.clone());
    Outcome::Error((Status::new(response.status), response))
}

/// A value in the local cache of a request. Rocket's cache alone cannot replace a value.
struct Local<T>(Mutex<Option<T>>);

pub(super) fn set_local<T: Send + 'static>(request: &Request<'_>, value: T) {
    let local = request.local_cache(|| Local::<T>(Mutex::new(None)));
    *local.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
}

/// Removes a value from the local cache of a request, and returns it.
pub(super) fn take_local<T: Send + 'static>(request: &Request<'_>) -> Option<T> {
    let local = request.local_cache(|| Local::<T>(Mutex::new(None)));
    local.0.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Replaces a response with a denial. Headers that other fairings have set stay, such as those of Rocket's `Shield`.
pub(super) fn replace<'r>(response: &mut Response<'r>, mut denial: Response<'r>) {
    let body = std::mem::take(denial.body_mut());
    response.remove_header("content-type");
    response.merge(denial);
    *response.body_mut() = body;
}

pub(super) fn local<T: Clone + Send + 'static>(request: &Request<'_>) -> Option<T> {
    let local = request.local_cache(|| Local::<T>(Mutex::new(None)));
    local.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

impl<'r> Responder<'r, 'static> for GuardError {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        HttpResponse::from(self).respond_to(request)
    }
}

/// A denial responds as the [`GuardError`], a value as itself.
impl<'r, 'o: 'r, T: Responder<'r, 'o>> Responder<'r, 'o> for DeniedOr<T> {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'o> {
        match self {
            Self::Denied(denial) => denial.respond_to(request),
            Self::Done(value) => value.respond_to(request),
        }
    }
}

/// The managed [`Denials`] are applied to the response to a denial.
impl<'r> Responder<'r, 'static> for HttpResponse {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let source = match request.rocket().state::<Denials>() {
            Some(denials) => denials.apply(self),
            None => self,
        };
        let mut response = Response::new();
        response.set_status(Status::new(source.status));
        // A challenge with a scope that no header can hold is left out.
        let valid = source.headers.into_iter().filter(|(_, value)| visible_ascii(value.as_bytes()).is_some());
        for (name, value) in valid {
            response.adjoin_raw_header(name, value);
        }
        response.set_sized_body(source.body.len(), Cursor::new(source.body));
        Ok(response)
    }
}

/// The guard for Rocket, where it wraps routes: a fairing cannot respond to a request.
impl<C: Claims + Clone + Send + Sync + 'static> RouteGuard<C> {
    /// Guards these routes. The guard responds to denials itself and needs no catcher.
    ///
    /// Rocket waits for the first 14 bytes of a body, or its end, before it routes a request.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::{Payload, Verified, web::RouteGuard};
    /// use rocket::{get, routes};
    ///
    /// #[get("/hello")]
    /// fn hello(caller: Verified<Payload>) -> String {
    ///     format!("hello user {}", caller.user_id())
    /// }
    ///
    /// let members = RouteGuard::<Payload>::installed();
    /// let app = rocket::build().mount("/members", members.guard_routes(routes![hello]));
    /// ```
    #[must_use]
    pub fn guard_routes(&self, routes: impl Into<Vec<Route>>) -> Vec<Route> {
        let mut routes = routes.into();
        for route in &mut routes {
            route.handler = Box::new(GuardedRoute { guard: self.clone(), inner: route.handler.clone() });
        }
        routes
    }
}

#[derive(Clone)]
struct GuardedRoute<C> {
    guard: RouteGuard<C>,
    inner: Box<dyn Handler>,
}

#[rocket::async_trait]
impl<C: Claims + Clone + Send + Sync + 'static> Handler for GuardedRoute<C> {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> route::Outcome<'r> {
        match self.guard.decide(request, || HttpRequest::from(request)) {
            Ok(Admitted { caller, page_token }) => {
                set_local(request, caller);
                if let Some(token) = page_token {
                    set_local(request, token);
                }
                self.inner.handle(request, data).await
            }
            Err(refusal) => route::Outcome::from(request, HttpResponse::from(refusal)),
        }
    }
}

/// Returns the catchers that respond when [`Verified`] or the guard of a handler with `#[protected(handler)]` denies a request:
/// `rocket.register("/", denial_catchers())`.
///
/// Rocket lets no request guard respond itself. Without these catchers, a denial has its status and Rocket's own body.
/// [`Auth::serve`](crate::Auth::serve) registers them where the application has none of its own.
#[must_use]
pub fn denial_catchers() -> Vec<Catcher> {
    [401, 403, 503].map(|status| Catcher::new(status, caught)).into()
}

fn caught<'r>(status: Status, request: &'r Request<'_>) -> catcher::BoxFuture<'r> {
    if let Some(denial) = take_local::<Response<'static>>(request) {
        return Box::pin(async move { Ok(denial) });
    }
    let denial = local::<HttpResponse>(request).filter(|response| response.status == status.code);
    // Not the bare `Status` for other errors: as the response of a catcher it is a failure of the catcher.
    let response = denial.unwrap_or_else(|| HttpResponse::new(status.code)).respond_to(request);
    Box::pin(async move { response })
}

impl From<&Request<'_>> for HttpRequest {
    fn from(request: &Request<'_>) -> Self {
        let headers: Vec<_> = request.headers().iter().collect();
        let headers = headers.iter().map(|header| (header.name.as_str(), header.value.as_bytes()));
        // Not `client_ip`: it trusts a header that any client can send.
        let (method, target) = (request.method().as_str(), request.uri());
        let head =
            Self::new(method, target.path().as_str()).with_target(&target.to_string()).with_headers(headers);
        // Rocket reads the authority of HTTP/2 and takes the first of several `Host` headers.
        let authority =
            request.host().filter(|_| !request.headers().contains("host")).map(ToString::to_string);
        head.with_authority(authority.as_deref()).from_address(request.remote().map(|peer| peer.ip()))
    }
}
