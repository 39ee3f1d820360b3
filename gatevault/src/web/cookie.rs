//! The cookie that holds a browser's refresh token, which no script can read (RFC 6265bis).

use std::time::Duration;

use super::cookie_header::{SameSite, is_value_character, max_age_attribute, values};
use crate::error::{ConfigError, DecodeReason, GuardError, TokenError};

/// The refresh token as a cookie: `HttpOnly; Secure; SameSite=Strict`, for one path.
///
/// For the path `/` the name begins with `__Host-`: no other host of the site can set such a cookie. For any other
/// path it begins with `__Secure-`.
///
/// # Security
///
/// Another host of the same site can set a second cookie with the name of a `__Secure-` cookie (cookie tossing), and so
/// can routes at a path above this one. A request then carries both, and [`read`](Self::read) refuses both.
/// [`AuthRoutes`](crate::AuthRoutes) uses the one whose CSRF token the page sends.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use gatevault::RefreshCookie;
///
/// let cookie = RefreshCookie::new("refresh_token", "/auth")?;
/// assert_eq!(
///     cookie.set("eyJ0.e30.c2ln", Duration::from_secs(60)),
///     "__Secure-refresh_token=eyJ0.e30.c2ln; HttpOnly; Secure; SameSite=Strict; Path=/auth; Max-Age=60",
/// );
/// let header = b"theme=dark; __Secure-refresh_token=eyJ0.e30.c2ln".as_slice();
/// assert_eq!(cookie.read([header])?, Some("eyJ0.e30.c2ln"));
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshCookie {
    /// With its prefix.
    name: String,
    path: String,
    /// False over plain http.
    is_secure: bool,
    same_site: SameSite,
}

impl RefreshCookie {
    /// Creates a cookie that browsers send to `path` and the paths below it. A prefix is added to `name`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidCookie`] if a cookie cannot have the name or the path.
    pub fn new(name: &str, path: &str) -> Result<Self, ConfigError> {
        if name.is_empty() || !name.bytes().all(is_name_byte) {
            return Err(ConfigError::InvalidCookie { part: "name", instead: "letters, digits, `-` and `_`" });
        }
        if name.starts_with("__") || name.starts_with("csrf_token") {
            let instead = "a name that begins neither with `__` (a prefix is added) nor with `csrf_token`";
            return Err(ConfigError::InvalidCookie { part: "name", instead });
        }
        if !path.starts_with('/') || !path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';') {
            return Err(ConfigError::InvalidCookie { part: "path", instead: "a path that begins with `/`" });
        }
        let prefix = if path == "/" { "__Host-" } else { "__Secure-" };
        let (name, path) = (format!("{prefix}{name}"), path.to_owned());
        Ok(Self { name, path, is_secure: true, same_site: SameSite::Strict })
    }

    /// Allows the cookie over plain http, such as `http://intranet.test`, where browsers drop every cookie that is `Secure`.
    /// Removes `Secure` and the prefix of the name, from the CSRF cookie as well.
    ///
    /// # Security
    ///
    /// The price: passwords and sessions can be read from the traffic between browser and server, and any host of the same
    /// site, over http or https, can replace both cookies (cookie tossing). Use TLS if you can: a private certificate
    /// authority is enough in an intranet.
    ///
    /// It cannot serve pages of [`AuthRoutes::allowed_origins`](crate::AuthRoutes::allowed_origins) on other sites: browsers
    /// accept `SameSite=None` only with `Secure`, so the cookie stays `SameSite=Strict`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use gatevault::RefreshCookie;
    ///
    /// let cookie = RefreshCookie::new("refresh_token", "/auth")?.insecure_over_http();
    /// assert_eq!(cookie.name(), "refresh_token");
    /// assert!(!cookie.set("eyJ0.e30.c2ln", Duration::from_secs(60)).contains("Secure"));
    /// # Ok::<(), gatevault::Error>(())
    /// ```
    #[must_use]
    pub fn insecure_over_http(self) -> Self {
        let name = self.base_name().to_owned();
        Self { name, is_secure: false, ..self }
    }

    /// Sets which pages send the cookie.
    pub(super) fn same_site(self, same_site: SameSite) -> Self {
        Self { same_site, ..self }
    }

    /// Returns the name with its prefix.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the name of the cookie that carries the CSRF token to the page: `__Host-csrf_token`, followed by what
    /// distinguishes this cookie from `__Host-refresh_token`.
    ///
    /// A name other than `refresh_token` follows after a `-`. A path other than `/` follows with a `.` for each `/`, and with
    /// `~` and two hexadecimal digits for each byte that is not a letter, a digit, `-` or `_`. So no two refresh cookies of a
    /// host share a CSRF cookie.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::RefreshCookie;
    ///
    /// let name = |name, path| RefreshCookie::new(name, path).map(|cookie| cookie.csrf_name());
    /// assert_eq!(name("refresh_token", "/")?, "__Host-csrf_token");
    /// assert_eq!(name("refresh_token", "/auth")?, "__Host-csrf_token.auth");
    /// assert_eq!(name("shop", "/v1.0/auth")?, "__Host-csrf_token-shop.v1~2E0.auth");
    /// # Ok::<(), gatevault::Error>(())
    /// ```
    #[must_use]
    pub fn csrf_name(&self) -> String {
        let mut name = if self.is_secure { "__Host-csrf_token" } else { "csrf_token" }.to_owned();
        if self.base_name() != "refresh_token" {
            name.extend(["-", self.base_name()]);
        }
        if self.path != "/" {
            name.extend(self.path.bytes().map(csrf_name_part));
        }
        name
    }

    /// Returns whether browsers drop the cookie over plain http.
    pub(super) fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// Returns the name without its prefix.
    fn base_name(&self) -> &str {
        let name = self.name.as_str();
        name.strip_prefix("__Host-").or_else(|| name.strip_prefix("__Secure-")).unwrap_or(name)
    }

    /// Reads the refresh token from the values of all `Cookie` headers of a request. An empty cookie counts as none.
    ///
    /// # Errors
    ///
    /// [`GuardError::Token`] if the cookie is there twice or is not UTF-8.
    pub fn read<'h>(
        &self,
        headers: impl IntoIterator<Item = &'h [u8]>,
    ) -> Result<Option<&'h str>, GuardError> {
        let mut found = None;
        for value in self.values(headers) {
            if found.is_some() {
                return Err(TokenError::Decode(DecodeReason::Cookie).into());
            }
            found = Some(str::from_utf8(value).map_err(|_| TokenError::Decode(DecodeReason::Cookie))?);
        }
        Ok(found.filter(|token| !token.is_empty()))
    }

    /// Returns every value of the cookie, the empty ones too.
    pub(super) fn values<'h>(
        &self,
        headers: impl IntoIterator<Item = &'h [u8]>,
    ) -> impl Iterator<Item = &'h [u8]> {
        values(&self.name, headers)
    }

    /// Returns the `Set-Cookie` value that stores a refresh token for the duration `max_age`.
    ///
    /// Characters that a cookie value cannot hold are removed, so that a token cannot add attributes to the cookie.
    #[must_use]
    pub fn set(&self, refresh_token: &str, max_age: Duration) -> String {
        self.set_for(refresh_token, Some(max_age))
    }

    /// Returns the `Set-Cookie` value for a duration, or until the browser closes.
    pub(super) fn set_for(&self, refresh_token: &str, max_age: Option<Duration>) -> String {
        let Self { name, path, .. } = self;
        let value: String =
            refresh_token.chars().filter(|character| is_value_character(*character)).collect();
        let (attributes, max_age) = (self.attributes(), max_age_attribute(max_age));
        format!("{name}={value}; HttpOnly; {attributes}; Path={path}{max_age}")
    }

    /// Returns the attributes that the CSRF cookie shares: over which connections and for which pages it is sent.
    pub(super) fn attributes(&self) -> &'static str {
        match (self.is_secure, self.same_site) {
            (true, SameSite::Strict) => "Secure; SameSite=Strict",
            (true, SameSite::Lax) => "Secure; SameSite=Lax",
            (true, SameSite::None) => "Secure; SameSite=None",
            (false, SameSite::Lax) => "SameSite=Lax",
            (false, SameSite::Strict | SameSite::None) => "SameSite=Strict",
        }
    }

    /// Returns the `Set-Cookie` value that deletes the cookie.
    #[must_use]
    pub fn delete(&self) -> String {
        self.set("", Duration::ZERO)
    }
}

