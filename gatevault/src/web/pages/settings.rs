//! The settings that the login routes and the guards of pages share.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::navigation::{is_safe, is_visit};
use super::{LocalPath, PageToken};
use crate::error::ConfigError;
use crate::web::cookie_header::{SameSite, cookies_beginning};
use crate::web::routes::Sender;
use crate::web::{HttpRequest, RefreshCookie};

/// The pages of an application whose visitors are logged in by cookies: the settings that [`AuthRoutes`](crate::AuthRoutes)
/// and [`RouteGuard`](crate::RouteGuard) share. Cheap to clone.
///
/// | setting | default |
/// |---|---|
/// | [`mounted_at`](Self::mounted_at), the prefix of the login routes | `/auth` |
/// | [`login_page`](Self::login_page), your page with the login form | `/login` |
/// | [`home`](Self::home), the page after a login that began at the login page | `/` |
///
/// The cookies of an application `shop` are `__Host-shop_access`, `__Secure-shop_refresh` for the path of the login routes,
/// and the CSRF cookie of [`RefreshCookie::csrf_name`]. All are `SameSite=Lax`, so that a visitor who follows a link of
/// another site is logged in.
///
/// # Examples
///
/// ```
/// use gatevault::{AuthRoutes, AuthUser, OAuthHandler, Payload, RouteGuard, web::Pages};
/// # fn example<S>(oauth: OAuthHandler<S>) -> Result<(), gatevault::Error> {
///
/// let pages = Pages::new("shop")?;
/// let routes = AuthRoutes::new(oauth).for_pages(&pages)?;
/// let members = RouteGuard::<Payload>::installed().for_pages(&pages);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Pages(Arc<Settings>);

#[derive(Debug, Clone)]
struct Settings {
    application: String,
    mount: String,
    login_page: LocalPath,
    home: LocalPath,
    is_secure: bool,
    access: RefreshCookie,
    refresh: RefreshCookie,
}

impl Pages {
    /// Creates the settings of an application. Its name begins the names of its cookies: applications on one host need
    /// different names.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidCookie`] if a cookie cannot have the name.
    pub fn new(application: &str) -> Result<Self, ConfigError> {
        let path = |path: &'static str| local_path("Pages::new", path);
        let settings = Settings {
            application: application.to_owned(),
            mount: "/auth".to_owned(),
            login_page: path("/login")?,
            home: path("/")?,
            is_secure: true,
            access: RefreshCookie::default(),
            refresh: RefreshCookie::default(),
        };
        if application.is_empty() {
            let instead = "letters, digits, `-` and `_`";
            return Err(ConfigError::InvalidCookie { part: "name", instead });
        }
        settings.with_cookies()
    }

    /// Sets the prefix of the login routes.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidPath`] if it is not a path below `/`: the refresh cookie is for this path, and would be sent with
    /// every request.
    pub fn mounted_at(self, prefix: &str) -> Result<Self, ConfigError> {
        let path = local_path("Pages::mounted_at", prefix.trim_end_matches('/'))?;
        Settings { mount: path.path().to_owned(), ..self.settings() }.with_cookies()
    }

    /// Sets the path of your page with the login form. A failed login adds `?error=credentials` or `?error=attempts`, and the
    /// page to return to is in `next`: send it back in a field of the form.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidPath`] if it is not a path of this host without a query.
    pub fn login_page(self, path: &str) -> Result<Self, ConfigError> {
        let login_page = local_path("Pages::login_page", path)?;
        Ok(Self(Arc::new(Settings { login_page, ..self.settings() })))
    }

    /// Sets the page to which a login leads if the visitor wanted no other.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidPath`] if it is not a path of this host without a query.
    pub fn home(self, path: &str) -> Result<Self, ConfigError> {
        let home = local_path("Pages::home", path)?;
        Ok(Self(Arc::new(Settings { home, ..self.settings() })))
    }

    /// Allows the cookies over plain http, such as `http://intranet.test`, as [`RefreshCookie::insecure_over_http`] does, with
    /// its price. Browsers accept `Secure` cookies of `http://localhost` without it.
    #[must_use]
    pub fn insecure_over_http(self) -> Self {
        let Settings { access, refresh, .. } = self.settings();
        let (access, refresh) = (access.insecure_over_http(), refresh.insecure_over_http());
        Self(Arc::new(Settings { is_secure: false, access, refresh, ..self.settings() }))
    }

    /// Returns the name of the cookie with the access token.
    #[must_use]
    pub fn access_cookie(&self) -> &str {
        self.0.access.name()
    }

    /// Reads the access token of a request from its cookie, unverified: a `token` for guarded functions behind no
    /// [`RouteGuard`](crate::RouteGuard).
    ///
    /// # Security
    ///
    /// A request of a page of another host counts as one with an invalid token, unless a visitor follows a link. Two cookies
    /// of the name do too.
    #[must_use]
    pub fn token(&self, request: &HttpRequest) -> PageToken {
        match self.0.access.read(request.values("cookie")) {
            Ok(None) => PageToken::default(),
            Ok(Some(token)) if !is_forged(request) => PageToken::unverified(token),
            Ok(Some(_)) | Err(_) => PageToken::unverified(UNREADABLE),
        }
    }

