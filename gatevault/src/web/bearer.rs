//! The bearer token of the `Authorization` header (RFC 6750 section 2.1).

use std::borrow::Cow;
use std::fmt;

use crate::guard::{AsGate as _, GateRef, GateVault, TokenSource, bearer_token};

/// The bearer token of a request, or its absence: the parameter `token` of a guarded handler, in every framework.
///
/// Its extractors never fail. A missing or invalid token is refused by the guard. They also take the gate that the application
/// has put into the request, such as with [`Auth::serve`](crate::Auth::serve): a guard without an argument `gate` asks that one.
///
/// # Security
///
/// A scheme other than `Bearer` counts as no token. Several `Authorization` headers, or one that is not visible ASCII,
/// count as an invalid token, which every gate refuses: an `optional` guard must not mistake an unreadable token for
/// an absent one.
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
    pub(super) token: Option<String>,
    /// The gate that the application has put into the request.
    pub(super) gate: Option<GateVault>,
}

impl Bearer {
    /// Reads the token from the values of all `Authorization` headers of a request.
    pub fn from_authorization<'h>(values: impl IntoIterator<Item = &'h [u8]>) -> Self {
        Self { token: token_of(values).map(Cow::into_owned), gate: None }
    }
}

/// Reads the token from the values of all `Authorization` headers of a request.
pub(super) fn token_of<'h>(values: impl IntoIterator<Item = &'h [u8]>) -> Option<Cow<'h, str>> {
    let mut values = values.into_iter();
    let first = values.next()?;
    let token = match visible_ascii(first).filter(|_| values.next().is_none()) {
        Some(value) => bearer_token(value)?,
        None => UNREADABLE,
    };
    (!token.is_empty()).then_some(Cow::Borrowed(token))
}

/// Returns the value of a header as a string, if it consists of visible ASCII, blanks and tabs.
pub(super) fn visible_ascii(value: &[u8]) -> Option<&str> {
    let is_visible = |byte: &u8| matches!(byte, b'\t' | b' '..=b'~');
    // Not `all`, which stops at the first other byte: without that, the compiler compares many bytes at once. Every guarded
    // request passes here, and its header is long.
    let visible = value.iter().fold(true, |visible, byte| visible & is_visible(byte));
    str::from_utf8(value).ok().filter(|_| visible)
}

/// A token without segments, which every gate refuses as malformed.
const UNREADABLE: &str = "unreadable";

impl TokenSource for Bearer {
    fn token(&self) -> Option<Cow<'_, str>> {
        // Not `str::token`: it would remove a second scheme, and `Bearer Bearer a.b.c` is malformed.
        self.token.as_deref().map(Cow::Borrowed)
    }

    fn gate(&self) -> Option<GateRef<'_>> {
        self.gate.as_ref().map(GateVault::as_gate)
    }
}

/// Shows whether there is a token, and no part of it.
impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.token.is_some() { "Bearer(..)" } else { "Bearer(none)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_that_is_not_visible_makes_a_header_unreadable_wherever_it_is() {
        let readable = [b"Bearer ".as_slice(), &[b'a'; 100]].concat();
        for position in 0..readable.len() {
            for byte in 0..=u8::MAX {
                let mut header = readable.clone();
                header[position] = byte;
                let visible = byte == b'\t' || (b' '..=b'~').contains(&byte);
                assert_eq!(visible_ascii(&header).is_some(), visible, "{byte} at {position}");
            }
        }
    }
}
