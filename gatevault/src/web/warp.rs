//! warp 0.4: filters that extract the token or the claims, replies, and filters for guarded routes.
//!
//! A guarded function that returns `Result<_, GuardError>` replies to a denial itself, at the end of
//! `.and(bearer()).then(..)`. The filters [`verified`] and [`RouteGuard::as_filter`] reject instead: end their route with
//! `.recover(recover_denials)`.

use std::convert::Infallible;
use std::future::{poll_fn, ready};
use std::net::SocketAddr;
use std::pin::pin;

use http::header::HOST;
use http::uri::Authority;
use http::{HeaderMap, Method};
use warp::header::headers_cloned;
use warp::path::FullPath;
use warp::reject::Reject;
use warp::reply::Response;
use warp::{Buf, Filter, Rejection, Reply, Stream};

use super::extractor::extractor_guard;
use super::request_token::RequestToken;
use super::{Admitted, Bearer, HttpRequest, HttpResponse, PageToken, RouteGuard};
use crate::claims::{Claims, Verified};
use crate::error::GuardError;
use crate::guard::{DeniedOr, GateVault, TokenSource as _};

/// Extracts the `token` of a guarded handler, which replies to a denial itself: `.and(bearer()).then(handler)`.
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
    headers_and_gate().map(|headers: HeaderMap, gate| Bearer { gate, ..Bearer::from(&headers) })
}

/// Extracts the claims of the request's token, verified by the [`GateVault`] in the request's extensions, or else by the
/// installed gate. For another gate, use [`RouteGuard::as_filter`].
///
/// Put it in front of the filter that reads the body. A denial is a rejection: end the route with [`recover_denials`].
#[must_use]
pub fn verified<C: Claims + Send>() -> impl Filter<Extract = (Verified<C>,), Error = Rejection> + Copy {
    headers_and_gate().and_then(|headers: HeaderMap, gate: Option<GateVault>| {
        let guard = extractor_guard(gate.as_ref());
        ready(guard.verify_owned::<Verified<C>>(headers.token()).map_err(Rejection::from))
    })
}

/// Extracts the headers, and the gate that the application has put into the extensions of the request.
fn headers_and_gate() -> impl Filter<Extract = (HeaderMap, Option<GateVault>), Error = Infallible> + Copy {
    headers_cloned().and(warp::ext::optional())
}

/// Responds to the denials of the filters before it, and passes every other rejection on: `.recover(recover_denials)`.
///
/// # Errors
///
/// A rejection that is not a denial.
///
/// # Security
///
/// Recover each guarded route by itself. A rejection is not a response: warp continues with the filters behind the next
/// `or`, and a route that matches there responds to a caller who was denied here. A denial that no filter recovers becomes
/// a 500 without a challenge.
///
/// # Examples
///
/// ```
/// use gatevault::{Payload, Verified, web::warp::{recover_denials, verified}};
/// use warp::Filter as _;
///
/// // The token is verified before the body is read.
/// let notes = warp::path!("notes")
///     .and(warp::post())
///     .and(verified::<Payload>())
///     .and(warp::body::json())
///     .map(|caller: Verified<Payload>, note: String| format!("user {} writes {note}", caller.user_id()))
///     .recover(recover_denials);
/// ```
pub async fn recover_denials(rejection: Rejection) -> Result<HttpResponse, Rejection> {
    rejection.find::<HttpResponse>().cloned().ok_or(rejection)
}

/// A denial as a rejection. A rejection handler of your own finds it with `rejection.find::<HttpResponse>()`.
///
/// It is not a [`GuardError`], because warp sends the `Debug` text of a rejection that no filter recovers, and the `Debug`
/// text of a `GuardError` contains the reason.
impl Reject for HttpResponse {}

/// A denial as the error of a handler in `and_then`; see [`recover_denials`].
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
        self.into()
    }
}

/// A denial responds as the [`GuardError`], a value as itself.
impl<T: Reply> Reply for DeniedOr<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Denied(denial) => denial.into(),
            Self::Done(value) => value.into_response(),
        }
    }
}

