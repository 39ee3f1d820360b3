//! `ManualClock`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use crate::clock::{Clock, SystemClock};

/// A clock that moves only when a test moves it. Clones share their time.
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
    /// Creates a clock that shows `now`.
    #[must_use]
    pub fn at(now: SystemTime) -> Self {
        Self(Arc::new(Mutex::new(now)))
    }

    /// Sets the clock to `now`, forward or back.
    pub fn set(&self, now: SystemTime) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Moves the clock forward. If the result is too large for a `SystemTime`, the clock does not move.
    pub fn advance(&self, by: Duration) {
        let now = self.now();
        self.set(now.checked_add(by).unwrap_or(now));
    }
}

impl Default for ManualClock {
    /// Creates a clock that shows the system's current time.
    fn default() -> Self {
        Self::at(SystemClock.now())
    }
}

impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
