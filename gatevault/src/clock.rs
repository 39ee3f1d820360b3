//! Clocks and timestamps. No other module reads the system's clock.

use std::fmt;
use std::num::NonZeroU64;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::error::InvalidReason;

/// Provides the time to a [`TokenManager`](crate::TokenManager).
///
/// Pass one to [`clock`](crate::token::TokenManagerBuilder::clock) to control the time. The feature `testing` has a clock for
/// tests that only moves when the test moves it.
pub trait Clock: Send + Sync + 'static {
    /// Returns the current time.
    fn now(&self) -> SystemTime;
}

/// The system's clock, which is the default.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// A time in whole seconds since 1970-01-01 UTC, up to the end of the year 9999: a `NumericDate` (RFC 7519 section 2).
///
/// A [`SessionStore`](crate::SessionStore) receives and returns times in this form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(
    /// The seconds plus one, so that an `Option<Timestamp>`, of which a token has several, is no larger.
    NonZeroU64,
);

impl Timestamp {
    /// The end of the year 9999, the last second that RFC 3339 can represent.
    const LAST: u64 = 253_402_300_799;
    pub(crate) const FIRST_SECOND: Self = Self(NonZeroU64::MIN);
    pub(crate) const LAST_SECOND: Self = Self(NonZeroU64::MIN.saturating_add(Self::LAST));

    /// Creates a timestamp from seconds since 1970-01-01 UTC. Returns `None` after the year 9999.
    #[must_use]
    pub fn from_seconds(seconds: u64) -> Option<Self> {
        (seconds <= Self::LAST).then_some(Self(NonZeroU64::MIN.saturating_add(seconds)))
    }

    /// Creates a timestamp and truncates the fraction. Returns `None` outside the years 1970 to 9999.
    pub(crate) fn from_fractional(seconds: f64) -> Option<Self> {
        Self::from_seconds(Duration::try_from_secs_f64(seconds).ok()?.as_secs())
    }

    /// Reads a clock. A time outside the years 1970 to 9999 is an error, so that a broken clock decides nothing.
    pub(crate) fn now(clock: &dyn Clock) -> Result<Self, InvalidReason> {
        Self::from_system_time(clock.now()).ok_or(InvalidReason::Clock)
    }

    /// Creates a timestamp and truncates the fraction. Returns `None` outside the years 1970 to 9999.
    pub(crate) fn from_system_time(time: SystemTime) -> Option<Self> {
        Self::from_seconds(time.duration_since(UNIX_EPOCH).ok()?.as_secs())
    }

    /// Adds the whole seconds of `duration`, up to the last second.
    pub(crate) fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.as_secs())).min(Self::LAST_SECOND)
    }

    /// Returns the time from `earlier` to this time; zero if `earlier` is later.
    pub(crate) fn time_since(self, earlier: Self) -> Duration {
        Duration::from_secs(self.seconds().saturating_sub(earlier.seconds()))
    }

    /// Subtracts the whole seconds of `duration`, down to the beginning of 1970.
    pub(crate) fn before(self, duration: Duration) -> Self {
        Self::from_seconds(self.seconds().saturating_sub(duration.as_secs())).unwrap_or(Self::FIRST_SECOND)
    }

    /// Returns the seconds since 1970-01-01 UTC.
    #[must_use]
    pub fn seconds(self) -> u64 {
        self.0.get().saturating_sub(1)
    }

    /// Returns the same time as a [`SystemTime`].
    #[must_use]
    pub fn system_time(self) -> SystemTime {
        // Cannot overflow: every platform's `SystemTime` holds more than `LAST`.
        UNIX_EPOCH.checked_add(Duration::from_secs(self.seconds())).unwrap_or(UNIX_EPOCH)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Timestamp").field(&self.seconds()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_keeps_its_seconds_and_an_optional_one_is_no_larger() {
        for seconds in [0, 1, Timestamp::LAST] {
            let time = Timestamp::from_seconds(seconds).unwrap();
            assert_eq!((time.seconds(), format!("{time:?}")), (seconds, format!("Timestamp({seconds})")));
        }
        assert_eq!(Timestamp::from_seconds(Timestamp::LAST + 1), None);
        assert_eq!(size_of::<Option<Timestamp>>(), size_of::<Timestamp>());
    }

    #[test]
    fn no_timestamp_is_before_the_first_or_after_the_last() {
        let (first, last) = (Timestamp::FIRST_SECOND, Timestamp::LAST_SECOND);
        let second = Duration::from_secs(1);
        assert_eq!((first.before(second), last.after(second)), (first, last));
        assert_eq!((last.before(Duration::MAX), first.after(Duration::MAX)), (first, last));
        assert_eq!(first.after(Duration::from_secs(7)).before(Duration::from_secs(3)).seconds(), 4);
    }
}