impl Default for RefreshCookie {
    /// Returns the cookie `__Host-refresh_token` for the path `/`.
    fn default() -> Self {
        let (name, path) = ("__Host-refresh_token".to_owned(), "/".to_owned());
        Self { name, path, is_secure: true, same_site: SameSite::Strict }
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// Returns how a byte of the path is written in the name of the CSRF cookie.
fn csrf_name_part(byte: u8) -> String {
    match byte {
        b'/' => ".".to_owned(),
        byte if is_name_byte(byte) => char::from(byte).to_string(),
        byte => format!("~{byte:02X}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_cookies_of_a_host_share_a_name_or_a_csrf_cookie() {
        let names = ["refresh_token", "token", "shop", "a", "a-b", "_"];
        let paths =
            ["/", "/a", "/a/", "/b", "/a/b", "/a.b", "/a~2Eb", "/a~b", "/a-b", "//", "/%41", "/A", "/token"];
        let (mut csrf_names, mut refresh_names) = (BTreeSet::new(), BTreeSet::new());
        for cookie in names.iter().flat_map(|name| paths.map(|path| RefreshCookie::new(name, path).unwrap()))
        {
            for cookie in [cookie.clone(), cookie.insecure_over_http()] {
                assert!(csrf_names.insert(cookie.csrf_name()), "{cookie:?}");
                refresh_names.insert(cookie.name().to_owned());
            }
        }
        assert!(csrf_names.is_disjoint(&refresh_names));
        assert!(csrf_names.iter().all(|name| !name.contains(['/', ';', '=', ' ', '%'])));
    }

    #[test]
    fn a_name_is_neither_that_of_a_csrf_cookie_nor_has_a_prefix() {
        for name in
            ["", "csrf_token", "csrf_token-shop", "__Host-refresh_token", "__secure-x", "a b", "a=b", "a.b"]
        {
            assert!(RefreshCookie::new(name, "/").is_err(), "{name}");
        }
    }

    #[test]
    fn cookies_for_other_sites_are_secure_or_stay_within_their_site() {
        let attributes = |cookie: RefreshCookie| cookie.same_site(SameSite::None).attributes();
        assert_eq!(attributes(RefreshCookie::default()), "Secure; SameSite=None");
        assert_eq!(attributes(RefreshCookie::default().insecure_over_http()), "SameSite=Strict");
    }
}
