//! Purpose tokens: for one purpose, bound to state, and refused everywhere else.

mod creating;
mod ending;
mod forging;
mod kinds;
mod lifetimes;
mod redeeming;

use std::time::Duration;

use gatevault::error::InvalidReason;
use gatevault::token::{Purpose, VerifiedPurpose};
use gatevault::{TokenError, TokenManager, UserId};

pub(crate) const RESET: Purpose = Purpose::new("password-reset", Duration::from_mins(30));
pub(crate) const CONFIRM: Purpose = Purpose::new("confirm-address", Duration::from_hours(24));
pub(crate) const LINK: Purpose = Purpose::new("magic-link", Duration::from_mins(10)).once();
pub(crate) const TICKET: Purpose = Purpose::new("ticket", Duration::from_secs(30)).once();

/// The state of the user, as a table keeps it.
pub(crate) const HASH: &str = "$2b$12$saltsaltsaltsaltsaltsOBQc9zX0b8m2Jr7o1YwqkQvV5e3n4d6y";

pub(crate) fn ada() -> UserId {
    UserId::from(42)
}

/// Creates a token for a password reset of user 42.
pub(crate) fn reset(tokens: &TokenManager) -> String {
    tokens.create_purpose_token(&RESET, &ada(), HASH).unwrap()
}

/// Decodes a token for a password reset of user 42.
pub(crate) fn decode(tokens: &TokenManager, token: &str) -> Result<VerifiedPurpose, TokenError> {
    tokens.decode_purpose_token(&RESET, token, HASH)
}

/// Returns the reason for which the token was refused.
pub(crate) fn reason<T>(decoded: Result<T, TokenError>) -> InvalidReason {
    match decoded.err() {
        Some(TokenError::Invalid(reason)) => reason,
        other => panic!("not refused as invalid: {other:?}"),
    }
}

/// The refusal of a signature that is not for this purpose, state and key.
pub(crate) fn wrong_signature(purpose: &Purpose) -> InvalidReason {
    InvalidReason::PurposeSignature { purpose: purpose.name() }
}
