//! The cookie that a browser keeps its refresh token in, out of reach of every script (RFC 6265bis).

use std::time::Duration;

use crate::error::{ConfigError, GuardError, TokenError};

/// Reads and writes the refresh token as a cookie: `HttpOnly; Secure; SameSite=Strict`, for one path.
///
/// For the path `/` the name gets the prefix `__Host-`, which no other host of the site can set; for any other path it
/// gets `__Secure-`.
///
/// # Security
///
/// A host of the same site can set a cookie of the same name beside one that is `__Secure-`. The two come in one request
/// then, no one can tell which is ours, and both are refused.
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
    /// A cookie of a name, to which a prefix is added, that is sent to a path and those below.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidCookie`] for a name or a path that no cookie can have.
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

    /// The name with its prefix.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The refresh token of a request, from the values of all its `Cookie` headers; an empty one is none.
    ///
    /// # Errors
    ///
    /// [`GuardError::Token`] for a cookie that is there twice, or is no text.
    pub fn read<'h>(
        &self,
        headers: impl IntoIterator<Item = &'h [u8]>,
    ) -> Result<Option<&'h str>, GuardError> {
        let mut found = None;
        for pair in headers.into_iter().flat_map(|header| header.split(|byte| *byte == b';')) {
            let Some(value) = self.value_in(pair) else { continue };
            if found.is_some() {
                return Err(TokenError::Decode.into());
            }
            found = Some(str::from_utf8(value).map_err(|_| TokenError::Decode)?);
        }
        Ok(found.filter(|token| !token.is_empty()))
    }

    /// The value of `Set-Cookie` that stores a refresh token for as long as `max_age`.
    ///
    /// What no cookie's value can hold is left out, so that nothing is added to it.
    #[must_use]
    pub fn set(&self, refresh_token: &str, max_age: Duration) -> String {
        let Self { name, path } = self;
        let value: String =
            refresh_token.chars().filter(|character| is_value_character(*character)).collect();
        let seconds = max_age.as_secs();
        format!("{name}={value}; HttpOnly; Secure; SameSite=Strict; Path={path}; Max-Age={seconds}")
    }

    /// The value of `Set-Cookie` that deletes the cookie.
    #[must_use]
    pub fn delete(&self) -> String {
        self.set("", Duration::ZERO)
    }

    /// The value of one pair of a `Cookie` header, if it has our name. Only blanks are taken off: other white space in front
    /// of a name is how the prefixes have been got around.
    fn value_in<'h>(&self, pair: &'h [u8]) -> Option<&'h [u8]> {
        let start = pair.iter().position(|byte| !matches!(byte, b' ' | b'\t'))?;
        let value = pair.get(start..)?.strip_prefix(self.name.as_bytes())?.strip_prefix(b"=")?;
        Some(value.trim_ascii_end())
    }
}

impl Default for RefreshCookie {
    /// `__Host-refresh_token`, for the path `/`.
    fn default() -> Self {
        Self { name: "__Host-refresh_token".to_owned(), path: "/".to_owned() }
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// The `cookie-octet` of RFC 6265 section 4.1.1.
fn is_value_character(character: char) -> bool {
    character.is_ascii_graphic() && !matches!(character, '"' | ',' | ';' | '\\')
}
