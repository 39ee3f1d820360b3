//! CSRF protection for requests that a cookie authenticates (signed double submit).
//!
//! The token is a signature over the session id. It is sent as a cookie that scripts can read, and the page echoes it in
//! `X-CSRF-Token`. Another site can make the browser send the cookie, but cannot read it.

use std::fmt;
use std::time::Duration;

use crate::error::GuardError;
use crate::token::TokenManager;

/// A CSRF token: proof that a page of this site made a request that a cookie authenticates.
///
/// A cookie that scripts can read carries it to the page, and the page sends it back in the header `X-CSRF-Token`.
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

    /// The cookie that carries the token to the page.
    pub const COOKIE: &'static str = "__Host-csrf_token";

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

    /// Returns a `Set-Cookie` value that keeps the token for `max_age`. Every page of this host can read the cookie, and no other
    /// host can set it.
    #[must_use]
    pub fn set_cookie(&self, max_age: Duration) -> String {
        set_cookie(&self.0, max_age)
    }

    /// Returns a `Set-Cookie` value that deletes the cookie.
    #[must_use]
    pub fn delete_cookie() -> String {
        set_cookie("", Duration::ZERO)
    }
}

/// Returns the signed message. No token begins like this, so a signature over one is never valid for the other.
fn message(session: &str) -> String {
    format!("csrf:{session}")
}

fn set_cookie(value: &str, max_age: Duration) -> String {
    let (name, seconds) = (CsrfToken::COOKIE, max_age.as_secs());
    format!("{name}={value}; Secure; SameSite=Strict; Path=/; Max-Age={seconds}")
}

impl fmt::Debug for CsrfToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CsrfToken(..)")
    }
}
