//! Denials of guards, logins and refreshes, and their HTTP form.

use std::borrow::Cow;
use std::time::Duration;

use super::{ConfigError, HashingError, InvalidReason, TokenError};

/// Any error, boxed: what user lookups and stores return.
pub type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// A denial: the body of the guarded function did not run, or the login or refresh created no tokens.
///
/// `Display` is safe to send to a client. [`source`](std::error::Error::source) has the reason, for the log.
/// [`status`](Self::status) and [`challenge`](Self::challenge) are the HTTP form.
///
/// # Examples
///
/// ```
/// use gatevault::GuardError;
///
/// let denial = GuardError::unauthorized("not your post");
/// assert_eq!(denial.status(), 403);
/// assert_eq!(denial.to_string(), "not allowed");
/// assert_eq!(std::error::Error::source(&denial).unwrap().to_string(), "not your post");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GuardError {
    /// The call has no token.
    #[error("a token is required")]
    MissingToken,
    /// The token was rejected.
    #[error(transparent)]
    Token(TokenError),
    /// The caller is authenticated, but not allowed to do this.
    #[error("not allowed")]
    Unauthorized(#[source] Unauthorized),
    /// The credentials of a login or refresh are not valid.
    #[error("the credentials are not valid")]
    InvalidCredentials(#[source] InvalidCredentials),
    /// There were too many attempts; the client may retry later.
    #[error("too many attempts")]
    TooManyAttempts {
        /// The time to wait, in seconds: the value of `Retry-After` (RFC 9110 section 10.2.3).
        retry_after: Duration,
    },
    /// A new password cannot be stored: it is too short, too long or contains a NUL character. The user may choose another.
    #[error(transparent)]
    Password(HashingError),
    /// A store, a lookup or the clock failed, so nothing was decided. The client may retry.
    #[error("temporarily unavailable")]
    Unavailable(#[source] Unavailable),
    /// The guard has no argument `gate`, the request brings no gate, and none was installed before.
    #[error(
        "no gate is installed: serve the application with `auth.serve(..)`, put a `GateVault` into its requests, or call \
         `GateVault::new(tokens).install()` once, at startup"
    )]
    NotInstalled,
    /// The login handler or the gate lacks a setting that this call needs.
    #[error("the service is not set up")]
    Config(#[source] ConfigError),
}

/// Converts an error of the token, or of the environment.
///
/// If the keys, the revocations, the clock or the random source are unavailable, the token may still be valid: the denial is
/// [`Unavailable`](GuardError::Unavailable), so that the client retries and does not discard the token.
impl From<TokenError> for GuardError {
    fn from(error: TokenError) -> Self {
        use InvalidReason::{Clock, KeysPending, Randomness, RevocationsUnknown};
        match error {
            TokenError::Invalid(reason @ (KeysPending | RevocationsUnknown | Clock | Randomness)) => {
                Self::unavailable(reason)
            }
            error => Self::Token(error),
        }
    }
}

/// Converts an error of hashing a new password: one of the password is [`Password`](GuardError::Password), any other
/// [`Unavailable`](GuardError::Unavailable).
impl From<HashingError> for GuardError {
    fn from(error: HashingError) -> Self {
        match error {
            HashingError::TooShort { .. } | HashingError::TooLong { .. } | HashingError::ContainsNul => {
                Self::Password(error)
            }
            HashingError::Busy | HashingError::PoolUnavailable | HashingError::Failed(_) => {
                Self::unavailable(error)
            }
        }
    }
}

impl GuardError {
    /// Creates a denial in the body of a guarded function, for a caller who is not allowed. `reason` is its
    /// [`source`](std::error::Error::source), which no client sees: log it yourself, since the result of a body is no event.
    pub fn unauthorized(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Unauthorized(Unauthorized { reason: reason.into(), lacking: None })
    }

    /// Creates a denial for a token that lacks something the client can request.
    pub(crate) fn lacking(reason: impl Into<Cow<'static, str>>, lacking: Lacking) -> Self {
        Self::Unauthorized(Unauthorized { reason: reason.into(), lacking: Some(lacking) })
    }

    /// Creates a denial for credentials that are not valid. `reason` is its
    /// [`source`](std::error::Error::source), which no client sees.
    pub fn invalid_credentials(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::InvalidCredentials(InvalidCredentials { reason: reason.into() })
    }

    /// Creates a denial for a dependency that failed, such as a store. The client may retry.
    pub fn unavailable(source: impl Into<BoxError>) -> Self {
        Self::Unavailable(Unavailable(source.into()))
    }

    /// Returns the HTTP status: 401, 403, 422, 429, 503 or 500.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            // RFC 9470 section 3: the client must authenticate again.
            Self::MissingToken
            | Self::Token(_)
            | Self::InvalidCredentials(_)
            | Self::Unauthorized(Unauthorized { lacking: Some(Lacking::Authentication { .. }), .. }) => 401,
            Self::Unauthorized(_) => 403,
            Self::Password(_) => 422,
            Self::TooManyAttempts { .. } => 429,
            Self::Unavailable(_) => 503,
            Self::NotInstalled | Self::Config(_) => 500,
        }
    }

    /// Returns the value of `WWW-Authenticate` (RFC 6750 section 3) for the responses that need one.
    ///
    /// A request without a token gets no error code (RFC 6750 section 3.1).
    #[must_use]
    pub fn challenge(&self) -> Option<String> {
        match self {
            Self::MissingToken | Self::InvalidCredentials(_) => Some("Bearer".to_owned()),
            Self::Token(TokenError::Expired) => {
                Some(r#"Bearer error="invalid_token", error_description="the token has expired""#.to_owned())
            }
            Self::Token(_) => Some(r#"Bearer error="invalid_token""#.to_owned()),
            Self::Unauthorized(unauthorized) => unauthorized.lacking.as_ref().map(Lacking::challenge),
            _ => None,
        }
    }

    /// Returns the OAuth2 error code for the body of a response: one of RFC 6750 section 3.1 and RFC 9470 section 3, or of
    /// RFC 6749 sections 4.1.2.1 and 5.2 if these have none.
    ///
    /// A request without a token gets no error code (RFC 6750 section 3.1).
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::GuardError;
    ///
    /// assert_eq!(GuardError::invalid_credentials("wrong password").error_code(), Some("invalid_grant"));
    /// assert_eq!(GuardError::MissingToken.error_code(), None);
    /// ```
    #[must_use]
    pub fn error_code(&self) -> Option<&'static str> {
        Some(match self {
            Self::MissingToken => return None,
            Self::Token(_) => "invalid_token",
            Self::Unauthorized(Unauthorized { lacking, .. }) => {
                lacking.as_ref().map_or("access_denied", Lacking::error_code)
            }
            Self::InvalidCredentials(_) => "invalid_grant",
            Self::Password(_) => "invalid_request",
            Self::TooManyAttempts { .. } | Self::Unavailable(_) => "temporarily_unavailable",
            Self::NotInstalled | Self::Config(_) => "server_error",
        })
    }
}

