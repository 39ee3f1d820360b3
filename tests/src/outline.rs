//! The outline of a token error: its variants, without the details that only a reader of the log needs.

use std::borrow::Cow;
use std::fmt;

use gatevault::TokenError;
use gatevault::error::InvalidReason;

/// A token error without the reason why a token cannot be decoded, the values of `iss` and `aud`, and durations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline(Cow<'static, str>);

impl Outline {
    /// A string that is not a signed JWT.
    pub const DECODE: Self = Self(Cow::Borrowed("Decode"));
    /// A token of another issuer.
    pub const ISSUER: Self = Self(Cow::Borrowed("Invalid(Issuer)"));
    /// A token for another audience.
    pub const AUDIENCE: Self = Self(Cow::Borrowed("Invalid(Audience)"));

    /// Returns the outline for a claim that is in the future.
    #[must_use]
    pub fn not_yet(claim: &str) -> Self {
        Self(format!("Invalid(NotYetValid({claim}))").into())
    }
}

impl fmt::Display for Outline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&TokenError> for Outline {
    fn from(error: &TokenError) -> Self {
        match error {
            TokenError::Decode(_) => Self::DECODE,
            TokenError::Invalid(InvalidReason::Issuer(_)) => Self::ISSUER,
            TokenError::Invalid(InvalidReason::Audience(_)) => Self::AUDIENCE,
            TokenError::Invalid(InvalidReason::NotYetValid { claim, .. }) => Self::not_yet(claim),
            other => Self(format!("{other:?}").into()),
        }
    }
}

impl From<TokenError> for Outline {
    fn from(error: TokenError) -> Self {
        Self::from(&error)
    }
}

impl From<InvalidReason> for Outline {
    fn from(reason: InvalidReason) -> Self {
        Self::from(TokenError::from(reason))
    }
}

impl PartialEq<TokenError> for Outline {
    fn eq(&self, error: &TokenError) -> bool {
        self.0 == Self::from(error).0
    }
}
