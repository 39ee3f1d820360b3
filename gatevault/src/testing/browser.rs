//! A browser in the process of a test: its settings and its requests.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use http::header::LOCATION;
use http::{HeaderValue, Method, Request, StatusCode, Uri};

use super::fault::fail;
use super::redaction::redact;
use super::request::{Form, HOST, Initiator, TestBody, add_headers, form, request};
use super::running_app::RunningApp;
use super::session::BrowserSession;
use super::{Response, TestApp};
use crate::clock::{Clock, SystemClock};

/// Creates a browser that calls an application without a socket. The guide has [tests of an
/// application](crate::guide::testing) to copy.
///
/// # Examples
///
/// ```
/// use gatevault::testing::{self, TestApp};
///
/// async fn a_stranger_is_denied(app: impl TestApp) {
///     let denied = testing::browser(app).get("/me").await;
///     assert_eq!(denied.status(), 401);
///     assert_eq!(denied.challenge(), "Bearer");
/// }
/// ```
pub fn browser<A: TestApp>(app: A) -> Browser<A> {
    Browser {
        app: Arc::new(RunningApp::new(app)),
        settings: Settings {
            mount: String::new(),
            address: None,
            follows_redirects: false,
            clock: Arc::new(SystemClock),
        },
        session: Mutex::default(),
    }
}

/// A browser with a session, for the tests of an application; [`browser`] creates one.
///
/// It calls the application as a browser calls it over https: it keeps cookies, says in Fetch Metadata that a page of the
/// application sends the request, echoes the CSRF token in `X-CSRF-Token`, and keeps the access token of a login or a refresh
/// for `Authorization: Bearer`. After a logout it forgets them.
///
/// | methods | send |
/// |---|---|
/// | [`get`](Self::get), [`post`](Self::post), [`put`](Self::put), [`patch`](Self::patch), [`delete`](Self::delete), [`send`](Self::send) | what a script sends with `fetch` |
/// | [`visit`](Self::visit), [`submit`](Self::submit) | what a user sends who opens a page or submits a form: cookies, but no `Authorization` |
/// | [`log_in`](Self::log_in), [`register`](Self::register), [`refresh`](Self::refresh), [`log_out`](Self::log_out) | what a script sends to [`AuthRoutes`](crate::AuthRoutes) |
///
/// [`acting_as`](Self::acting_as) begins a session without a password, [`another`](Self::another) opens a second browser.
/// Bodies are read whole, so a response that streams without an end is never returned.
///
/// # Panics
///
/// A method panics, with the line of the test, if the test is at fault: a path that is none, a body that cannot be written, an
/// application that does not start. The response of an application is never a panic.
pub struct Browser<A: TestApp> {
    pub(super) app: Arc<RunningApp<A>>,
    pub(super) settings: Settings,
    pub(super) session: Mutex<BrowserSession>,
}

#[derive(Clone)]
pub(super) struct Settings {
    /// The prefix of the login routes: empty, or begins with `/` and does not end with it.
    pub(super) mount: String,
    address: Option<IpAddr>,
    follows_redirects: bool,
    clock: Arc<dyn Clock>,
}

impl<A: TestApp> Browser<A> {
    /// Sets the prefix of the login routes, as in [`AuthRoutes::mounted_at`](crate::AuthRoutes::mounted_at). The default is none.
    #[must_use]
    pub fn mounted_at(mut self, prefix: &str) -> Self {
        prefix.trim_end_matches('/').clone_into(&mut self.settings.mount);
        self
    }

    /// Sets the address of the client, for a throttle by address. The default is an address of this machine, which
    /// [`AuthRoutes`](crate::AuthRoutes) do not count. Some frameworks know no address without a socket: see [`TestApp`].
    #[must_use]
    pub fn from_address(mut self, address: impl Into<IpAddr>) -> Self {
        self.settings.address = Some(address.into());
        self
    }

    /// Sets the browser to follow redirects within the application. By default a redirect is the response.
    #[must_use]
    pub fn following_redirects(mut self) -> Self {
        self.settings.follows_redirects = true;
        self
    }

