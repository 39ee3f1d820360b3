//! `tiny_http` 0.12, synchronous throughout: requests as token sources, responses, a guarded group and ready-made routes.

use std::borrow::Cow;
use std::io::{self, Cursor, Read as _};

use tiny_http::{Header, Request, Response, ResponseBox, StatusCode};

use super::bearer::{token_of, visible_ascii};
use super::{AuthRoutes, Bearer, HttpRequest, HttpResponse, ProtectedResource, RouteGuard};
use crate::claims::{Claims, Verified};
use crate::error::GuardError;
use crate::guard::{OnDenied, TokenSource};
use crate::login::SyncUserStore;

/// The bearer token of the `Authorization` header, as [`Bearer`] reads it: the request is the `token` of a guarded function.
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
            .with_target(request.url())
            .with_headers(headers.map(|header| (header.field.as_str().as_str(), header.value.as_bytes())))
            .from_address(request.remote_addr().map(std::net::SocketAddr::ip))
    }
}

/// The response with its body in memory.
impl From<HttpResponse> for Response<Cursor<Vec<u8>>> {
    fn from(source: HttpResponse) -> Self {
        // `tiny_http` writes line breaks in a header unchanged (response splitting), so a value that no header can hold,
        // such as a challenge with such a scope, is left out.
        let valid = source.headers.iter().filter(|(_, value)| visible_ascii(value.as_bytes()).is_some());
        let headers = valid.filter_map(|(name, value)| Header::from_bytes(*name, value.as_str()).ok());
        let (headers, length) = (headers.collect(), source.body.len());
        let body = Cursor::new(source.body.into_bytes());
        Self::new(StatusCode(source.status), headers, body, Some(length), None)
    }
}

impl From<HttpResponse> for ResponseBox {
    fn from(source: HttpResponse) -> Self {
        Response::<Cursor<Vec<u8>>>::from(source).boxed()
    }
}

macro_rules! from_denial {
    ($($response:ty),+) => {
        $(
            impl From<GuardError> for $response {
                fn from(denial: GuardError) -> Self {
                    HttpResponse::from(denial).into()
                }
            }

            /// The denial as its [`HttpResponse`].
            impl OnDenied for $response {
                fn on_denied(denial: GuardError) -> Self {
                    denial.into()
                }
            }
        )+
    };
}
from_denial!(Response<Cursor<Vec<u8>>>, ResponseBox);

/// The guard for `tiny_http`, where it responds to requests.
impl<C: Claims> RouteGuard<C> {
    /// Responds to a request with the result of `handler`, or with the denial. Call it in the branch of your routing that
    /// leads to the guarded paths.
    ///
    /// # Errors
    ///
    /// The error of a response that could not be written to the client.
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
    ///         path if path.starts_with("/members/") => members.respond_behind(request, |_, caller| {
    ///             Response::from_string(format!("hello user {}", caller.user_id()))
    ///         }),
    ///         _ => request.respond(Response::empty(404)),
    ///     }
    /// }
    /// ```
    pub fn respond_behind<R: io::Read>(
        &self,
        mut request: Request,
        handler: impl FnOnce(&mut Request, Verified<C>) -> Response<R>,
    ) -> io::Result<()> {
        match self.decide(&request, || HttpRequest::from(&request)) {
            Ok(admitted) => {
                let response = handler(&mut request, admitted.caller);
                request.respond(response)
            }
            Err(refusal) => request.respond(ResponseBox::from(HttpResponse::from(refusal))),
        }
    }
}

/// The login routes for `tiny_http`.
impl<S: SyncUserStore> AuthRoutes<S> {
    /// Returns the response to a request, or `None` if its path is not one of these routes. At most
    /// [`BODY_LIMIT`](Self::BODY_LIMIT) bytes of the body are read.
    ///
    /// # Security
    ///
    /// A login takes as long as a password hash. `tiny_http` has no timeout: it waits for the rest of a body, even after the
    /// response (Slowloris). Receive requests on several threads, behind a proxy that disconnects slow clients.
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
        let head = HttpRequest::from(&*request);
        self.has(head.path())
            .then(|| self.respond(&head, read_body(request, Self::BODY_LIMIT).as_deref()).into())
    }
}

/// The metadata for `tiny_http`.
impl ProtectedResource {
    /// Returns the response to a request, or `None` if the request has another path.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::web::ProtectedResource;
    /// use tiny_http::{Response, Server};
    ///
    /// fn serve(server: &Server, resource: &ProtectedResource) -> std::io::Result<()> {
    ///     for request in server.incoming_requests() {
    ///         match resource.respond_to(&request) {
    ///             Some(response) => request.respond(response)?,
    ///             None => request.respond(Response::empty(404))?,
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// ```
    #[must_use]
    pub fn respond_to(&self, request: &Request) -> Option<Response<Cursor<Vec<u8>>>> {
        self.respond(&HttpRequest::from(request)).map(Into::into)
    }
}

/// Reads the body. Returns `None` if it exceeds the limit or was cut off.
fn read_body(request: &mut Request, limit: usize) -> Option<Vec<u8>> {
    let announced = request.body_length();
    if announced.is_some_and(|length| length > limit) {
        return None;
    }
    let mut body = Vec::new();
    // One byte above the limit shows that the body exceeds it.
    let read_limit = u64::try_from(limit).ok()?.saturating_add(1);
    request.as_reader().take(read_limit).read_to_end(&mut body).ok()?;
    let is_whole = announced.map_or(body.len() <= limit, |length| length == body.len());
    is_whole.then_some(body)
}
