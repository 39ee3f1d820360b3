//! The routes over a handler: their settings and their paths.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::error::{ConfigError, GuardError};
use crate::login::{Blocking, OAuthHandler, SyncUserStore, wait};
use crate::web::{HttpRequest, HttpResponse, RefreshCookie};

/// Ready-made routes over an [`OAuthHandler`]. Cheap to clone.
///
/// | route | response |
/// |---|---|
/// | `POST /login` with `username`, `password` and optionally the session's `label`, as JSON or as a form | an access token |
/// | `POST /refresh` | the next access token |
/// | `POST /logout` | 204, after the session has ended |
/// | `GET /sessions` with an access token of our own | the caller's sessions |
/// | `DELETE /sessions/{id}` with an access token of our own | 204, after that session has ended |
/// | `GET /.well-known/jwks.json` | the public keys, if they are [published](Self::publish_keys) |
///
/// The refresh token is in a [`RefreshCookie`] only, which no script can read. A request that this cookie authenticates must
/// echo the value of the cookie `__Host-csrf_token` in the header `X-CSRF-Token`; see [`CsrfToken`](crate::web::CsrfToken).
/// For clients other than browsers see [`without_cookies`](Self::without_cookies).
///
/// The feature of a framework turns them into routes of that framework. Without a framework:
///
/// ```
/// use gatevault::{AuthRoutes, OAuthHandler, TokenManager, web::HttpRequest};
/// # #[derive(Clone)] struct Account { hash: String }
/// # impl gatevault::AuthUser for Account {
/// #     fn id(&self) -> gatevault::UserId { 1.into() }
/// #     fn hashed_password(&self) -> Option<&str> { Some(&self.hash) }
/// # }
/// # let ada = Account { hash: gatevault::hash_password("correct horse")? };
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// let oauth = OAuthHandler::new(tokens, move |name| (name == "ada").then(|| ada.clone()));
/// let routes = AuthRoutes::new(oauth);
///
/// let request = HttpRequest::new("POST", "/login").with_header("content-type", b"application/json");
/// let response = routes.respond(&request, Some(br#"{"username": "ada", "password": "correct horse"}"#));
/// assert_eq!(response.status, 200);
/// assert!(response.header("set-cookie").is_some_and(|cookie| cookie.starts_with("__Host-refresh_token=")));
/// # Ok::<(), gatevault::Error>(())
/// ```
pub struct AuthRoutes<S> {
    pub(super) handler: Arc<OAuthHandler<S>>,
    /// Empty, or begins with `/` and does not end with it.
    prefix: String,
    /// `None` if the refresh token is in the body.
    pub(super) cookie: Option<RefreshCookie>,
    pub(super) key_set: Option<Arc<KeySet>>,
    address: Option<Arc<AddressOf>>,
}

/// Writes the current public keys as JSON.
pub(super) type KeySet = dyn Fn() -> String + Send + Sync;

type AddressOf = dyn Fn(&HttpRequest) -> Option<IpAddr> + Send + Sync;

impl<S> AuthRoutes<S> {
    /// The number of bytes of a body that are read at most.
    pub const BODY_LIMIT: usize = 16 * 1024;

    /// Creates routes over a handler, which may be shared.
    pub fn new(handler: impl Into<Arc<OAuthHandler<S>>>) -> Self {
        Self {
            handler: handler.into(),
            prefix: String::new(),
            cookie: Some(RefreshCookie::default()),
            key_set: None,
            address: None,
        }
    }

    /// Adds a prefix such as `/auth` to the paths, and narrows the cookie to it. The path of the public keys stays.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidCookie`] if the prefix is not a path.
    pub fn mounted_at(mut self, prefix: &str) -> Result<Self, ConfigError> {
        let prefix = prefix.trim_end_matches('/');
        let cookie = RefreshCookie::new("refresh_token", if prefix.is_empty() { "/" } else { prefix })?;
        self.cookie = self.cookie.map(|_| cookie);
        prefix.clone_into(&mut self.prefix);
        Ok(self)
    }

    /// Sets the cookie of the refresh token, if it needs another name than `refresh_token` or another path than the routes,
    /// for example behind a proxy that strips a prefix.
    #[must_use]
    pub fn cookie(self, cookie: RefreshCookie) -> Self {
        Self { cookie: Some(cookie), ..self }
    }

