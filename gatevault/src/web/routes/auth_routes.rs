//! The routes over a handler: their settings and their paths.

use std::fmt;
use std::sync::{Arc, Once};

use super::client_address::AddressSource;
use super::origin::Origin;
use super::page_routes::for_pages_of_other_sites;
use super::token_endpoint::TokenEndpoint;
use crate::error::{ConfigError, GuardError};
use crate::future::wait;
use crate::login::{AddUser, Blocking, ChangePassword, OAuthHandler, SyncUserStore};
use crate::web::cookie_header::SameSite;
use crate::web::{Denials, HttpRequest, HttpResponse, Pages, RefreshCookie};

/// Ready-made routes over an [`OAuthHandler`]. Cheap to clone.
///
/// | route | response |
/// |---|---|
/// | `POST /login` with `username`, `password` and optionally the session's `label`, as JSON or as a form | an access token |
/// | `POST /refresh` | the next access token |
/// | `POST /logout` | 204, after the session has ended |
/// | `POST /register` with the fields of a login, if it is [enabled](Self::with_register) | 201 and an access token |
/// | `POST /password` with `current_password`, `new_password` and an access token, if it is [enabled](Self::with_password_change) | 204, after the other sessions have ended |
/// | `GET /sessions` with an access token of our own | the caller's sessions |
/// | `DELETE /sessions` with an access token of our own | 204, after all sessions have ended; the API keys stay |
/// | `DELETE /sessions?others` with an access token of our own | the same for all sessions but the caller's |
/// | `DELETE /sessions/{id}` with an access token of our own | 204, after that session has ended |
/// | `POST /token` and `POST /revoke` for OAuth2 clients, as forms, if they are [enabled](Self::with_token_endpoint) | tokens, in the body; 200, after the token has ended |
/// | `GET /.well-known/oauth-authorization-server` | the metadata of these, with them |
/// | `GET /.well-known/jwks.json` | the public keys, if they are [published](Self::publish_keys) |
///
/// The refresh token is in a [`RefreshCookie`] only, which no script can read. A request that this cookie authenticates must
/// send the `csrf_token` of the response to the login or refresh in the header `X-CSRF-Token`. Pages of the same host also find
/// it in the cookie `__Host-csrf_token`, or as [`RefreshCookie::csrf_name`] says; see [`CsrfToken`](crate::web::CsrfToken).
/// For clients other than browsers see [`without_cookies`](Self::without_cookies).
///
/// # Pages of other hosts
///
/// A page of another host of the same site, such as `app.example.com` for routes at `api.example.com`, can log in with a JSON
/// body, refresh and log out. It can not log in with a form, which any page of any host of the site could send in a visitor's
/// name. For pages of other sites, and for browsers without Fetch Metadata, see [`allowed_origins`](Self::allowed_origins). All
/// pages of other hosts need an answer to CORS requests as well, which a layer of your framework writes, not these routes.
///
/// A browser without Fetch Metadata, such as any over plain http, may only send what its own pages ask for: `Origin` must have
/// the host and the port of the request. A proxy in front must therefore pass the header `Host` on.
///
/// # Examples
///
/// The feature of a framework turns them into routes of that framework. Without a framework:
///
/// ```
/// use gatevault::{AuthRoutes, LoginThrottle, MemoryAttempts, OAuthHandler, TokenManager, web::HttpRequest};
/// # #[derive(Clone)] struct Account { hash: String }
/// # impl gatevault::AuthUser for Account {
/// #     fn id(&self) -> gatevault::UserId { 1.into() }
/// #     fn hashed_password(&self) -> Option<&str> { Some(&self.hash) }
/// # }
/// # let ada = Account { hash: gatevault::hash_password("correct horse")? };
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// let oauth = OAuthHandler::new(tokens, move |name| (name == "ada").then(|| ada.clone()))
///     .throttle(LoginThrottle::new(MemoryAttempts::new()));
/// let routes = AuthRoutes::new(oauth).trusted_proxies(1); // behind one reverse proxy
///
/// let request = HttpRequest::new("POST", "/login").with_header("content-type", b"application/json");
/// let response = routes.respond(&request, Some(br#"{"username": "ada", "password": "correct horse"}"#));
/// assert_eq!(response.status, 200);
/// assert!(response.header("set-cookie").is_some_and(|cookie| cookie.starts_with("__Host-refresh_token=")));
/// # Ok::<(), gatevault::Error>(())
/// ```
pub struct AuthRoutes<S> {
    pub(in crate::web) handler: Arc<OAuthHandler<S>>,
    /// Empty, or begins with `/` and does not end with it.
    pub(super) prefix: String,
    /// `None` if the refresh token is in the body.
    pub(super) cookie: Option<RefreshCookie>,
    /// `None` unless the routes serve pages.
    pub(super) pages: Option<Pages>,
    /// True if the application chose the cookie, which then does not follow the prefix.
    pub(super) has_own_cookie: bool,
    /// False if the application has a login of its own.
    pub(super) has_login: bool,
    pub(super) allowed_origins: Vec<Origin>,
    pub(super) key_set: Option<Arc<KeySet>>,
    pub(super) address: AddressSource,
    pub(super) canonical_name: Option<Arc<CanonicalName>>,
    /// `None` without a registration.
    pub(super) add_user: Option<AddUser<S>>,
    /// `None` without a password change.
    pub(super) change_password: Option<ChangePassword<S>>,
    pub(super) denials: Option<Denials>,
    /// `None` without routes for OAuth2 clients.
    pub(super) token_endpoint: Option<TokenEndpoint>,
    pub(super) notices: Arc<Notices>,
}