/// The reason why an authenticated caller was not allowed, for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Unauthorized {
    reason: Cow<'static, str>,
    lacking: Option<Lacking>,
}

/// Something the token lacks and the client can request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lacking {
    /// Scopes, as RFC 6749 section 3.3 writes them.
    Scope(String),
    /// Another authentication: of one of these classes, separated by blanks, and at most this old. The challenge has no parameter
    /// for a missing method.
    Authentication { acr_values: Option<Box<str>>, max_age: Option<Duration> },
}

impl Lacking {
    fn error_code(&self) -> &'static str {
        match self {
            Self::Scope(_) => "insufficient_scope",
            Self::Authentication { .. } => "insufficient_user_authentication",
        }
    }

    /// Returns the value of `WWW-Authenticate` (RFC 6750 section 3.1, RFC 9470 section 3).
    fn challenge(&self) -> String {
        match self {
            Self::Scope(scope) => format!(r#"Bearer error="{}", scope="{scope}""#, self.error_code()),
            Self::Authentication { acr_values, max_age } => {
                let classes = acr_values.as_ref();
                let acr = classes.map(|classes| format!(r#", acr_values="{classes}""#)).unwrap_or_default();
                let max_age =
                    max_age.map(|age| format!(r#", max_age="{}""#, age.as_secs())).unwrap_or_default();
                format!(r#"Bearer error="{}"{acr}{max_age}"#, self.error_code())
            }
        }
    }
}

/// The reason why credentials were rejected, for the log; the same for an unknown user and a wrong password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct InvalidCredentials {
    reason: Cow<'static, str>,
}

/// The failure of a dependency that a decision needed.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Unavailable(BoxError);
