//! For the tests of guarded code: a clock that is moved by hand, and verified claims without a token.
//!
//! Feature `testing`; turn it on in `[dev-dependencies]` only.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use crate::claims::{Registered, TokenKind, Verified};
use crate::clock::{Clock, SystemClock, Timestamp};
use crate::error::InvalidReason;

/// A clock that stands still until it is moved; clones are the same clock.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use gatevault::{Payload, TokenError, TokenManager, testing::ManualClock};
///
/// let clock = ManualClock::default();
/// let tokens = TokenManager::builder().secret([7; 32]).clock(clock.clone()).build()?;
/// let access = tokens.create_access_token(&Payload::new(42))?;
///
/// clock.advance(tokens.access_expiry() - Duration::from_secs(1));
/// assert!(tokens.decode_access_token::<Payload>(&access).is_ok());
/// clock.advance(Duration::from_secs(1));
/// assert_eq!(tokens.decode_access_token::<Payload>(&access).unwrap_err(), TokenError::Expired);
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<SystemTime>>);

impl ManualClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub fn at(now: SystemTime) -> Self {
        Self(Arc::new(Mutex::new(now)))
    }

    /// Moves the clock to `now`, forward or back.
    pub fn set(&self, now: SystemTime) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Moves the clock forward; it stops at the end of what a `SystemTime` holds.
    pub fn advance(&self, by: Duration) {
        let now = self.now();
        self.set(now.checked_add(by).unwrap_or(now));
    }
}

impl Default for ManualClock {
    /// A clock that stands at the system's time.
    fn default() -> Self {
        Self::at(SystemClock.now())
    }
}

impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Claims as if they had come out of an access token that was made just now and lives for 15 minutes.
///
/// # Errors
///
/// `Invalid(Clock)` when the system's clock is outside the years 1970 to 9999.
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
        token_id: "testing".into(),
        session_id: None,
        authenticated_at: None,
        kind: TokenKind::Access,
        foreign_issuer: None,
    };
    Ok(Verified::new(claims, registered))
}