/// Warnings that these routes and their clones emit once.
pub(super) struct Notices {
    pub(super) forwarded: Once,
    pub(super) dropped_cookies: Once,
}

type CanonicalName = dyn Fn(&str) -> String + Send + Sync;

/// Writes the current public keys as JSON.
pub(super) type KeySet = dyn Fn() -> String + Send + Sync;

impl<S> AuthRoutes<S> {
    /// The number of bytes of a body that are read at most.
    pub const BODY_LIMIT: usize = 16 * 1024;

    /// Creates routes over a handler, which may be shared.
    pub fn new(handler: impl Into<Arc<OAuthHandler<S>>>) -> Self {
        Self {
            handler: handler.into(),
            prefix: String::new(),
            cookie: Some(RefreshCookie::default()),
            pages: None,
            has_own_cookie: false,
            has_login: true,
            allowed_origins: Vec::new(),
            key_set: None,
            address: AddressSource::default(),
            canonical_name: None,
            add_user: None,
            change_password: None,
            denials: None,
            token_endpoint: None,
            notices: Arc::new(Notices { forwarded: Once::new(), dropped_cookies: Once::new() }),
        }
    }

    /// Adds a prefix such as `/auth` to the paths, and narrows the cookie to it, unless you [chose](Self::cookie) one. The path
    /// of the public keys stays.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidCookie`] if the prefix is not a path.
    pub fn mounted_at(mut self, prefix: &str) -> Result<Self, ConfigError> {
        let prefix = prefix.trim_end_matches('/');
        if self.pages.is_some() {
            let instead = "call `Pages::mounted_at` instead, so that the guards know the prefix";
            return Err(ConfigError::NotForPages { setting: "AuthRoutes::mounted_at", instead });
        }
        let cookie = RefreshCookie::new("refresh_token", if prefix.is_empty() { "/" } else { prefix })?;
        if !self.has_own_cookie {
            self.cookie = self.cookie.map(|_| cookie);
        }
        prefix.clone_into(&mut self.prefix);
        Ok(self.with_same_site())
    }

    /// Sets the cookie of the refresh token, if it needs another name than `refresh_token` or another path than the routes,
    /// for example behind a proxy that strips a prefix.
    ///
    /// Applications on one host need different names or paths.
    #[must_use]
    pub fn cookie(self, cookie: RefreshCookie) -> Self {
        Self { cookie: Some(cookie), has_own_cookie: true, ..self }.with_same_site()
    }

    /// Sends the refresh token in the body of responses and requests (`refresh_token`, as JSON or as a form), for clients
    /// other than browsers. Cookies are neither read nor written.
    ///
    /// To serve both kinds of clients, mount these routes beside others, at another prefix.
    #[must_use]
    pub fn without_cookies(self) -> Self {
        Self { cookie: None, pages: None, ..self }
    }