    pub(in crate::web) fn access(&self) -> &RefreshCookie {
        &self.0.access
    }

    pub(in crate::web) fn refresh(&self) -> &RefreshCookie {
        &self.0.refresh
    }

    /// Returns the prefix of the login routes.
    pub(in crate::web) fn mount(&self) -> &str {
        &self.0.mount
    }

    /// Returns the pages that redirects lead to, and the settings that named them.
    pub(in crate::web) fn named(&self) -> [(&'static str, &LocalPath); 2] {
        [("Pages::login_page", &self.0.login_page), ("Pages::home", &self.0.home)]
    }

    /// Returns the page that a parameter or a field `next` names, or the home page for none that is allowed: the routes
    /// themselves are no pages.
    pub(in crate::web) fn next(&self, next: Option<&str>) -> LocalPath {
        let next = next.and_then(LocalPath::parse).filter(|path| !path.is_below(self.mount()));
        next.unwrap_or_else(|| self.0.home.clone())
    }

    /// Returns the path that refreshes a session and leads back to `next`.
    pub(super) fn continue_to(&self, next: &LocalPath) -> String {
        format!("{}/continue?next={}", self.mount(), next.as_parameter())
    }

    /// Returns the path of the login page with a hint why, and with the page to return to.
    pub(in crate::web) fn login(&self, error: Option<&str>, next: Option<&LocalPath>) -> String {
        let error = error.map(|error| format!("error={error}"));
        let next =
            next.filter(|next| **next != self.0.home).map(|next| format!("next={}", next.as_parameter()));
        let query: Vec<_> = error.into_iter().chain(next).collect();
        let page = self.0.login_page.as_str();
        if query.is_empty() { page.to_owned() } else { format!("{page}?{}", query.join("&")) }
    }

    /// Returns whether a request is for the login page, which no guard of pages may be in front of.
    pub(super) fn is_login_page(&self, request: &HttpRequest) -> bool {
        request.target().split('?').next() == Some(self.0.login_page.as_str())
    }

    /// Returns whether the session was refreshed for this page a short time ago, or for as many pages as are marked at most.
    ///
    /// Another site can open any number of pages. Each would leave a cookie, and browsers keep a limited number of them.
    pub(in crate::web) fn has_continued(&self, request: &HttpRequest, next: &LocalPath) -> bool {
        let is_marked = |marker: RefreshCookie| marker.values(request.values("cookie")).next().is_some();
        self.marker(next).is_some_and(is_marked) || self.marks(request) >= MOST_MARKS
    }

    /// Returns the number of pages that are marked.
    fn marks(&self, request: &HttpRequest) -> usize {
        let names = self.access_cookie().strip_suffix("access").map(|prefix| format!("{prefix}{MARK}"));
        names.map_or(0, |names| cookies_beginning(&names, request.values("cookie")))
    }

    /// Returns the `Set-Cookie` value that marks a page for which the session was refreshed, so that a browser that drops the
    /// access token is not sent to and fro. It is gone before the token expires.
    pub(in crate::web) fn set_continued(&self, next: &LocalPath, expires_in: Duration) -> Option<String> {
        let age = MOST_MARKED.min(expires_in.checked_div(2)?);
        Some(self.marker(next)?.set("1", age))
    }

    fn marker(&self, next: &LocalPath) -> Option<RefreshCookie> {
        let digest = Sha256::digest(next.as_str());
        let (bytes, _) = digest.split_first_chunk()?;
        self.0.cookie(&format!("{MARK}{:016x}", u64::from_be_bytes(*bytes)), "/").ok()
    }

    fn settings(&self) -> Settings {
        Settings::clone(&self.0)
    }
}

impl Settings {
    fn with_cookies(self) -> Result<Pages, ConfigError> {
        let (access, refresh) = (self.cookie("access", "/")?, self.cookie("refresh", &self.mount)?);
        Ok(Pages(Arc::new(Self { access, refresh, ..self })))
    }

    fn cookie(&self, suffix: &str, path: &str) -> Result<RefreshCookie, ConfigError> {
        let name = format!("{}_{suffix}", self.application);
        let cookie = RefreshCookie::new(&name, path)?.same_site(SameSite::Lax);
        Ok(if self.is_secure { cookie } else { cookie.insecure_over_http() })
    }
}

/// Returns whether a page of another host sent a request that cookies authenticate, and no visitor followed a link.
pub(super) fn is_forged(request: &HttpRequest) -> bool {
    Sender::of(request) != Sender::Own && !(is_safe(request) && is_visit(request))
}

/// Parses a path of a setting, which has neither a query nor a fragment.
fn local_path(setting: &'static str, path: &str) -> Result<LocalPath, ConfigError> {
    let parsed = LocalPath::parse(path).filter(|parsed| parsed.path() == path);
    parsed.ok_or_else(|| ConfigError::InvalidPath { setting, found: path.to_owned() })
}

/// A token without segments, which every gate refuses as malformed.
const UNREADABLE: &str = "unreadable";

/// The beginning of the names of marks, after the name of the application.
const MARK: &str = "continued-";

/// The number of pages from which on none is marked. Requests at the same time may exceed it.
const MOST_MARKS: usize = 8;

/// The most time for which a page is marked.
const MOST_MARKED: Duration = Duration::from_secs(30);
