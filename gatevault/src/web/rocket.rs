//! Rocket 0.5: request guards, responders, routes behind a guard, and the routes that log in.

use std::convert::Infallible;
use std::io::Cursor;
use std::sync::{Mutex, PoisonError};

use rocket::State;
use rocket::catcher::{self, Catcher};
use rocket::data::{ByteUnit, Capped, Data};
use rocket::http::{Method, Status};
use rocket::request::{FromRequest, Outcome, Request};
use rocket::response::{self, Responder, Response};
use rocket::route::{self, Handler, Route};

use super::bearer::visible_text;
use super::{AuthRoutes, Bearer, HttpRequest, HttpResponse, RouteGuard};
use crate::claims::{Claims, Verified};
use crate::error::GuardError;
use crate::guard::{AsGate, GateRef, GateVault, Guard};
use crate::login::{AsyncLookup, AuthUser};

/// The `token` of a guarded handler. Write `#[protected]` above the attribute of the route.
///
/// # Security
///
/// Rocket leaves out a header that is no UTF-8 before anybody sees it: such a token is missing, not malformed.
#[rocket::async_trait]
impl<'r> FromRequest<'r> for Bearer {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        Outcome::Success(bearer(request))
    }
}

/// A managed gate: `#[protected(gate = gate)]` of a parameter `gate: &State<GateVault>`.
impl<G: AsGate + Send + Sync + 'static> AsGate for State<G> {
    fn as_gate(&self) -> GateRef<'_> {
        self.inner().as_gate()
    }
}

fn bearer(request: &Request<'_>) -> Bearer {
    Bearer::from_authorization(request.headers().get("authorization").map(str::as_bytes))
}

/// The claims that a [`RouteGuard`] has verified; else those of the request's token, verified by the managed [`GateVault`]
/// (`rocket.manage(gate)`), else by the installed one.
///
/// A denial is answered by the catchers of [`denial_catchers`].
///
/// # Security
///
/// To Rocket `Option<Verified<C>>` is `None` for a bad token as for a missing one. `#[protected(optional)]` refuses bad ones.
#[rocket::async_trait]
impl<'r, C: Claims + Clone + Send + Sync + 'static> FromRequest<'r> for Verified<C> {
    type Error = HttpResponse;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, HttpResponse> {
        let verified = kept(request).map_or_else(|| guard(request).verify(&bearer(request)), Ok);
        verified.map_or_else(|denial| denied(request, denial), Outcome::Success)
    }
}

fn guard<'r>(request: &'r Request<'_>) -> Guard<'r> {
    match request.rocket().state::<GateVault>() {
        Some(gate) => Guard::with(GUARD, gate),
        None => Guard::installed(GUARD),
    }
}

/// What logs call it.
const GUARD: &str = "Verified";

/// Fails, and leaves to the catcher what Rocket would not tell it.
fn denied<T>(request: &Request<'_>, denial: GuardError) -> Outcome<T, HttpResponse> {
    let answer = HttpResponse::from(denial);
    keep(request, answer.clone());
    Outcome::Error((Status::new(answer.status), answer))
}

/// Something that a request is accompanied by.
struct Kept<T>(Mutex<Option<T>>);

fn keep<T: Send + 'static>(request: &Request<'_>, value: T) {
    let kept = request.local_cache(|| Kept::<T>(Mutex::new(None)));
    *kept.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
}

fn kept<T: Clone + Send + 'static>(request: &Request<'_>) -> Option<T> {
    let kept = request.local_cache(|| Kept::<T>(Mutex::new(None)));
    kept.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

impl<'r> Responder<'r, 'static> for GuardError {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        HttpResponse::from(self).respond_to(request)
    }
}

impl<'r> Responder<'r, 'static> for HttpResponse {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        let mut response = Response::new();
        response.set_status(Status::new(self.status));
        // A scope that no header can hold is not named in the challenge.
        let fits = self.headers.into_iter().filter(|(_, value)| visible_text(value.as_bytes()).is_some());
        for (name, value) in fits {
            response.adjoin_raw_header(name, value);
        }
        response.set_sized_body(self.body.len(), Cursor::new(self.body));
        Ok(response)
    }
}