    /// Removes `POST /login`, for an application whose logins are its own: of accounts without passwords, or in two steps.
    ///
    /// # Security
    ///
    /// An account with a second factor needs this: `POST /login` begins a session for the password alone.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::{AuthRoutes, OAuthHandler, SyncUserStore};
    ///
    /// # fn routes<S: SyncUserStore>(oauth: OAuthHandler<S>) {
    /// let routes = AuthRoutes::new(oauth).without_login();
    /// assert!(!routes.has("/login") && routes.has("/refresh"));
    /// # }
    /// ```
    #[must_use]
    pub fn without_login(self) -> Self {
        Self { has_login: false, ..self }
    }

    /// Sets the origins of pages on other sites that may log users in, refresh and log out with cookies.
    ///
    /// The cookies then have `SameSite=None`. These routes write no CORS headers: the layer of your framework must allow the
    /// same origins, with credentials and the header `X-CSRF-Token`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidOrigin`] if a string is not `scheme://host`, perhaps with `:port`.
    ///
    /// # Security
    ///
    /// The price: browsers send the cookies with requests of pages of every site. `SameSite` no longer defends against forged
    /// requests, only the CSRF token and the check of `Origin` and Fetch Metadata do. Safari and Firefox, and Chromium on
    /// request, keep cookies of other sites away from pages, so logins there do not last. A page of the same site needs none
    /// of this, except for a browser without Fetch Metadata.
    ///
    /// # Examples
    ///
    /// With axum and the crate `tower-http`:
    ///
    /// ```text
    /// let app = "https://app.example";
    /// let cors = CorsLayer::new()
    ///     .allow_origin([app.parse::<HeaderValue>()?])
    ///     .allow_credentials(true)
    ///     .allow_methods([Method::GET, Method::POST, Method::DELETE])
    ///     .allow_headers([AUTHORIZATION, CONTENT_TYPE, HeaderName::from_static("x-csrf-token")]);
    /// let router = AuthRoutes::new(oauth).allowed_origins([app])?.into_router().layer(cors);
    /// ```
    pub fn allowed_origins(
        mut self,
        origins: impl IntoIterator<Item: AsRef<str>>,
    ) -> Result<Self, ConfigError> {
        let parse = |origin: &str| {
            Origin::parse(origin).ok_or_else(|| ConfigError::InvalidOrigin { found: origin.to_owned() })
        };
        if self.pages.is_some() {
            return Err(for_pages_of_other_sites());
        }
        self.allowed_origins =
            origins.into_iter().map(|origin| parse(origin.as_ref())).collect::<Result<_, _>>()?;
        Ok(self.with_same_site())
    }

    fn with_same_site(self) -> Self {
        let same_site = match (&self.pages, self.allowed_origins.is_empty()) {
            (Some(_), _) => SameSite::Lax,
            (None, true) => SameSite::Strict,
            (None, false) => SameSite::None,
        };
        let cookie = self.cookie.map(|cookie| cookie.same_site(same_site));
        Self { cookie, ..self }
    }

    /// Sets how the name that a user typed is written before it is looked up and its attempts are counted, for example in
    /// lower case and without blanks around it.
    ///
    /// [`with_register`](Self::with_register) applies it too. Use the same function in a registration of your own.
    #[must_use]
    pub fn canonical_name(self, name: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self { canonical_name: Some(Arc::new(name)), ..self }
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

impl<S> Clone for AuthRoutes<S> {
    fn clone(&self) -> Self {
        Self {
            handler: Arc::clone(&self.handler),
            prefix: self.prefix.clone(),
            cookie: self.cookie.clone(),
            pages: self.pages.clone(),
            has_own_cookie: self.has_own_cookie,
            has_login: self.has_login,
            allowed_origins: self.allowed_origins.clone(),
            key_set: self.key_set.clone(),
            address: self.address.clone(),
            canonical_name: self.canonical_name.clone(),
            add_user: self.add_user,
            change_password: self.change_password,
            denials: self.denials.clone(),
            token_endpoint: self.token_endpoint.clone(),
            notices: Arc::clone(&self.notices),
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
