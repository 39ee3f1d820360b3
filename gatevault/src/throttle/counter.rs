//! A counter of attempts and its arithmetic, for stores in this process. Times are milliseconds since the epoch.
//!
//! `store/redis/attempts/begin.lua` has the same arithmetic in Lua.

use std::time::Duration;

use super::AttemptLimit;

/// The number of attempts on an account or from an address, and the time of the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counter {
    pub(crate) attempts: u32,
    /// The time of the last attempt.
    pub(crate) at: u64,
    /// Set if the last attempt was refunded, which ends its pause.
    is_pause_waived: bool,
}

impl Counter {
    /// Creates a counter of one attempt.
    pub(crate) fn first(now: u64) -> Self {
        Self { attempts: 1, at: now, is_pause_waived: false }
    }

    /// Replaces a time in the future by `now`: a clock that was set back must not lock users out until that time.
    pub(crate) fn clamped(self, now: u64) -> Self {
        Self { at: self.at.min(now), ..self }
    }

    /// Returns the remaining pause, zero if there is none.
    pub(crate) fn pause(self, limit: AttemptLimit, now: u64) -> Duration {
        Duration::from_millis(self.paused_until(limit).saturating_sub(now))
    }

    /// Adds an attempt, after the linear decay of the earlier ones.
    ///
    /// The decay starts at the end of the pause. A client that waits for each pause and tries again therefore gains
    /// nothing, and its next pause is twice as long.
    pub(crate) fn with_attempt(self, limit: AttemptLimit, forget_after: u64, now: u64) -> Self {
        let forget_after = forget_after.max(1);
        let left = forget_after.saturating_sub(now.saturating_sub(self.paused_until(limit)));
        let attempts = u64::from(self.attempts).saturating_mul(left).div_ceil(forget_after);
        let attempts = u32::try_from(attempts).unwrap_or(u32::MAX).saturating_add(1);
        Self { attempts, at: now, is_pause_waived: false }
    }

    /// Refunds the attempt that was counted `at` this time. Returns `None` if it was the only one.
    pub(crate) fn refunded(self, at: u64) -> Option<Self> {
        let attempts = self.attempts.saturating_sub(1);
        let is_pause_waived = self.is_pause_waived || self.at == at;
        (attempts > 0).then_some(Self { attempts, is_pause_waived, ..self })
    }

    /// Returns whether all attempts have decayed.
    ///
    /// The counter's limit is not known here, so `longest` must be the longest pause of any limit.
    pub(crate) fn is_expired(self, forget_after: u64, longest: u64, now: u64) -> bool {
        now.saturating_sub(self.at) >= forget_after.saturating_add(longest)
    }

    fn paused_until(self, limit: AttemptLimit) -> u64 {
        if self.is_pause_waived {
            self.at
        } else {
            self.at.saturating_add(millis(limit.pause_after(self.attempts)))
        }
    }
}

/// Returns the duration in milliseconds, at most `u64::MAX`.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a slip here fails a test, as it should")]
mod tests {
    use super::*;

    const LIMIT: AttemptLimit = AttemptLimit::new(3, Duration::from_secs(8));
    const QUIET: u64 = 60_000;

    fn pause(counter: Counter, now: u64) -> u64 {
        millis(counter.pause(LIMIT, now))
    }

    /// Counts `count` attempts, each as early as allowed, and returns the counter and the time of the last one.
    fn attempts(count: usize) -> (Counter, u64) {
        (1..count).fold((Counter::first(0), 0), |(counter, now), _| {
            let now = now + pause(counter, now);
            (counter.with_attempt(LIMIT, QUIET, now), now)
        })
    }

    #[test]
    fn pauses_double_from_the_last_free_attempt_up_to_the_longest() {
        let pauses: Vec<_> = (1..9).map(attempts).map(|(counter, now)| pause(counter, now)).collect();
        assert_eq!(pauses, [0, 0, 1000, 2000, 4000, 8000, 8000, 8000]);
    }

    #[test]
    fn attempts_decay_linearly_during_a_quiet_time() {
        let (counter, now) = attempts(5);
        let over = now + 4000;
        let after = |quiet| counter.with_attempt(LIMIT, QUIET, over + quiet).attempts - 1;
        assert_eq!(
            [0, 1, QUIET / 5, QUIET / 2, QUIET - 1, QUIET, u64::MAX - over].map(after),
            [5, 5, 4, 3, 1, 0, 0]
        );
    }

    #[test]
    fn a_refunded_attempt_takes_its_pause_along() {
        let (before, now) = attempts(4);
        let now = now + pause(before, now);
        let refunded = before.with_attempt(LIMIT, QUIET, now).refunded(now).unwrap();
        assert_eq!((refunded.attempts, pause(refunded, now)), (4, 0));
        assert_eq!(refunded.with_attempt(LIMIT, QUIET, now), before.with_attempt(LIMIT, QUIET, now));
    }

    #[test]
    fn refunding_an_earlier_attempt_keeps_the_pause_of_the_others() {
        let (counter, now) = attempts(5);
        assert_eq!(pause(counter.refunded(0).unwrap(), now), 2000);
        assert_eq!(Counter::first(7).refunded(7), None);
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_change_the_pause() {
        let counter = Counter { at: 1_000_000, ..attempts(9).0 };
        assert_eq!(pause(counter.clamped(5), 5), 8000);
        assert_eq!(counter.clamped(1_000_000), counter);
    }
}
