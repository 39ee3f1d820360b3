//! The token of an `Authorization` header (RFC 6750 section 2.1).

use std::borrow::Cow;
use std::fmt;

use crate::guard::{TokenSource, bearer_token};

/// The bearer token of a request, or that there is none: the `token` of a guarded handler, in every framework.
///
/// As an extractor it never refuses a request; a token that is missing or not good is the guard's matter.
///
/// # Security
///
/// Another scheme than `Bearer` is no token. Several `Authorization` headers, or one that is not visible ASCII, are a token
/// that no gate accepts: a guard that is `optional` is not to take for absent what nobody could read.
///
/// # Examples
///
/// ```
/// use gatevault::{Bearer, TokenSource};
///
/// let bearer = Bearer::from_authorization([b"bearer eyJ0.e30.c2ln".as_slice()]);
/// assert_eq!(bearer.token().as_deref(), Some("eyJ0.e30.c2ln"));
/// assert_eq!(Bearer::from_authorization([b"Basic YTpi".as_slice()]).token(), None);
/// assert_eq!(Bearer::from_authorization([]).token(), None);
/// ```
#[derive(Clone, Default)]
pub struct Bearer {
    token: Option<String>,
}

impl Bearer {
    /// The token of a request, from the values of all its `Authorization` headers.
    pub fn from_authorization<'h>(values: impl IntoIterator<Item = &'h [u8]>) -> Self {
        Self { token: token_of(values).map(Cow::into_owned) }
    }
}

/// The token of a request, from the values of all its `Authorization` headers.
pub(super) fn token_of<'h>(values: impl IntoIterator<Item = &'h [u8]>) -> Option<Cow<'h, str>> {
    let mut values = values.into_iter();
    let first = values.next()?;
    let token = match visible_text(first).filter(|_| values.next().is_none()) {
        Some(value) => bearer_token(value)?,
        None => UNREADABLE,
    };
    (!token.is_empty()).then_some(Cow::Borrowed(token))
}

/// The text of a header's value, if it is visible ASCII, blanks and tabs.
pub(super) fn visible_text(value: &[u8]) -> Option<&str> {
    let is_visible = |byte: &u8| matches!(byte, b'\t' | b' '..=b'~');
    str::from_utf8(value).ok().filter(|_| value.iter().all(is_visible))
}

/// No JWT, for it has no segments: refused as malformed by every gate.
const UNREADABLE: &str = "unreadable";

impl TokenSource for Bearer {
    fn token(&self) -> Option<Cow<'_, str>> {
        // Not that of a text: a scheme was there and is gone.
        self.token.as_deref().map(Cow::Borrowed)
    }
}

/// Shows whether there is a token, and nothing of it.
impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.token.is_some() { "Bearer(..)" } else { "Bearer(none)" })
    }
}
