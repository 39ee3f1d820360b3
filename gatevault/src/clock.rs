//! The one place that asks what time it is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::error::InvalidReason;

/// Tells a [`TokenManager`](crate::TokenManager) the time.
///
/// Give one to [`clock`](crate::TokenManagerBuilder::clock) to decide the time yourself; the `testing`
/// feature has one that is moved by hand.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> SystemTime;
}

/// The system's clock, used unless another is given.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// Whole seconds since 1970-01-01 UTC: the `NumericDate` of RFC 7519 section 2, at most the end of the year 9999.
///
/// What a [`SessionStore`](crate::SessionStore) is given and gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The end of the year 9999, the last second that RFC 3339 can write.
    const LAST: u64 = 253_402_300_799;
    pub(crate) const FIRST_SECOND: Self = Self(0);
    pub(crate) const LAST_SECOND: Self = Self(Self::LAST);

    /// The moment so many seconds after the beginning of 1970; `None` after the year 9999.
    #[must_use]
    pub fn from_seconds(seconds: u64) -> Option<Self> {
        (seconds <= Self::LAST).then_some(Self(seconds))
    }

    /// Cuts off the fraction; `None` for what is no moment between 1970 and the year 9999.
    pub(crate) fn from_fractional(seconds: f64) -> Option<Self> {
        let whole = Duration::try_from_secs_f64(seconds).ok()?.as_secs();
        Self::from_seconds(whole)
    }

    /// Reads a clock. One that stands outside our years is broken, and nothing is decided by it.
    pub(crate) fn now(clock: &dyn Clock) -> Result<Self, InvalidReason> {
        Self::from_system_time(clock.now()).ok_or(InvalidReason::Clock)
    }

    pub(crate) fn from_system_time(moment: SystemTime) -> Option<Self> {
        Self::from_seconds(moment.duration_since(UNIX_EPOCH).ok()?.as_secs())
    }

    /// Later by the whole seconds of `duration`, never beyond the last second.
    pub(crate) fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.as_secs()).min(Self::LAST))
    }

    /// Earlier by the whole seconds of `duration`, never before 1970.
    pub(crate) fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(duration.as_secs()))
    }

    /// Whole seconds since the beginning of 1970.
    #[must_use]
    pub fn seconds(self) -> u64 {
        self.0
    }

    /// The same moment as the standard library has it.
    #[must_use]
    pub fn system_time(self) -> SystemTime {
        // Cannot overflow: `LAST` is far inside what every platform's `SystemTime` holds.
        UNIX_EPOCH.checked_add(Duration::from_secs(self.0)).unwrap_or(UNIX_EPOCH)
    }
}
