//! Sources of tokens for guarded functions.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use super::GateRef;

/// Provides the token of a call: a string, or a framework's request.
///
/// A string is the token itself, or the value of an `Authorization` header if it begins with `Bearer ` in any case
/// (RFC 6750 section 2.1). An empty string is a missing token.
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
    note = "pass the token as `&str`, `String` or an `Option` of one; for a type of your own, implement \
            `gatevault::TokenSource`"
)]
pub trait TokenSource {
    /// Returns the token, or `None` if there is none.
    fn token(&self) -> Option<Cow<'_, str>>;

    /// Returns the gate that the application has put into the request, if the source is part of one.
    ///
    /// A guard without an argument `gate` asks it, and the installed gate only if there is none. The provided method returns
    /// `None`, as do strings: the caller of a function passes a token, and never the gate that verifies it.
    ///
    /// # Security
    ///
    /// Return a gate that the application chose, such as one from the extensions of a request. It decides which keys are
    /// trusted, so nothing that a client sent may have a part in it.
    #[inline]
    fn gate(&self) -> Option<GateRef<'_>> {
        None
    }
}

#[diagnostic::do_not_recommend]
impl TokenSource for str {
    #[inline]
    fn token(&self) -> Option<Cow<'_, str>> {
        let token = bearer_token(self).unwrap_or(self);
        (!token.is_empty()).then_some(Cow::Borrowed(token))
    }
}

/// Returns the credentials of an `Authorization` value with the scheme `Bearer`; `None` for another scheme.
#[inline]
pub(crate) fn bearer_token(value: &str) -> Option<&str> {
    const SCHEME: &str = "bearer";
    let (scheme, rest) = value.split_at_checked(SCHEME.len())?;
    if !scheme.eq_ignore_ascii_case(SCHEME) {
        return None;
    }
    let credentials = rest.trim_start_matches(' ');
    (rest.is_empty() || credentials.len() < rest.len()).then_some(credentials)
}

#[diagnostic::do_not_recommend]
impl<S: TokenSource> TokenSource for Option<S> {
    fn token(&self) -> Option<Cow<'_, str>> {
        self.as_ref()?.token()
    }

    fn gate(&self) -> Option<GateRef<'_>> {
        self.as_ref()?.gate()
    }
}

macro_rules! delegate_to_str {
    ($($string:ty),+) => {
        $(#[diagnostic::do_not_recommend]
        impl TokenSource for $string {
            #[inline]
            fn token(&self) -> Option<Cow<'_, str>> {
                str::token(self)
            }
        })+
    };
}
delegate_to_str!(String, Cow<'_, str>);

macro_rules! delegate_to_pointee {
    ($($pointer:ty),+) => {
        $(#[diagnostic::do_not_recommend]
        impl<S: TokenSource + ?Sized> TokenSource for $pointer {
            #[inline]
            fn token(&self) -> Option<Cow<'_, str>> {
                (**self).token()
            }

            #[inline]
            fn gate(&self) -> Option<GateRef<'_>> {
                (**self).gate()
            }
        })+
    };
}
delegate_to_pointee!(&S, &mut S, Box<S>, Rc<S>, Arc<S>);