/// A scope of Rocket, whose fairings cannot answer a request.
impl<C: Claims + Clone + Send + Sync + 'static> RouteGuard<C> {
    /// These routes behind this guard, which answers denials itself and needs no catcher.
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
    /// fn hello(who: Verified<Payload>) -> String {
    ///     format!("hello {}", who.user_id())
    /// }
    ///
    /// let members = RouteGuard::<Payload>::installed();
    /// let app = rocket::build().mount("/members", members.guard_routes(routes![hello]));
    /// ```
    #[must_use]
    pub fn guard_routes(&self, routes: impl Into<Vec<Route>>) -> Vec<Route> {
        let mut routes = routes.into();
        for route in &mut routes {
            route.handler = Box::new(Guarding { guard: self.clone(), inner: route.handler.clone() });
        }
        routes
    }
}

#[derive(Clone)]
struct Guarding<C> {
    guard: RouteGuard<C>,
    inner: Box<dyn Handler>,
}

#[rocket::async_trait]
impl<C: Claims + Clone + Send + Sync + 'static> Handler for Guarding<C> {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> route::Outcome<'r> {
        match self.guard.admit(&bearer(request)) {
            Ok(verified) => {
                keep(request, verified);
                self.inner.handle(request, data).await
            }
            Err(denial) => route::Outcome::from(request, denial),
        }
    }
}

/// Rocket's catchers that answer where [`Verified`] denies a request, for Rocket lets no request guard answer itself:
/// `rocket.register("/", denial_catchers())`.
#[must_use]
pub fn denial_catchers() -> Vec<Catcher> {
    [401, 403, 503].map(|status| Catcher::new(status, caught)).into()
}

fn caught<'r>(status: Status, request: &'r Request<'_>) -> catcher::BoxFuture<'r> {
    let denial = kept::<HttpResponse>(request).filter(|answer| answer.status == status.code);
    // To respond with a bare `Status` of an error is, in a catcher, to fail.
    let response = denial.unwrap_or_else(|| HttpResponse::new(status.code)).respond_to(request);
    Box::pin(async move { response })
}

/// The routes, to be mounted at `/`; the paths begin as [`mounted_at`](AuthRoutes::mounted_at) says. Mounted
/// elsewhere they answer 404.
///
/// # Examples
///
/// ```
/// # use gatevault::login::AsyncLookup;
/// # use gatevault::{AuthRoutes, AuthUser, OAuthHandler};
/// # fn story<U: AuthUser + Send + Sync + 'static>(oauth: OAuthHandler<AsyncLookup<U>>) -> Result<(), gatevault::Error> {
/// let app = rocket::build().mount("/", AuthRoutes::new(oauth).mounted_at("/auth")?);
/// # Ok(()) }
/// ```
impl<U: AuthUser + Send + Sync + 'static> From<AuthRoutes<AsyncLookup<U>>> for Vec<Route> {
    fn from(routes: AuthRoutes<AsyncLookup<U>>) -> Self {
        let paths = routes.paths("<id>");
        let every = paths.iter().flat_map(|path| METHODS.map(|method| (method, path)));
        every.map(|(method, path)| Route::new(method, path, routes.clone())).collect()
    }
}

/// A method that a route does not have is answered too.
const METHODS: [Method; 7] =
    [Method::Get, Method::Head, Method::Post, Method::Put, Method::Patch, Method::Delete, Method::Options];

#[rocket::async_trait]
impl<U: AuthUser + Send + Sync + 'static> Handler for AuthRoutes<AsyncLookup<U>> {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> route::Outcome<'r> {
        let limit = ByteUnit::from(Self::BODY_LIMIT);
        let body = data.open(limit).into_bytes().await.ok().filter(Capped::is_complete);
        let answer =
            self.async_respond(&HttpRequest::from(request), body.as_deref().map(Vec::as_slice)).await;
        route::Outcome::from(request, answer)
    }
}

impl From<&Request<'_>> for HttpRequest {
    fn from(request: &Request<'_>) -> Self {
        let headers: Vec<_> = request.headers().iter().collect();
        let headers = headers.iter().map(|header| (header.name.as_str(), header.value.as_bytes()));
        // Not `client_ip`, which believes a header.
        Self::new(request.method().as_str(), request.uri().path().as_str())
            .with_headers(headers)
            .from_address(request.remote().map(|peer| peer.ip()))
    }
}
