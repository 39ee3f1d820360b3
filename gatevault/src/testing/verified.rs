//! Verified claims without a token.

use std::time::Duration;

use crate::claims::{Registered, TokenKind, Verified};
use crate::clock::{SystemClock, Timestamp};
use crate::error::InvalidReason;

/// Creates verified claims as if they came from an access token that was created now and lives for 15 minutes.
///
/// # Errors
///
/// [`InvalidReason::Clock`] if the system's clock is outside the years 1970 to 9999.
///
/// # Examples
///
/// ```
/// use gatevault::{Payload, Verified, testing};
///
/// fn refund(who: &Verified<Payload>) -> bool {
///     who["role"] == "clerk"
/// }
/// assert!(refund(&testing::verified(Payload::new(42).with("role", "clerk"))?));
/// # Ok::<(), gatevault::error::InvalidReason>(())
/// ```
pub fn verified<C>(claims: C) -> Result<Verified<C>, InvalidReason> {
    let now = Timestamp::now(&SystemClock)?;
    let registered = Registered {
        expires_at: now.after(Duration::from_mins(15)),
        issued_at: Some(now),
        token_id: Some("testing".into()),
        session_id: None,
        has_unreadable_login: false,
        authenticated_at: None,
        authentication: None,
        kind: TokenKind::Access,
        foreign_issuer: None,
    };
    Ok(Verified::new(claims, registered))
}
