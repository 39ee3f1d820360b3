//! Where a guarded function finds its token.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

/// Something that carries a token: a text, or whatever a framework hands to a handler.
///
/// A plain text is the token itself; one that starts with `Bearer `, in whatever case, is taken as the value of
/// an `Authorization` header (RFC 6750 section 2.1). An empty text is no token.
///
/// # Examples
///
/// ```
/// use gatevault::TokenSource;
///
/// assert_eq!("eyJ0.e30.c2ln".token().as_deref(), Some("eyJ0.e30.c2ln"));
/// assert_eq!("bearer eyJ0.e30.c2ln".token().as_deref(), Some("eyJ0.e30.c2ln"));
/// assert_eq!("".token(), None);
/// assert_eq!(None::<String>.token(), None);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a token source",
    label = "expected a token",
    note = "a guarded function takes a token as its first argument, unless it declares a parameter `token` elsewhere",
    note = "pass the token as `&str` or `String`, or implement `gatevault::TokenSource` for `{Self}`"
)]
pub trait TokenSource {
    /// The token, or `None` when there is none.
    fn token(&self) -> Option<Cow<'_, str>>;
}

impl TokenSource for str {
    #[inline]
    fn token(&self) -> Option<Cow<'_, str>> {
        let token = bearer_token(self).unwrap_or(self);
        (!token.is_empty()).then_some(Cow::Borrowed(token))
    }
}

/// What stands behind the scheme of an `Authorization` value; `None` when the text has not this scheme.
#[inline]
pub(crate) fn bearer_token(value: &str) -> Option<&str> {
    const SCHEME: &str = "bearer";
    let (scheme, rest) = value.split_at_checked(SCHEME.len())?;
    if !scheme.eq_ignore_ascii_case(SCHEME) {
        return None;
    }
    let behind = rest.trim_start_matches(' ');
    (rest.is_empty() || behind.len() < rest.len()).then_some(behind)
}

impl<S: TokenSource> TokenSource for Option<S> {
    fn token(&self) -> Option<Cow<'_, str>> {
        self.as_ref()?.token()
    }
}

macro_rules! lends_its_text {
    ($($text:ty),+) => {
        $(impl TokenSource for $text {
            #[inline]
            fn token(&self) -> Option<Cow<'_, str>> {
                str::token(self)
            }
        })+
    };
}
lends_its_text!(String, Cow<'_, str>);

macro_rules! lends_what_it_points_to {
    ($($pointer:ty),+) => {
        $(impl<S: TokenSource + ?Sized> TokenSource for $pointer {
            #[inline]
            fn token(&self) -> Option<Cow<'_, str>> {
                (**self).token()
            }
        })+
    };
}
lends_what_it_points_to!(&S, &mut S, Box<S>, Rc<S>, Arc<S>);
