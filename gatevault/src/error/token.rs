//! Errors of verifying and creating a token.

use std::borrow::Cow;
use std::time::Duration;

use super::{ConfigError, DecodeReason, Mismatch};

/// A token was rejected, for one of three categories of reasons.
///
/// `Display` is safe to send to a client. [`source`](std::error::Error::source) has the reason, for the log.
///
/// # Examples
///
/// ```
/// use gatevault::{Payload, TokenError, TokenManager};
///
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// assert!(matches!(tokens.decode_token::<Payload>("junk"), Err(TokenError::Decode(_))));
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The token was valid and has expired: the client should refresh.
    #[error("the token has expired")]
    Expired,
    /// The token is well formed, but not trusted, or not valid for this use.
    #[error("the token is not valid")]
    Invalid(#[source] InvalidReason),
    /// The string is not a signed JWT.
    #[error("the token is malformed")]
    Decode(#[source] DecodeReason),
}

/// The reason why a token is invalid. It is for logs; clients never see it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidReason {
    /// The signature does not match, or its segment is not a signature.
    #[error("the signature does not match")]
    Signature,
    /// The header's `alg` is not the algorithm of the key (RFC 8725 section 3.1).
    #[error("the header's `alg` does not match the key's algorithm")]
    Algorithm,
    /// No key has the header's `kid`.
    #[error("no key matches the header's `kid`")]
    KeyId,
    /// The header names no key, and several keys have its algorithm.
    #[error(
        "the header has no `kid`, and {candidates} keys serve the algorithm {algorithm}: configure the issuer to write \
         `kid`, or give `Issuer::new` the one key that signs"
    )]
    NoKeyId {
        /// The header's `alg`, escaped and shortened.
        algorithm: String,
        /// The number of keys that could have made the signature.
        candidates: usize,
    },
    /// The issuer's key set has the key, but it cannot verify tokens.
    #[error("the key \"{id}\" is in the issuer's set but cannot be used: {reason}")]
    KeySkipped {
        /// The header's `kid`, escaped and shortened.
        id: String,
        /// The reason why the key was skipped when the set was read.
        reason: Box<ConfigError>,
    },
    /// No key has the header's `kid` yet: a key set is being fetched that may contain it.
    #[error("no key matches the header's `kid` yet: the issuer's keys are being fetched")]
    KeysPending,
    /// On creation: the key ring can only verify.
    #[error("no signing key: give the manager a `SigningKey`, or `promote(..)` one of its key ring")]
    NoSigningKey,
    /// On creation: the key failed to sign.
    #[error("the key failed to sign")]
    Signing,
    /// The header's `typ` is for another kind of JWT (RFC 8725 section 3.11).
    #[error("the header's `typ` is for another kind of token")]
    Type,
    /// A purpose token where an access or refresh token is required.
    #[error(
        "the header's `typ` is `purpose+jwt`: a purpose token opens no guard and is exchanged for no tokens, decode it with \
         `decode_purpose_token`"
    )]
    PurposeToken,
    /// Another kind of token where a purpose token is required.
    #[error(
        "not a token for the purpose `{expected}`: expected one that `create_purpose_token` created for it, with \
         `purpose+jwt` as the header's `typ`"
    )]
    NotPurpose {
        /// The name of the purpose.
        expected: &'static str,
    },
    /// The signature of a purpose token does not match its purpose and its state.
    #[error(
        "the signature does not match: expected a token of this manager's keys for the purpose `{purpose}`, with the same \
         state as at its creation, which may have changed since"
    )]
    PurposeSignature {
        /// The name of the purpose.
        purpose: &'static str,
    },
    /// A purpose token lives longer than its purpose allows.
    #[error(
        "the token lives for {lifetime:?}, over the {limit:?} of its purpose: create and decode it with the same `Purpose`"
    )]
    PurposeLifetime {
        /// The time from `iat` to `exp`.
        lifetime: Duration,
        /// The lifetime of the purpose.
        limit: Duration,
    },
    /// The name of a purpose is empty or has another character than `a` to `z`, `0` to `9` and `-`.
    #[error(
        "the purpose \"{name}\" has an invalid name: expected one or more of `a` to `z`, `0` to `9` and `-`"
    )]
    PurposeName {
        /// The name, escaped and shortened.
        name: String,
    },
    /// The user of a purpose token belongs to another issuer, whose ids are not ours.
    #[error(
        "the user belongs to the issuer \"{issuer}\", and purpose tokens are for our own users: give the id of a user of \
         ours to `PurposeSubject::new`"
    )]
    ForeignSubject {
        /// The name of the issuer, escaped and shortened.
        issuer: String,
    },
    /// A purpose token that may be used once was used before.
    #[error("the token was used before, and its purpose allows one use: see `Purpose::once`")]
    Spent,
    /// The header requires an extension that is not supported (RFC 7515 section 4.1.11).
    #[error("the header requires the extension `{0}`, which is not supported")]
    Extension(&'static str),
    /// The token is longer than `max_token_bytes`.
    #[error("the token has {bytes} bytes, over the limit of {limit}")]
    TooLong {
        /// Length of the token in bytes.
        bytes: usize,
        /// The manager's limit in bytes.
        limit: usize,
    },
    /// A refresh token where an access token is required, or the reverse.
    #[error("wrong kind of token: the `type` claim is not `{expected}`")]
    Kind {
        /// The required `type`.
        expected: &'static str,
    },
    /// A token of another issuer that is not an access token.
    #[error(
        "the token is not an access token: {evidence}; send the access token instead, or see `Issuer::any_kind` and \
         `Issuer::access_type`"
    )]
    NotAccess {
        /// The claim that shows it, with its value if that is a string.
        evidence: String,
    },
    /// The token is bound to a key of its client, and the binding is not verified here (RFC 7800, RFC 8705, RFC 9449).
    #[error(
        "the token is bound to a key of its client (`cnf`, RFC 7800), which is not verified here: request an unbound \
         token, or see `Issuer::accept_bound`"
    )]
    Bound,
    /// `iss` is not an accepted issuer (RFC 7519 section 4.1.1).
    #[error("{0}")]
    Issuer(Box<Mismatch>),
    /// `aud` does not include our audience, or no audience is configured (RFC 7519 section 4.1.3).
    #[error("{0}")]
    Audience(Box<Mismatch>),
    /// `pool` is not a pool whose users are accepted, or the token has none and only the users of pools are.
    #[error("{0}")]
    Pool(Box<Mismatch>),
    /// `nbf`, `iat` or `auth_time` is later than now plus the clock skew.
    #[error("the `{claim}` claim is {ahead:?} in the future, over the limit of {limit:?}: see `clock_skew`")]
    NotYetValid {
        /// `nbf`, `iat` or `auth_time`.
        claim: &'static str,
        /// The time until then.
        ahead: Duration,
        /// The clock skew that is tolerated.
        limit: Duration,
    },
    /// The token lives longer than revocations are kept.
    #[error(
        "the token lives for {lifetime:?}, over the limit of {limit:?} for which revocations are kept: raise `max_lifetime`"
    )]
    TooLongLived {
        /// The time from `iat`, or else from `nbf` or now, until the token expires.
        lifetime: Duration,
        /// The longest lifetime that is accepted.
        limit: Duration,
    },
    /// On creation, and for a purpose also on decoding: the lifetime is too short or too long.
    #[error(
        "a token cannot live for {lifetime:?}: expected at least 1s, and at most {limit:?}, for which revocations are kept: \
         see `max_lifetime`"
    )]
    Lifetime {
        /// The lifetime that was requested.
        lifetime: Duration,
        /// The longest lifetime.
        limit: Duration,
    },
    /// The token, its session, or all earlier tokens of its user were revoked.
    #[error("the token was revoked")]
    Revoked,
    /// The revocation feed has been unreachable for too long, and its policy denies.
    #[error("the revocation feed is stale")]
    RevocationsUnknown,
    /// A refresh token without a session where sessions are kept, or with a session where they are not.
    #[error("{0}")]
    Session(&'static str),
    /// A required claim is missing.
    #[error("the claim `{0}` is missing")]
    MissingClaim(Cow<'static, str>),
    /// A claim has the wrong type or an impossible value.
    #[error("the claim `{0}` has the wrong type or an impossible value")]
    MistypedClaim(Cow<'static, str>),
    /// On creation: the claims contain a name that the token manager writes itself, or contain a name twice.
    #[error("the claim `{0}` is already written: choose another name")]
    ReservedClaim(Cow<'static, str>),
    /// On creation: the claims contain a registered claim, or the subject, with another value than the token manager's.
    #[error(
        "the claim `{0}` differs from the value that the token manager writes: leave it out, or configure it on the manager"
    )]
    ConflictingClaim(Cow<'static, str>),
    /// The claims do not match their type as a whole, or cannot be written.
    #[error("invalid claims: {0}")]
    Claims(&'static str),
    /// On creation: an API key or a session limits the token to scopes, and the claims have none that the limit could apply to.
    #[error(
        "the API key or the session is limited to scopes, and the claims of its user have none: put `#[claims(scope)]` on \
         the field that holds them, or write the claim `scope`; without scopes in the claims, create the key without \
         `scopes(..)`"
    )]
    NoScopes,
    /// On creation: an API key or a session limits the token to scopes, and this claim holds them in a form to which a limit cannot
    /// be applied, or was written before it was declared.
    #[error(
        "the token is limited to scopes, and the claim `{0}` holds them in another form: write a string with spaces \
         between the scopes, or a list of strings, and call `declare_scopes` before the claim"
    )]
    UnlimitedScopes(Cow<'static, str>),
    /// On creation: the client requested a scope that the claims of the user, the session or the API key do not have.
    #[error("a requested scope is not among those of the user, the session or the API key")]
    ScopeNotGranted,
    /// An API key that is malformed, unknown, expired or revoked, or whose user is gone.
    #[error("the API key is not valid")]
    ApiKey,
    /// On creation: the claims do not write their subject first, or write it twice.
    #[error("the claims must write their subject once, before any other claim")]
    Subject,
    /// The clock is before 1970 or after the year 9999.
    #[error("the clock is outside the years 1970 to 9999")]
    Clock,
    /// On creation: the system's random source failed.
    #[error("the system's random source failed")]
    Randomness,
}

impl TokenError {
    /// Returns the error for a claim of the wrong type, or one that JSON cannot represent.
    pub(crate) fn mistyped(claim: &str) -> Self {
        InvalidReason::MistypedClaim(Cow::Owned(claim.to_owned())).into()
    }
}

impl From<InvalidReason> for TokenError {
    fn from(reason: InvalidReason) -> Self {
        Self::Invalid(reason)
    }
}
