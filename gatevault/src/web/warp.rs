//! warp 0.4: filters that extract, replies, a filter in front of others, and the routes as a filter.

use std::convert::Infallible;
use std::future::{poll_fn, ready};
use std::net::SocketAddr;
use std::pin::pin;

use http::{HeaderMap, Method};
use warp::header::headers_cloned;
use warp::path::FullPath;
use warp::reject::Reject;
use warp::reply::Response;
use warp::{Buf, Filter, Rejection, Reply, Stream};

use super::{AuthRoutes, Bearer, HttpRequest, HttpResponse, RouteGuard};
use crate::claims::{Claims, Verified};
use crate::error::GuardError;
use crate::guard::Guard;
use crate::login::{AsyncLookup, AuthUser};

/// Extracts the `token` of a guarded handler, which answers a denial by itself: `.and(bearer()).then(handler)`.
///
/// # Examples
///
/// ```
/// use gatevault::{Bearer, GuardError, Payload, protected, web::warp::bearer};
/// use warp::Filter as _;
///
/// #[protected]
/// async fn profile(token: Bearer, payload: Payload) -> Result<String, GuardError> {
///     Ok(format!("user {}", payload.user_id()))
/// }
///
/// let app = warp::path!("profile").and(warp::get()).and(bearer()).then(profile);
/// ```
#[must_use]
pub fn bearer() -> impl Filter<Extract = (Bearer,), Error = Infallible> + Copy {
    headers_cloned().map(|headers: HeaderMap| Bearer::from(&headers))
}

/// Extracts the claims of the request's token, verified by the installed gate; [`RouteGuard::as_filter`] asks another.
///
/// A denial is a rejection, and [`recover_denials`] answers it.
#[must_use]
pub fn verified<C: Claims + Send>() -> impl Filter<Extract = (Verified<C>,), Error = Rejection> + Copy {
    headers_cloned().and_then(|headers: HeaderMap| {
        ready(Guard::installed("Verified").verify::<Verified<C>>(&headers).map_err(Rejection::from))
    })
}

/// Answers the denials of the filters before it, and passes on whatever else they reject: `.recover(recover_denials)`.
///
/// # Errors
///
/// A rejection that is no denial.
///
/// # Security
///
/// Recover each guarded route by itself. To warp a rejection is no answer yet: it tries the filters behind the next `or`, and
/// what matches there answers a caller who was denied here. One that nobody recovers is a 500 without a challenge.
///
/// # Examples
///
/// ```
/// use gatevault::{Payload, Verified, web::warp::{recover_denials, verified}};
/// use warp::Filter as _;
///
/// // Nobody's note is read before their token is known to be good.
/// let notes = warp::path!("notes")
///     .and(warp::post())
///     .and(verified::<Payload>())
///     .and(warp::body::json())
///     .map(|who: Verified<Payload>, note: String| format!("{} writes {note}", who.user_id()))
///     .recover(recover_denials);
/// ```
pub async fn recover_denials(rejection: Rejection) -> Result<HttpResponse, Rejection> {
    rejection.find::<HttpResponse>().cloned().ok_or(rejection)
}

/// What a denial is when it rejects a request: a handler's `rejection.find::<HttpResponse>()`.
///
/// Not [`GuardError`], whose `Debug` says more than a client is to know: warp sends it where nobody recovers.
impl Reject for HttpResponse {}

/// For a handler in `and_then`, whose error is a rejection; see [`recover_denials`].
impl From<GuardError> for Rejection {
    fn from(denial: GuardError) -> Self {
        warp::reject::custom(HttpResponse::from(denial))
    }
}

impl Reply for HttpResponse {
    fn into_response(self) -> Response {
        self.into()
    }
}

impl Reply for GuardError {
    fn into_response(self) -> Response {
        HttpResponse::from(self).into()
    }
}

