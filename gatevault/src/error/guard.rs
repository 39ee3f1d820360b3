//! Why a guard, a login or a refresh said no, and how HTTP says it.

use std::borrow::Cow;
use std::time::Duration;

use super::{ConfigError, InvalidReason, TokenError};

/// Any error of a lookup or a store.
pub type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// A denial: the body of the guarded function did not run.
///
/// `Display` is what a client may see, and gives nothing away; [`source`](std::error::Error::source) is for
/// the log. [`status`](Self::status) and [`challenge`](Self::challenge) are its HTTP form.
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
    /// No token came with the call.
    #[error("a token is required")]
    MissingToken,
    /// A token came and was refused.
    #[error(transparent)]
    Token(TokenError),
    /// The caller is known and is not allowed to do this.
    #[error("not allowed")]
    Unauthorized(#[source] Unauthorized),
    /// A login or refresh named no user who may have tokens.
    #[error("the credentials are not valid")]
    InvalidCredentials(#[source] InvalidCredentials),
    /// Too many attempts; more are welcome after a while.
    #[error("too many attempts")]
    TooManyAttempts {
        /// How long to wait, in whole seconds: the value of `Retry-After` (RFC 9110 section 10.2.3).
        retry_after: Duration,
    },
    /// A store, a lookup or the clock failed; nothing was decided, and the call may be repeated.
    #[error("temporarily unavailable")]
    Unavailable(#[source] Unavailable),
    /// No gate was installed before the first guarded call.
    #[error("no gate is installed: call `GateVault::new(tokens).install()` once at start-up")]
    NotInstalled,
    /// The gate or the handler is missing a setting that this call needs.
    #[error("the service is not set up")]
    Config(#[source] ConfigError),
}

/// Where nothing is wrong with the token, but what would judge or make it is not to be had, the same call may succeed in a
/// moment: nobody is to throw a good token away.
impl From<TokenError> for GuardError {
    fn from(error: TokenError) -> Self {
        use InvalidReason::{Clock, KeysPending, Randomness, RevocationsUnknown};
        match error {
            TokenError::Invalid(lacking @ (KeysPending | RevocationsUnknown | Clock | Randomness)) => {
                Self::unavailable(lacking)
            }
            error => Self::Token(error),
        }
    }
}

impl GuardError {
    /// A denial for the body of a guarded function that finds the caller is not allowed.
    pub fn unauthorized(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Unauthorized(Unauthorized { reason: reason.into(), lacking: None })
    }

    /// A denial of a caller whose token lacks something that the client can ask for.
    pub(crate) fn lacking(reason: &'static str, lacking: Lacking) -> Self {
        Self::Unauthorized(Unauthorized { reason: reason.into(), lacking: Some(lacking) })
    }

    /// A denial for credentials that name nobody; `reason` is for the log.
    pub fn invalid_credentials(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::InvalidCredentials(InvalidCredentials { reason: reason.into() })
    }

    /// A denial because something that was needed to decide failed; the call may be repeated.
    pub fn unavailable(source: impl Into<BoxError>) -> Self {
        Self::Unavailable(Unavailable(source.into()))
    }

    /// The HTTP status: 401, 403, 429, 503 or 500.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            // RFC 9470 section 3: a client that lacks freshness is to authenticate again.
            Self::MissingToken
            | Self::Token(_)
            | Self::InvalidCredentials(_)
            | Self::Unauthorized(Unauthorized { lacking: Some(Lacking::Freshness { .. }), .. }) => 401,
            Self::Unauthorized(_) => 403,
            Self::TooManyAttempts { .. } => 429,
            Self::Unavailable(_) => 503,
            Self::NotInstalled | Self::Config(_) => 500,
        }
    }

    /// The value of `WWW-Authenticate` (RFC 6750 section 3), where one belongs in the answer.
    ///
    /// A request without a token gets no error code, as section 3.1 asks.
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
}

/// Why an authenticated caller was not allowed: a sentence for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Unauthorized {
    reason: Cow<'static, str>,
    lacking: Option<Lacking>,
}

/// What a client can ask for to be allowed after all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lacking {
    /// Scopes, as RFC 6749 section 3.3 writes them.
    Scope(String),
    /// An authentication no older than this.
    Freshness { max_age: Duration },
}

impl Lacking {
    /// The value of `WWW-Authenticate`: RFC 6750 section 3.1, RFC 9470 section 3.
    fn challenge(&self) -> String {
        match self {
            Self::Scope(scope) => format!(r#"Bearer error="insufficient_scope", scope="{scope}""#),
            Self::Freshness { max_age } => {
                let seconds = max_age.as_secs();
                format!(r#"Bearer error="insufficient_user_authentication", max_age="{seconds}""#)
            }
        }
    }
}

/// Why credentials were refused: a sentence for the log, the same for an unknown user and a wrong password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct InvalidCredentials {
    reason: Cow<'static, str>,
}

/// What failed while a decision was being made.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Unavailable(BoxError);
