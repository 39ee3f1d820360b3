//! The cookie that holds a browser's refresh token, which no script can read (RFC 6265bis).

use std::time::Duration;

use crate::error::{ConfigError, DecodeReason, GuardError, TokenError};

/// The refresh token as a cookie: `HttpOnly; Secure; SameSite=Strict`, for one path.
///
/// For the path `/` the name begins with `__Host-`: no other host of the site can set such a cookie. For any other
/// path it begins with `__Secure-`.
///
/// # Security
///
/// Another host of the same site can set a second cookie with the name of a `__Secure-` cookie (cookie tossing). A
/// request then carries both, they cannot be distinguished, and both are refused.
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
        if !path.starts_with('/') || !path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';') {
            return Err(ConfigError::InvalidCookie { part: "path", instead: "a path that begins with `/`" });
        }
        let prefix = if path == "/" { "__Host-" } else { "__Secure-" };
        Ok(Self { name: format!("{prefix}{name}"), path: path.to_owned() })
    }

    /// Returns the name with its prefix.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
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
        for pair in headers.into_iter().flat_map(|header| header.split(|byte| *byte == b';')) {
            let Some(value) = self.value_in(pair) else { continue };
            if found.is_some() {
                return Err(TokenError::Decode(DecodeReason::Cookie).into());
            }
            found = Some(str::from_utf8(value).map_err(|_| TokenError::Decode(DecodeReason::Cookie))?);
        }
        Ok(found.filter(|token| !token.is_empty()))
    }

    /// Returns the `Set-Cookie` value that stores a refresh token for the duration `max_age`.
    ///
    /// Characters that a cookie value cannot hold are removed, so that a token cannot add attributes to the cookie.
    #[must_use]
    pub fn set(&self, refresh_token: &str, max_age: Duration) -> String {
        let Self { name, path } = self;
        let value: String =
            refresh_token.chars().filter(|character| is_value_character(*character)).collect();
        let seconds = max_age.as_secs();
        format!("{name}={value}; HttpOnly; Secure; SameSite=Strict; Path={path}; Max-Age={seconds}")
    }

    /// Returns the `Set-Cookie` value that deletes the cookie.
    #[must_use]
    pub fn delete(&self) -> String {
        self.set("", Duration::ZERO)
    }

    /// Returns the value of one pair of a `Cookie` header, if the pair has this cookie's name.
    ///
    /// Only blanks and tabs are removed from its start: other white space in front of a name has been used to bypass
    /// the cookie prefixes.
    fn value_in<'h>(&self, pair: &'h [u8]) -> Option<&'h [u8]> {
        let start = pair.iter().position(|byte| !matches!(byte, b' ' | b'\t'))?;
        let value = pair.get(start..)?.strip_prefix(self.name.as_bytes())?.strip_prefix(b"=")?;
        Some(value.trim_ascii_end())
    }
}

impl Default for RefreshCookie {
    /// Returns the cookie `__Host-refresh_token` for the path `/`.
    fn default() -> Self {
        Self { name: "__Host-refresh_token".to_owned(), path: "/".to_owned() }
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// Returns whether a character is a `cookie-octet` (RFC 6265 section 4.1.1).
fn is_value_character(character: char) -> bool {
    character.is_ascii_graphic() && !matches!(character, '"' | ',' | ';' | '\\')
}