/// Filters of warp.
impl<C: Claims + Send + 'static> RouteGuard<C> {
    /// Extracts the claims of whoever is admitted; a denial is a rejection, and [`recover_denials`] answers it.
    #[must_use]
    pub fn as_filter(
        &self,
    ) -> impl Filter<Extract = (Verified<C>,), Error = Rejection> + Clone + Send + Sync + use<C> {
        let guard = self.clone();
        headers_cloned()
            .and_then(move |headers: HeaderMap| ready(guard.admit(&headers).map_err(Rejection::from)))
    }

    /// These routes behind this guard, which answers denials itself, whatever `or` follows.
    ///
    /// Put their common path in front: a guard that is asked first denies what belongs to others. A route that wants the claims
    /// has them of [`as_filter`](Self::as_filter), for warp lets no filter hand on what the next ones do not take.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::{Payload, web::RouteGuard};
    /// use warp::Filter as _;
    ///
    /// let members = RouteGuard::<Payload>::installed();
    /// let today = warp::path!("today").map(|| "a report");
    /// let all = warp::path!("all").map(|| "every report");
    /// let app = warp::path("reports").and(members.in_front_of(today.or(all)));
    /// ```
    pub fn in_front_of<F, R>(
        &self,
        routes: F,
    ) -> impl Filter<Extract = (impl Reply + use<F, R, C>,), Error = Rejection> + Clone + Send + Sync + use<F, R, C>
    where
        F: Filter<Extract = (R,), Error: Into<Rejection>> + Send + Sync + 'static,
        R: Reply + 'static,
    {
        let admitted = self.as_filter().map(|_| ()).untuple_one();
        admitted.and(routes.boxed()).recover(recover_denials)
    }
}

/// The routes as a filter.
impl<U: AuthUser + Send + Sync + 'static> AuthRoutes<AsyncLookup<U>> {
    /// A filter that answers the paths of the routes, as they begin after [`mounted_at`](Self::mounted_at), and rejects every
    /// other as not found.
    ///
    /// # Examples
    ///
    /// ```
    /// # use gatevault::login::AsyncLookup;
    /// # use gatevault::{AuthRoutes, AuthUser, OAuthHandler};
    /// # use warp::Filter as _;
    /// # fn story<U: AuthUser + Send + Sync + 'static>(oauth: OAuthHandler<AsyncLookup<U>>) -> Result<(), gatevault::Error> {
    /// let app = warp::path!("hello").map(|| "hello").or(AuthRoutes::new(oauth).mounted_at("/auth")?.into_filter());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn into_filter(
        self,
    ) -> impl Filter<Extract = (HttpResponse,), Error = Rejection> + Clone + Send + Sync + 'static {
        let routes = self.clone();
        let own = warp::path::full().and_then(move |path: FullPath| {
            ready(if routes.has(path.as_str()) { Ok(path) } else { Err(warp::reject::not_found()) })
        });
        own.and(warp::method())
            .and(headers_cloned())
            .and(warp::addr::remote())
            .map(|path: FullPath, method: Method, headers: HeaderMap, peer: Option<SocketAddr>| {
                let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
                HttpRequest::new(method.as_str(), path.as_str())
                    .with_headers(headers)
                    .from_address(peer.map(|peer| peer.ip()))
            })
            .and(warp::body::stream())
            .then(move |call, body| answer(self.clone(), call, body))
    }
}

async fn answer<U: AuthUser + Send + Sync + 'static>(
    routes: AuthRoutes<AsyncLookup<U>>,
    call: HttpRequest,
    body: impl Stream<Item = Result<impl Buf, warp::Error>>,
) -> HttpResponse {
    let body = read(body, AuthRoutes::<AsyncLookup<U>>::BODY_LIMIT).await;
    routes.async_respond(&call, body.as_deref()).await
}

/// The body, unless it is larger or breaks off. Those that warp reads itself are of any size, or need a `Content-Length`.
async fn read(body: impl Stream<Item = Result<impl Buf, warp::Error>>, limit: usize) -> Option<Vec<u8>> {
    let (mut body, mut bytes) = (pin!(body), Vec::new());
    while let Some(part) = poll_fn(|context| body.as_mut().poll_next(context)).await {
        let mut part = part.ok()?;
        let length = part.remaining();
        if length > limit.saturating_sub(bytes.len()) {
            return None;
        }
        bytes.extend(part.copy_to_bytes(length));
    }
    Some(bytes)
}
