//! CSRF protection for requests that a cookie authenticates (signed double submit).
//!
//! The token is a signature over the session id. It is sent in the body of a login or refresh and as a cookie that scripts can
//! read, and the page echoes it in `X-CSRF-Token`. Another site can make the browser send the cookie, but cannot read it.

use std::fmt;
use std::time::Duration;

use super::cookie_header::{max_age_attribute, values};
use super::{HttpRequest, RefreshCookie};
use crate::error::GuardError;
use crate::token::TokenManager;

/// A CSRF token: proof that a page of this site made a request that a cookie authenticates.
///
/// The responses of login and refresh carry it to the page: in their body, and in a cookie that scripts of the same host can
/// read, whose name is [`RefreshCookie::csrf_name`]. The page sends it back in the header `X-CSRF-Token`.
///
/// # Security
///
/// The header is not compared with the cookie, which another host of the site could have set. The value is a signature over
/// the session id, made with the signing key of the [`TokenManager`], so only the value of the same session is valid. It stays
/// the same while the session is refreshed, so two tabs never disagree about it.
#[derive(Clone, PartialEq, Eq)]
pub struct CsrfToken(String);

impl CsrfToken {
    /// The request header that carries the token.
    pub const HEADER: &'static str = "x-csrf-token";

    /// Creates the token of a session, given its [`session_id`](crate::Verified::session_id).
    ///
    /// # Errors
    ///
    /// [`GuardError::Token`] if the manager has no signing key.
    pub fn of_session(session: &str, tokens: &TokenManager) -> Result<Self, GuardError> {
        Ok(Self(tokens.sign_detached(&message(session))?))
    }

    /// Verifies that the token in a request belongs to this session.
    #[must_use]
    pub fn is_of_session(echoed: &str, session: &str, tokens: &TokenManager) -> bool {
        tokens.verify_detached(&message(session), echoed)
    }

    /// Returns the value that the page must send back.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns a `Set-Cookie` value that keeps the token for `max_age`, beside this refresh cookie. Every page of this host can
    /// read it, and no other host can set it.
    #[must_use]
    pub fn set_cookie(&self, beside: &RefreshCookie, max_age: Duration) -> String {
        self.set_cookie_for(beside, Some(max_age))
    }

    /// Returns the `Set-Cookie` value for a duration, or until the browser closes.
    pub(super) fn set_cookie_for(&self, beside: &RefreshCookie, max_age: Option<Duration>) -> String {
        set_cookie(beside, &self.0, max_age)
    }

    /// Returns the value that the browser of a request keeps beside this refresh cookie, if there is one only.
    pub(super) fn in_cookie(beside: &RefreshCookie, request: &HttpRequest) -> Option<String> {
        let name = beside.csrf_name();
        let mut found = values(&name, request.values("cookie"));
        let value = found.next().filter(|value| !value.is_empty())?;
        found.next().is_none().then(|| String::from_utf8_lossy(value).into_owned())
    }

    /// Returns a `Set-Cookie` value that deletes the token beside this refresh cookie.
    #[must_use]
    pub fn delete_cookie(beside: &RefreshCookie) -> String {
        set_cookie(beside, "", Some(Duration::ZERO))
    }
}

/// Returns the signed message. No token begins like this, so a signature over one is never valid for the other.
fn message(session: &str) -> String {
    format!("csrf:{session}")
}

fn set_cookie(beside: &RefreshCookie, value: &str, max_age: Option<Duration>) -> String {
    let (name, attributes, max_age) = (beside.csrf_name(), beside.attributes(), max_age_attribute(max_age));
    format!("{name}={value}; {attributes}; Path=/{max_age}")
}

impl fmt::Debug for CsrfToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CsrfToken(..)")
    }
}