    /// Sets the clock by which cookies expire, such as the [`ManualClock`](super::ManualClock) of the application.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.settings.clock = Arc::new(clock);
        self
    }

    /// Opens another browser with the same settings and the same application, without a session.
    #[must_use]
    pub fn another(&self) -> Self {
        Self { app: Arc::clone(&self.app), settings: self.settings.clone(), session: Mutex::default() }
    }

    /// Sends a `GET` request. The path may have a query.
    #[track_caller]
    pub fn get(&self, path: &str) -> impl Future<Output = Response> {
        self.call(Method::GET, path, (), Initiator::Script)
    }

    /// Sends a `POST` request with JSON, a form, or no body.
    #[track_caller]
    pub fn post(&self, path: &str, body: impl TestBody) -> impl Future<Output = Response> {
        self.call(Method::POST, path, body, Initiator::Script)
    }

    /// Sends a `PUT` request with JSON, a form, or no body.
    #[track_caller]
    pub fn put(&self, path: &str, body: impl TestBody) -> impl Future<Output = Response> {
        self.call(Method::PUT, path, body, Initiator::Script)
    }

    /// Sends a `PATCH` request with JSON, a form, or no body.
    #[track_caller]
    pub fn patch(&self, path: &str, body: impl TestBody) -> impl Future<Output = Response> {
        self.call(Method::PATCH, path, body, Initiator::Script)
    }

    /// Sends a `DELETE` request.
    #[track_caller]
    pub fn delete(&self, path: &str) -> impl Future<Output = Response> {
        self.call(Method::DELETE, path, (), Initiator::Script)
    }

    /// Sends any request. A header that it has is sent as it is, instead of the one that the browser would add.
    #[track_caller]
    pub fn send(&self, request: Request<impl Into<Vec<u8>>>) -> impl Future<Output = Response> {
        let caller = Location::caller();
        if !request.uri().path().starts_with('/') || request.uri().authority().is_some() {
            fail(caller, format_args!("expected a path such as \"/me\", found {:?}", request.uri()));
        }
        self.exchange(request.map(Into::into), Initiator::Script, caller)
    }

    /// Opens a page, as a user who follows a link of the application.
    #[track_caller]
    pub fn visit(&self, path: &str) -> impl Future<Output = Response> {
        self.call(Method::GET, path, (), Initiator::Navigation)
    }

    /// Sends the form of a page, as a user who submits it. The field `csrf_token` is added if the browser has a session and the form lacks it, as the
    /// hidden field of the page has it.
    #[track_caller]
    pub fn submit<N: Into<String>, V: Into<String>>(
        &self,
        path: &str,
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> impl Future<Output = Response> {
        let Form(mut fields) = form(fields);
        let csrf_token = self.session().csrf_token.clone();
        if let Some(token) = csrf_token.filter(|_| fields.iter().all(|(name, _)| name != CSRF_FIELD)) {
            fields.push((CSRF_FIELD.to_owned(), token));
        }
        self.call(Method::POST, path, Form(fields), Initiator::Navigation)
    }

    /// Returns the access token that the browser sends.
    #[must_use]
    pub fn access_token(&self) -> Option<String> {
        self.session().access_token.clone()
    }

    /// Returns the value of a cookie, also of one that no script can read.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.session().jar.get(name, self.now()).map(str::to_owned)
    }

    #[track_caller]
    pub(super) fn call<B: TestBody>(
        &self,
        method: Method,
        path: &str,
        body: B,
        initiator: Initiator,
    ) -> impl Future<Output = Response> + use<'_, A, B> {
        let caller = Location::caller();
        self.exchange(request(caller, method, path, body), initiator, caller)
    }

    /// Sends a request and keeps what a browser keeps of the response.
    pub(super) async fn exchange(
        &self,
        mut request: Request<Vec<u8>>,
        initiator: Initiator,
        caller: &'static Location<'static>,
    ) -> Response {
        for _ in 0..MOST_REDIRECTS {
            let (method, uri, body) =
                (request.method().clone(), request.uri().clone(), request.body().clone());
            let credentials = self.session().credentials(uri.path(), self.now());
            add_headers(&mut request, initiator, credentials);
            let peer = self.settings.address.map(|address| SocketAddr::new(address, PORT));
            let response = match self.app.respond(request, peer).await {
                Ok(response) => response,
                Err(fault) => fail(caller, format_args!("no response to {method} {uri}: {fault}")),
            };
            let response = self.keep(response, uri.path());
            match self.next(&response, &method, body) {
                Some(next) => request = next,
                None => return response,
            }
        }
        fail(caller, format_args!("more than {MOST_REDIRECTS} redirects"))
    }

    /// Keeps the cookies and tokens of the response to a request for `path`.
    pub(super) fn keep(&self, response: http::Response<Vec<u8>>, path: &str) -> Response {
        let mut session = self.session();
        session.absorb(&response, path, self.now());
        let shown = redact(&String::from_utf8_lossy(response.body()), session.secrets());
        Response { inner: response, shown }
    }

    /// Returns the request to which a redirect leads, if it leads to a page of the application and the browser follows it.
    fn next(&self, response: &Response, method: &Method, body: Vec<u8>) -> Option<Request<Vec<u8>>> {
        if !self.settings.follows_redirects || !response.inner.status().is_redirection() {
            return None;
        }
        let location = response.inner.headers().get(LOCATION).map(HeaderValue::to_str)?.ok()?;
        let own = location.strip_prefix("https://").and_then(|rest| rest.strip_prefix(HOST));
        let path = own.unwrap_or(location).split('#').next().unwrap_or_default();
        let uri =
            path.parse::<Uri>().ok().filter(|uri| path.starts_with('/') && uri.authority().is_none())?;
        let repeats = [StatusCode::TEMPORARY_REDIRECT, StatusCode::PERMANENT_REDIRECT];
        let is_repeated = repeats.contains(&response.inner.status());
        let mut next = Request::new(if is_repeated { body } else { Vec::new() });
        *next.method_mut() = if is_repeated { method.clone() } else { Method::GET };
        *next.uri_mut() = uri;
        Some(next)
    }

    pub(super) fn session(&self) -> MutexGuard<'_, BrowserSession> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> SystemTime {
        self.settings.clock.now()
    }
}

impl<A: TestApp> fmt::Debug for Browser<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Browser").field("mount", &self.settings.mount).finish_non_exhaustive()
    }
}

const CSRF_FIELD: &str = "csrf_token";

/// The port of a client whose address the test chose.
const PORT: u16 = 49_152;

/// The most redirects that browsers follow (Fetch, HTTP-redirect fetch).
const MOST_REDIRECTS: usize = 20;
