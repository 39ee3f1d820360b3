//! The one place that asks what time it is.

use std::fmt;
use std::num::NonZeroU64;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::error::InvalidReason;

/// Tells a [`TokenManager`](crate::TokenManager) the time.
///
/// Give one to [`clock`](crate::token::TokenManagerBuilder::clock) to decide the time yourself; the `testing`
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
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(
    /// One more than the seconds, so that an `Option` of it, of which a token has several, is no larger.
    NonZeroU64,
);

impl Timestamp {
    /// The end of the year 9999, the last second that RFC 3339 can write.
    const LAST: u64 = 253_402_300_799;
    pub(crate) const FIRST_SECOND: Self = Self(NonZeroU64::MIN);
    pub(crate) const LAST_SECOND: Self = Self(NonZeroU64::MIN.saturating_add(Self::LAST));

    /// The moment so many seconds after the beginning of 1970; `None` after the year 9999.
    #[must_use]
    pub fn from_seconds(seconds: u64) -> Option<Self> {
        (seconds <= Self::LAST).then_some(Self(NonZeroU64::MIN.saturating_add(seconds)))
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
        Self(self.0.saturating_add(duration.as_secs())).min(Self::LAST_SECOND)
    }

    /// Returns the time from `earlier` to this time; zero if `earlier` is later.
    pub(crate) fn time_since(self, earlier: Self) -> Duration {
        Duration::from_secs(self.seconds().saturating_sub(earlier.seconds()))
    }

    /// Earlier by the whole seconds of `duration`, never before 1970.
    pub(crate) fn before(self, duration: Duration) -> Self {
        Self::from_seconds(self.seconds().saturating_sub(duration.as_secs())).unwrap_or(Self::FIRST_SECOND)
    }

    /// Whole seconds since the beginning of 1970.
    #[must_use]
    pub fn seconds(self) -> u64 {
        self.0.get().saturating_sub(1)
    }

    /// The same moment as the standard library has it.
    #[must_use]
    pub fn system_time(self) -> SystemTime {
        // Cannot overflow: `LAST` is far inside what every platform's `SystemTime` holds.
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
    fn a_moment_is_the_seconds_that_it_was_made_of_and_an_optional_one_is_no_larger() {
        for seconds in [0, 1, Timestamp::LAST] {
            let moment = Timestamp::from_seconds(seconds).unwrap();
            assert_eq!((moment.seconds(), format!("{moment:?}")), (seconds, format!("Timestamp({seconds})")));
        }
        assert_eq!(Timestamp::from_seconds(Timestamp::LAST + 1), None);
        assert_eq!(size_of::<Option<Timestamp>>(), size_of::<Timestamp>());
    }

    #[test]
    fn no_moment_is_before_the_first_or_after_the_last() {
        let (first, last) = (Timestamp::FIRST_SECOND, Timestamp::LAST_SECOND);
        let second = Duration::from_secs(1);
        assert_eq!((first.before(second), last.after(second)), (first, last));
        assert_eq!((last.before(Duration::MAX), first.after(Duration::MAX)), (first, last));
        assert_eq!(first.after(Duration::from_secs(7)).before(Duration::from_secs(3)).seconds(), 4);
    }
}
