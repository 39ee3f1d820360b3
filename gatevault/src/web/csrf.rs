//! What a script of our own pages can say and no page of anybody else's: the value of a cookie that it can read, echoed in a
//! header.

use std::fmt;
use std::time::Duration;

use crate::error::GuardError;
use crate::token::TokenManager;

/// Proves that a call that a cookie authenticates was made by a page that may read our cookies.
///
/// It is handed out in a cookie that scripts can read, and is to come back in the header `X-CSRF-Token`.
///
/// # Security
///
/// What is compared with the header is not that cookie, which another host of the site could have set: the value is a
/// signature of the session under the signing key of the [`TokenManager`], so that only the value of this very session
/// fits. It stays the same while the session is refreshed, and two tabs never disagree about it.
#[derive(Clone, PartialEq, Eq)]
pub struct CsrfToken(String);

impl CsrfToken {
    /// The header that echoes it.
    pub const HEADER: &'static str = "x-csrf-token";

    /// The cookie that hands it out.
    pub const COOKIE: &'static str = "__Host-csrf_token";

    /// That of a session: its [`session_id`](crate::Verified::session_id).
    ///
    /// # Errors
    ///
    /// [`GuardError::Token`] when there is no key that signs.
    pub fn of_session(session: &str, tokens: &TokenManager) -> Result<Self, GuardError> {
        Ok(Self(tokens.sign_detached(&message(session))?))
    }

    /// Whether what a request echoes is the value of this session.
    #[must_use]
    pub fn is_of_session(echoed: &str, session: &str, tokens: &TokenManager) -> bool {
        tokens.verify_detached(&message(session), echoed)
    }

    /// The value that a page is to echo.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value of `Set-Cookie` that hands it out for as long as `max_age`. Every page may read it, and no other host set it.
    #[must_use]
    pub fn set_cookie(&self, max_age: Duration) -> String {
        set_cookie(&self.0, max_age)
    }

    /// The value of `Set-Cookie` that deletes it.
    #[must_use]
    pub fn delete_cookie() -> String {
        set_cookie("", Duration::ZERO)
    }
}

/// No token's text begins like this, so that no signature of the one is one of the other.
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