/// The guard for warp, as a filter.
impl<C: Claims + Send + 'static> RouteGuard<C> {
    /// Returns a filter that extracts the verified claims. A denial is a rejection: end the route with [`recover_denials`].
    #[must_use]
    pub fn as_filter(
        &self,
    ) -> impl Filter<Extract = (Verified<C>,), Error = Rejection> + Clone + Send + Sync + use<C> {
        self.admitting().map(|admitted: Admitted<C>| admitted.caller)
    }

    /// Returns a filter that extracts the verified claims and the token of a page's visitor, from which its forms have their
    /// [`csrf_token`](PageToken::csrf_token). A denial is a rejection, as that of [`as_filter`](Self::as_filter).
    #[must_use]
    pub fn as_page_filter(
        &self,
    ) -> impl Filter<Extract = (Verified<C>, PageToken), Error = Rejection> + Clone + Send + Sync + use<C>
    {
        let parts = |admitted: Admitted<C>| (admitted.caller, admitted.page_token.unwrap_or_default());
        self.admitting().map(parts).untuple_one()
    }

    fn admitting(
        &self,
    ) -> impl Filter<Extract = (Admitted<C>,), Error = Rejection> + Clone + Send + Sync + use<C> {
        let guard = self.clone();
        let parts = request_head().and(warp::ext::optional());
        parts.and_then(
            move |path,
                  query: String,
                  method,
                  headers: HeaderMap,
                  peer,
                  authority,
                  gate: Option<GateVault>| {
                let request = || head(&path, &query, &method, &headers, peer, authority);
                let token = RequestToken { token: headers.token(), gate: gate.as_ref() };
                let decided = guard.decide(&token, request);
                ready(decided.map_err(|refusal| warp::reject::custom(HttpResponse::from(refusal))))
            },
        )
    }

    /// Guards these routes, and responds to denials itself: no filter behind a later `or` runs for a denied request.
    ///
    /// Put the common path of the routes in front, because a guard that runs first denies requests of other routes. A route
    /// that needs the claims uses [`as_filter`](Self::as_filter), because this filter passes none on.
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
        let guard = self.as_filter().map(|_| ()).untuple_one();
        guard.and(routes.boxed()).recover(recover_denials)
    }
}

/// Returns the authority of a request, or `None` where warp would reject it: what is no host at all, or another one in the
/// header than in the target.
fn authority() -> impl Filter<Extract = (Option<Authority>,), Error = Infallible> + Copy {
    warp::host::optional().or_else(|_| ready(Ok::<_, Infallible>((None,))))
}

/// The parts of a request without its body.
pub(super) type Head = (FullPath, String, Method, HeaderMap, Option<SocketAddr>, Option<Authority>);

pub(super) fn request_head() -> impl Filter<Extract = Head, Error = Infallible> + Copy {
    let query = warp::query::raw().or_else(|_| ready(Ok::<_, Infallible>((String::new(),))));
    let head = warp::path::full().and(query).and(warp::method()).and(headers_cloned());
    head.and(warp::addr::remote()).and(authority())
}

pub(super) fn head(
    path: &FullPath,
    query: &str,
    method: &Method,
    headers: &HeaderMap,
    peer: Option<SocketAddr>,
    authority: Option<Authority>,
) -> HttpRequest {
    // warp takes the first of several `Host` headers.
    let authority = authority.filter(|_| !headers.contains_key(HOST));
    let target = if query.is_empty() { path.as_str() } else { &format!("{}?{query}", path.as_str()) };
    HttpRequest::from_http(method, path.as_str(), headers)
        .with_target(target)
        .with_authority(authority.as_ref().map(Authority::as_str))
        .from_address(peer.map(|peer| peer.ip()))
}

/// Reads the body. Returns `None` if it exceeds the limit or was cut off.
///
/// Not warp's own body filters: they read any size, or require a `Content-Length`.
pub(super) async fn read(
    body: impl Stream<Item = Result<impl Buf, warp::Error>>,
    limit: usize,
) -> Option<Vec<u8>> {
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
