//! Why a token was refused, or could not be created.

use std::borrow::Cow;

/// A token that is not accepted, in three categories.
///
/// The `Display` text is safe for a client; [`source`](std::error::Error::source) has the reason, for the log.
///
/// # Examples
///
/// ```
/// use gatevault::{Payload, TokenError, TokenManager};
///
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// assert_eq!(tokens.decode_token::<Payload>("junk").unwrap_err(), TokenError::Decode);
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The token was good and its time is over: the client should refresh.
    #[error("the token has expired")]
    Expired,
    /// The token parses and is not to be trusted, or not for this use.
    #[error("the token is not valid")]
    Invalid(#[source] InvalidReason),
    /// The text is not a JWT at all.
    #[error("the token is malformed")]
    Decode,
}

/// What makes a token invalid. For logs: a client is never told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidReason {
    /// The signature does not match, or its segment is not a signature.
    #[error("the signature does not match")]
    Signature,
    /// The header names another algorithm than the key's (RFC 8725 section 3.1).
    #[error("the header names another algorithm than the key's")]
    Algorithm,
    /// No key of ours has the `kid` of the header.
    #[error("no key has the id that the header names")]
    KeyId,
    /// The key that the header names may be there in a moment: a key set is being fetched.
    #[error("no key has the id that the header names, and the issuer's keys are being fetched")]
    KeysPending,
    /// On creation: the key ring only verifies.
    #[error("no key signs: give the manager a `SigningKey`, or `promote(..)` one of its ring")]
    NoSigningKey,
    /// On creation: the key could not sign.
    #[error("the key could not sign")]
    Signing,
    /// The header's `typ` is of another kind of JWT (RFC 8725 section 3.11).
    #[error("the header's `typ` is that of another kind of token")]
    Type,
    /// The header demands an extension that is not understood (RFC 7515 section 4.1.11).
    #[error("the header demands the extension `{0}`, which is not understood")]
    Extension(&'static str),
    /// The text is longer than `max_token_bytes`.
    #[error("the token has {bytes} bytes, over the limit of {limit}")]
    TooLong {
        /// Length of the token in bytes.
        bytes: usize,
        /// The manager's limit.
        limit: usize,
    },
    /// A refresh token where an access token is needed, or the reverse.
    #[error("the token is of the other kind: the `type` claim is not `{expected}`")]
    Kind {
        /// The `type` that is needed here.
        expected: &'static str,
    },
    /// `iss` is not the configured issuer (RFC 7519 section 4.1.1).
    #[error("the `iss` claim is not the configured issuer")]
    Issuer,
    /// `aud` does not name us, or nobody told us who we are (RFC 7519 section 4.1.3).
    #[error("the `aud` claim does not name this audience; the builder's `audience(..)` says who we are")]
    Audience,
    /// `nbf`, `iat` or `auth_time` lies in the future beyond the leeway.
    #[error("the `{claim}` claim lies in the future")]
    NotYetValid {
        /// `nbf`, `iat` or `auth_time`.
        claim: &'static str,
    },
    /// The token, its session, or all that its user had at a moment, was revoked.
    #[error("the token was revoked")]
    Revoked,
    /// What was revoked has not been heard of for too long, and the manager was told to refuse then.
    #[error("nothing was heard of revocations for too long")]
    RevocationsUnknown,
    /// A refresh token without a session where sessions are kept, or with one where none are.
    #[error("{0}")]
    Session(&'static str),
    /// A claim that must be there is not.
    #[error("the claim `{0}` is missing")]
    MissingClaim(Cow<'static, str>),
    /// A claim has the wrong type or an impossible value.
    #[error("the claim `{0}` has the wrong type or an impossible value")]
    MistypedClaim(Cow<'static, str>),
    /// On creation: the claims name one that the token manager writes itself, or name one twice.
    #[error("the claim `{0}` is written already: choose another name")]
    ReservedClaim(Cow<'static, str>),
    /// On creation: the claims name a registered claim, or the subject, with another value than the token manager's.
    #[error(
        "the claim `{0}` is not what the token manager writes: leave it out of the claims, or have the manager write it"
    )]
    ConflictingClaim(Cow<'static, str>),
    /// Claims that do not fit their type as a whole, or cannot be written.
    #[error("the claims do not fit: {0}")]
    Claims(&'static str),
    /// On creation: the claims do not write their subject first, or write it twice.
    #[error("the claims must write their subject, once and first")]
    Subject,
    /// The system's clock is before 1970 or beyond the year 9999.
    #[error("the clock is outside the years 1970 to 9999")]
    Clock,
    /// On creation: the system's random source failed.
    #[error("the system's random source failed")]
    Randomness,
}

impl TokenError {
    /// A claim of the wrong type, or that JSON cannot hold.
    pub(crate) fn mistyped(claim: &str) -> Self {
        InvalidReason::MistypedClaim(Cow::Owned(claim.to_owned())).into()
    }
}

impl From<InvalidReason> for TokenError {
    fn from(reason: InvalidReason) -> Self {
        Self::Invalid(reason)
    }
}
