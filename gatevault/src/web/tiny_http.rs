//! `tiny_http` 0.12, synchronous all the way: requests that carry a token, responses, a guarded scope and the routes.

use std::borrow::Cow;
use std::io::{self, Cursor, Read as _};

use tiny_http::{Header, Request, Response, ResponseBox, StatusCode};

use super::bearer::{token_of, visible_text};
use super::{AuthRoutes, Bearer, HttpRequest, HttpResponse, RouteGuard};
use crate::claims::{Claims, Verified};
use crate::error::GuardError;
use crate::guard::{OnDenied, TokenSource};
use crate::login::{AuthUser, SyncLookup};

/// The bearer token of the `Authorization` header, as [`Bearer`] reads it: a request is the `token` of a guarded handler.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "macros")] {
/// use gatevault::{Payload, protected};
/// use tiny_http::{Request, ResponseBox, Response};
///
/// #[protected]
/// fn profile(token: &Request, payload: Payload) -> ResponseBox {
///     Response::from_string(format!("user {}", payload.user_id())).boxed()
/// }
/// # }
/// ```
impl TokenSource for Request {
    fn token(&self) -> Option<Cow<'_, str>> {
        token_of(authorization(self))
    }
}

impl From<&Request> for Bearer {
    fn from(request: &Request) -> Self {
        Self::from_authorization(authorization(request))
    }
}

fn authorization(request: &Request) -> impl Iterator<Item = &[u8]> {
    let headers = request.headers().iter().filter(|header| header.field.equiv("Authorization"));
    headers.map(|header| header.value.as_bytes())
}

impl From<&Request> for HttpRequest {
    fn from(request: &Request) -> Self {
        let (path, _) = request.url().split_once('?').unwrap_or((request.url(), ""));
        let headers = request.headers().iter();
        Self::new(request.method().as_str(), path)
            .with_headers(headers.map(|header| (header.field.as_str().as_str(), header.value.as_bytes())))
            .from_address(request.remote_addr().map(std::net::SocketAddr::ip))
    }
}

/// An answer as a response whose body is in memory.
impl From<HttpResponse> for Response<Cursor<Vec<u8>>> {
    fn from(answer: HttpResponse) -> Self {
        // The framework writes what it is given, line breaks too: a scope that no header can hold is not named.
        let fits = answer.headers.iter().filter(|(_, value)| visible_text(value.as_bytes()).is_some());
        let headers = fits.filter_map(|(name, value)| Header::from_bytes(*name, value.as_str()).ok());
        let (headers, length) = (headers.collect(), answer.body.len());
        let body = Cursor::new(answer.body.into_bytes());
        Self::new(StatusCode(answer.status), headers, body, Some(length), None)
    }
}

impl From<HttpResponse> for ResponseBox {
    fn from(answer: HttpResponse) -> Self {
        Response::<Cursor<Vec<u8>>>::from(answer).boxed()
    }
}

macro_rules! carries_a_denial {
    ($($response:ty),+) => {
        $(
            impl From<GuardError> for $response {
                fn from(denial: GuardError) -> Self {
                    HttpResponse::from(denial).into()
                }
            }

            /// A response carries a denial as its [`HttpResponse`].
            impl OnDenied for $response {
                fn on_denied(denial: GuardError) -> Self {
                    denial.into()
                }
            }
        )+
    };
}
carries_a_denial!(Response<Cursor<Vec<u8>>>, ResponseBox);

/// A scope of `tiny_http`.
impl<C: Claims> RouteGuard<C> {
    /// Responds to a request by what stands behind this guard, or with the denial; call it in the branch of your routing
    /// that leads to the guarded paths.
    ///
    /// # Errors
    ///
    /// Those of writing to the client.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::{Payload, web::RouteGuard};
    /// use tiny_http::{Request, Response};
    ///
    /// fn route(request: Request, members: &RouteGuard<Payload>) -> std::io::Result<()> {
    ///     match request.url() {
    ///         "/" => request.respond(Response::from_string("hello")),
    ///         path if path.starts_with("/members/") => members.respond_behind(request, |_, who| {
    ///             Response::from_string(format!("hello {}", who.user_id()))
    ///         }),
    ///         _ => request.respond(Response::empty(404)),
    ///     }
    /// }
    /// ```
    pub fn respond_behind<R: io::Read>(
        &self,
        mut request: Request,
        inside: impl FnOnce(&mut Request, Verified<C>) -> Response<R>,
    ) -> io::Result<()> {
        match self.admit(&request) {
            Ok(verified) => {
                let response = inside(&mut request, verified);
                request.respond(response)
            }
            Err(denial) => request.respond(ResponseBox::from(denial)),
        }
    }
}

/// The routes for `tiny_http`.
impl<U: AuthUser> AuthRoutes<SyncLookup<U>> {
    /// The response to a request, of whose body no more than [`BODY_LIMIT`](Self::BODY_LIMIT) bytes are read; `None` where
    /// its path is none of these.
    ///
    /// # Security
    ///
    /// A login takes the time of a password's hash, and this framework waits without end for the rest of a body, even for
    /// that of a request that was answered. Receive requests on several threads, behind a proxy that ends slow clients.
    ///
    /// # Examples
    ///
    /// ```
    /// # use gatevault::login::SyncLookup;
    /// # use gatevault::{AuthRoutes, AuthUser};
    /// use tiny_http::{Response, Server};
    ///
    /// fn serve<U: AuthUser>(server: &Server, routes: &AuthRoutes<SyncLookup<U>>) -> std::io::Result<()> {
    ///     for mut request in server.incoming_requests() {
    ///         match routes.respond_to(&mut request) {
    ///             Some(response) => request.respond(response)?,
    ///             None => request.respond(Response::empty(404))?,
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// ```
    #[must_use]
    pub fn respond_to(&self, request: &mut Request) -> Option<Response<Cursor<Vec<u8>>>> {
        let call = HttpRequest::from(&*request);
        self.has(call.path())
            .then(|| self.respond(&call, read_body(request, Self::BODY_LIMIT).as_deref()).into())
    }
}

/// The body, unless it is larger than the limit or has been cut off.
fn read_body(request: &mut Request, limit: usize) -> Option<Vec<u8>> {
    let announced = request.body_length();
    if announced.is_some_and(|length| length > limit) {
        return None;
    }
    let mut body = Vec::new();
    // One byte more than is allowed tells that there are more.
    let most = u64::try_from(limit).ok()?.saturating_add(1);
    request.as_reader().take(most).read_to_end(&mut body).ok()?;
    let is_whole = announced.map_or(body.len() <= limit, |length| length == body.len());
    is_whole.then_some(body)
}
