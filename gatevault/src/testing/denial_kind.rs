//! `DenialKind`: what a test expects of a denial.

use std::borrow::Cow;
use std::error::Error;

use crate::error::{GuardError, TokenError};

/// A kind of denial, as [`assert_denied!`](crate::assert_denied) expects it.
///
/// | kind | `GuardError` | response |
/// |---|---|---|
/// | `MissingToken` | `MissingToken` | 401, a challenge without an error, and no `invalid_grant` |
/// | `InvalidToken` | `Token`, except for an expired one | 401, `invalid_token` |
/// | `Expired` | `Token(Expired)` | 401, `invalid_token` and "the token has expired" |
/// | `NotAllowed` | `Unauthorized` | 403 |
/// | `MissingScope("..")` | `Unauthorized` for scopes | 403, `insufficient_scope` with this `scope` |
/// | `StepUp` | `Unauthorized` for `max_age`, `acr` or `amr`, and `StepUpChallenge` | 401, `insufficient_user_authentication` |
/// | `WrongCredentials` | `InvalidCredentials` | 401, a challenge without an error, and `invalid_grant` in the body or the `DenialDetails` |
/// | `TooManyAttempts` | `TooManyAttempts` | 429 |
/// | `Unavailable` | `Unavailable` | 503 |
///
/// Other denials, such as those of a program that is not set up (500), have no kind: an assertion about them fails.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DenialKind {
    /// The call has no token.
    MissingToken,
    /// The token was rejected, and has not merely expired.
    InvalidToken,
    /// The token was valid and has expired.
    Expired,
    /// The caller lacks a role or does not meet a condition.
    NotAllowed,
    /// The token lacks scopes: those of the challenge, separated by blanks (RFC 6750 section 3).
    MissingScope(Cow<'static, str>),
    /// The caller must authenticate again or in another way (RFC 9470).
    StepUp,
    /// The name or the password of a login, or the token of a refresh, is wrong.
    WrongCredentials,
    /// The client must wait before its next attempt.
    TooManyAttempts,
    /// A store, a lookup, a key or the clock is unavailable.
    Unavailable,
}

impl DenialKind {
    /// Returns the kind of a denial, or `None` for a program that is not set up and for a new password that cannot be stored.
    pub(super) fn of(denial: &GuardError) -> Option<Self> {
        Some(match denial {
            GuardError::MissingToken => Self::MissingToken,
            GuardError::Token(TokenError::Expired) => Self::Expired,
            GuardError::Token(_) => Self::InvalidToken,
            GuardError::Unauthorized(_) => Self::of_challenge(&denial.challenge().unwrap_or_default()),
            GuardError::InvalidCredentials(_) => Self::WrongCredentials,
            GuardError::TooManyAttempts { .. } => Self::TooManyAttempts,
            GuardError::Unavailable(_) => Self::Unavailable,
            _ => return None,
        })
    }

    /// Returns the kind of a denial for a caller who is authenticated, from its challenge.
    pub(super) fn of_challenge(challenge: &str) -> Self {
        match parameter(challenge, "error") {
            Some("insufficient_scope") => Self::missing_scope(challenge),
            Some("insufficient_user_authentication") => Self::StepUp,
            _ => Self::NotAllowed,
        }
    }

    fn missing_scope(challenge: &str) -> Self {
        Self::MissingScope(parameter(challenge, "scope").unwrap_or_default().to_owned().into())
    }

    /// Returns the kind of an error that displays as a denial and has the same source: one that passes both on, as
    /// `#[error(transparent)]` does.
    pub(super) fn of_transparent(error: &(dyn Error + 'static)) -> Option<Self> {
        use crate::error::{DecodeReason, InvalidCredentials, InvalidReason, Unauthorized, Unavailable};
        let Some(reason) = error.source() else {
            let retry_after = std::time::Duration::ZERO;
            let without_reason = [
                GuardError::MissingToken,
                GuardError::Token(TokenError::Expired),
                GuardError::TooManyAttempts { retry_after },
            ];
            let shown = error.to_string();
            return without_reason.iter().find(|denial| denial.to_string() == shown).and_then(Self::of);
        };
        if let Some(unauthorized) = reason.downcast_ref::<Unauthorized>() {
            return Self::of(&GuardError::Unauthorized(unauthorized.clone()));
        }
        if reason.is::<InvalidReason>() || reason.is::<DecodeReason>() {
            return Some(Self::InvalidToken);
        }
        if reason.is::<InvalidCredentials>() {
            return Some(Self::WrongCredentials);
        }
        reason.is::<Unavailable>().then_some(Self::Unavailable)
    }
}

/// Returns a parameter of a challenge `Bearer name="value", ..`; values have no escapes in the challenges of this library.
pub(super) fn parameter<'c>(challenge: &'c str, name: &str) -> Option<&'c str> {
    let mut rest = challenge.strip_prefix("Bearer ")?;
    loop {
        let (found, value) = rest.split_once("=\"")?;
        let (value, after) = value.split_once('"')?;
        if found.trim_start_matches([',', ' ']) == name {
            return Some(value);
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::parameter;

    #[test]
    fn a_parameter_is_found_by_its_whole_name_and_not_within_a_value() {
        let challenge = r#"Bearer realm="error=", error_description="a, error=", scope="a b", error="c""#;
        assert_eq!(parameter(challenge, "scope"), Some("a b"));
        assert_eq!(parameter(challenge, "error"), Some("c"));
        assert_eq!(parameter(challenge, "description"), None);
        assert_eq!(parameter("Bearer", "error"), None);
        assert_eq!(parameter(r#"Basic error="c""#, "error"), None);
    }
}