    /// Sends the refresh token in the body of responses and requests (`refresh_token`, as JSON or as a form), for clients
    /// other than browsers. Cookies are neither read nor written.
    ///
    /// To serve both kinds of clients, mount these routes beside others, at another prefix.
    #[must_use]
    pub fn without_cookies(self) -> Self {
        Self { cookie: None, ..self }
    }

    /// Sets how the client's address is read from a request, for a [`LoginThrottle`](crate::LoginThrottle). The default is
    /// the other end of the connection.
    ///
    /// # Security
    ///
    /// Behind your own proxy, read the header that the proxy writes, and only if no request can bypass the proxy. A client
    /// can write any address into a header.
    #[must_use]
    pub fn address_from(
        self,
        address: impl Fn(&HttpRequest) -> Option<IpAddr> + Send + Sync + 'static,
    ) -> Self {
        Self { address: Some(Arc::new(address)), ..self }
    }

    /// Returns the paths of the routes, for a framework's router. `id` is the framework's notation for a parameter of one
    /// segment, such as `{id}` or `<id>`.
    #[must_use]
    pub fn paths(&self, id: &str) -> Vec<String> {
        let own = ["/login", "/refresh", "/logout", "/sessions"].map(str::to_owned);
        let own = own.into_iter().chain([format!("/sessions/{id}")]);
        let keys = self.key_set.as_ref().map(|_| KEYS.to_owned());
        own.map(|path| format!("{}{path}", self.prefix)).chain(keys).collect()
    }

    /// Returns whether one of the routes has this path, for a framework without a router.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.route(path).is_some()
    }

    /// Returns the route of a path.
    pub(super) fn route<'p>(&self, path: &'p str) -> Option<Route<'p>> {
        if path == KEYS && self.key_set.is_some() {
            return Some(Route::Keys);
        }
        Some(match path.strip_prefix(&self.prefix)? {
            "/login" => Route::Login,
            "/refresh" => Route::Refresh,
            "/logout" => Route::Logout,
            "/sessions" => Route::Sessions,
            other => {
                let id = other.strip_prefix("/sessions/")?;
                Route::Session(Some(id).filter(|id| !id.is_empty() && !id.contains('/'))?)
            }
        })
    }

    /// Returns the address of the client.
    pub(super) fn client_address(&self, request: &HttpRequest) -> Option<IpAddr> {
        self.address.as_ref().map_or_else(|| request.address(), |address| address(request))
    }
}

impl<S: SyncUserStore> AuthRoutes<S> {
    /// Responds to a request. Pass `None` as `body` if the body has more than [`BODY_LIMIT`](Self::BODY_LIMIT) bytes.
    #[must_use]
    pub fn respond(&self, request: &HttpRequest, body: Option<&[u8]>) -> HttpResponse {
        let response = async { Ok::<_, GuardError>(self.response_to::<Blocking>(request, body).await) };
        wait(response).unwrap_or_else(HttpResponse::from)
    }
}

/// A route, found by its path.
#[derive(Debug, Clone, Copy)]
pub(super) enum Route<'p> {
    Login,
    Refresh,
    Logout,
    Sessions,
    /// One session, by its id.
    Session(&'p str),
    Keys,
}

impl Route<'_> {
    /// Returns the methods of the route, as the header `Allow` lists them.
    pub(super) fn methods(self) -> &'static str {
        match self {
            Self::Login | Self::Refresh | Self::Logout => "POST, OPTIONS",
            Self::Sessions | Self::Keys => "GET, HEAD, OPTIONS",
            Self::Session(_) => "DELETE, OPTIONS",
        }
    }
}

/// The path of the public keys. Well-known paths are at the root of a host (RFC 8615 section 3).
const KEYS: &str = "/.well-known/jwks.json";

impl<S> Clone for AuthRoutes<S> {
    fn clone(&self) -> Self {
        let Self { handler, prefix, cookie, key_set, address } = self;
        Self {
            handler: Arc::clone(handler),
            prefix: prefix.clone(),
            cookie: cookie.clone(),
            key_set: key_set.clone(),
            address: address.clone(),
        }
    }
}

impl<S> fmt::Debug for AuthRoutes<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthRoutes")
            .field("prefix", &self.prefix)
            .field("cookie", &self.cookie)
            .finish_non_exhaustive()
    }
}
