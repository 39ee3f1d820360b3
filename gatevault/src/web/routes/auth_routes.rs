//! The routes of a handler: their settings.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::error::ConfigError;
use crate::login::{OAuthHandler, UserLookup};
use crate::web::{HttpRequest, RefreshCookie};

/// Ready-made routes over an [`OAuthHandler`]; cheap to clone.
///
/// | route | answer |
/// |---|---|
/// | `POST /login` | `username`, `password` and perhaps a `label` of the session, as JSON or as a form: an access token |
/// | `POST /refresh` | the next access token |
/// | `POST /logout` | 204; the session has ended |
/// | `GET /sessions` | the caller's sessions; needs the access token, one of our own |
/// | `DELETE /sessions/{id}` | 204; that session has ended; needs the same |
/// | `GET /.well-known/jwks.json` | the public keys, where they are [published](Self::publish_keys) |
///
/// The refresh token is in a [`RefreshCookie`] and nowhere else, so that no script sees it. A call that this cookie
/// authenticates echoes the value of the cookie `__Host-csrf_token` in the header `X-CSRF-Token`; see
/// [`CsrfToken`](crate::web::CsrfToken). Clients that are no browsers have [`without_cookies`](Self::without_cookies).
///
/// The feature of a framework makes its routes of them. Without one:
///
/// ```
/// use gatevault::{AuthRoutes, OAuthHandler, TokenManager, web::HttpRequest};
/// # #[derive(Clone)] struct Account { hash: String }
/// # impl gatevault::AuthUser for Account {
/// #     fn id(&self) -> gatevault::UserId { 1.into() }
/// #     fn hashed_password(&self) -> &str { &self.hash }
/// # }
/// # let ada = Account { hash: gatevault::hash_password("correct horse")? };
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// let oauth = OAuthHandler::new(tokens, move |name| (name == "ada").then(|| ada.clone()));
/// let routes = AuthRoutes::new(oauth);
///
/// let call = HttpRequest::new("POST", "/login").with_header("content-type", b"application/json");
/// let answer = routes.respond(&call, Some(br#"{"username": "ada", "password": "correct horse"}"#));
/// assert_eq!(answer.status, 200);
/// assert!(answer.header("set-cookie").is_some_and(|cookie| cookie.starts_with("__Host-refresh_token=")));
/// # Ok::<(), gatevault::Error>(())
/// ```
pub struct AuthRoutes<L: UserLookup> {
    pub(super) handler: Arc<OAuthHandler<L>>,
    /// Empty, or begins with `/` and does not end with it.
    pub(super) prefix: String,
    /// None where the refresh token is in the body.
    pub(super) cookie: Option<RefreshCookie>,
    pub(super) key_set: Option<Arc<KeySet>>,
    address: Option<Arc<AddressOf>>,
}

/// Writes the public keys of the moment.
pub(super) type KeySet = dyn Fn() -> String + Send + Sync;

type AddressOf = dyn Fn(&HttpRequest) -> Option<IpAddr> + Send + Sync;

impl<L: UserLookup> AuthRoutes<L> {
    /// How many bytes of a body are read at most; of a larger one the routes are given `None`.
    pub const BODY_LIMIT: usize = 16 * 1024;

    /// The routes of a handler, which may be shared.
    pub fn new(handler: impl Into<Arc<OAuthHandler<L>>>) -> Self {
        Self {
            handler: handler.into(),
            prefix: String::new(),
            cookie: Some(RefreshCookie::default()),
            key_set: None,
            address: None,
        }
    }

    /// Begins the paths with a prefix, such as `/auth`, which the cookie is narrowed to; that of the public keys stays.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidCookie`] for what is no path.
    pub fn mounted_at(mut self, prefix: &str) -> Result<Self, ConfigError> {
        let prefix = prefix.trim_end_matches('/');
        let cookie = RefreshCookie::new("refresh_token", if prefix.is_empty() { "/" } else { prefix })?;
        self.cookie = self.cookie.map(|_| cookie);
        prefix.clone_into(&mut self.prefix);
        Ok(self)
    }

    /// The cookie of the refresh token, where neither the name `refresh_token` nor the path of the routes is to be its own:
    /// behind a proxy that takes a prefix off, say.
    #[must_use]
    pub fn cookie(self, cookie: RefreshCookie) -> Self {
        Self { cookie: Some(cookie), ..self }
    }

    /// For clients that are no browsers: the refresh token is in the body, of the answers and of the calls
    /// (`refresh_token`, as JSON or as a form). No cookie is read or written.
    ///
    /// Mount them beside the others, at another prefix, to serve both.
    #[must_use]
    pub fn without_cookies(self) -> Self {
        Self { cookie: None, ..self }
    }

    /// Where a call comes from, for a [`LoginThrottle`](crate::LoginThrottle); the other end of the connection unless set.
    ///
    /// # Security
    ///
    /// Behind a proxy of your own, read the header that it writes, and only if no call comes around it: what a client says
    /// of its address is whatever it likes.
    #[must_use]
    pub fn address_from(
        self,
        address: impl Fn(&HttpRequest) -> Option<IpAddr> + Send + Sync + 'static,
    ) -> Self {
        Self { address: Some(Arc::new(address)), ..self }
    }

    pub(super) fn address_of(&self, call: &HttpRequest) -> Option<IpAddr> {
        self.address.as_ref().map_or_else(|| call.address(), |address| address(call))
    }
}

impl<L: UserLookup> Clone for AuthRoutes<L> {
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

impl<L: UserLookup> fmt::Debug for AuthRoutes<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthRoutes")
            .field("prefix", &self.prefix)
            .field("cookie", &self.cookie)
            .finish_non_exhaustive()
    }
}
