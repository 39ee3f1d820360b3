//! One counter, and the arithmetic of the policy, in milliseconds since the epoch. Stores in this process keep it.

use std::time::Duration;

use super::AttemptLimit;

/// The attempts of an account or from an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counter {
    pub(crate) attempts: u32,
    /// When the last of them was.
    pub(crate) at: u64,
    /// That the last one was given back, and its pause with it.
    has_no_pause: bool,
}

impl Counter {
    pub(crate) fn first(now: u64) -> Self {
        Self { attempts: 1, at: now, has_no_pause: false }
    }

    /// The counter as far as it can be believed: a clock that was set back must not lock anybody out until then.
    pub(crate) fn believed(self, now: u64) -> Self {
        Self { at: self.at.min(now), ..self }
    }

    /// How long there is a pause; zero where there is none.
    pub(crate) fn pause(self, limit: AttemptLimit, now: u64) -> Duration {
        Duration::from_millis(self.paused_until(limit).saturating_sub(now))
    }

    /// With one attempt more, and without those that a quiet time has taken. Those are counted from the end of the pause
    /// on: a pause that is waited for is none, and the next one is twice as long.
    pub(crate) fn with_another(self, limit: AttemptLimit, forget_after: u64, now: u64) -> Self {
        let forget_after = forget_after.max(1);
        let left = forget_after.saturating_sub(now.saturating_sub(self.paused_until(limit)));
        let attempts = u64::from(self.attempts).saturating_mul(left).div_ceil(forget_after);
        let attempts = u32::try_from(attempts).unwrap_or(u32::MAX).saturating_add(1);
        Self { attempts, at: now, has_no_pause: false }
    }

    /// Without an attempt that was counted `at` that time; `None` where it was the only one.
    pub(crate) fn without(self, at: u64) -> Option<Self> {
        let attempts = self.attempts.saturating_sub(1);
        let has_no_pause = self.has_no_pause || self.at == at;
        (attempts > 0).then_some(Self { attempts, has_no_pause, ..self })
    }

    /// Whether the quiet time has taken all of it. The limit is not known here, so neither is the pause: `longest` is for
    /// the longest there may have been.
    pub(crate) fn is_forgotten(self, forget_after: u64, longest: u64, now: u64) -> bool {
        now.saturating_sub(self.at) >= forget_after.saturating_add(longest)
    }

    fn paused_until(self, limit: AttemptLimit) -> u64 {
        if self.has_no_pause {
            self.at
        } else {
            self.at.saturating_add(millis(limit.pause_after(self.attempts)))
        }
    }
}

/// Whole milliseconds, as many as there can be.
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

    /// As many attempts as early as they may be, and when the last one was.
    fn attempts(count: usize) -> (Counter, u64) {
        (1..count).fold((Counter::first(0), 0), |(counter, now), _| {
            let now = now + pause(counter, now);
            (counter.with_another(LIMIT, QUIET, now), now)
        })
    }

    #[test]
    fn pauses_double_from_the_last_free_attempt_up_to_the_longest() {
        let pauses: Vec<_> = (1..9).map(attempts).map(|(counter, now)| pause(counter, now)).collect();
        assert_eq!(pauses, [0, 0, 1000, 2000, 4000, 8000, 8000, 8000]);
    }

    #[test]
    fn a_quiet_time_takes_its_part_of_the_attempts_and_in_the_end_all() {
        let (counter, now) = attempts(5);
        let over = now + 4000;
        let after = |quiet| counter.with_another(LIMIT, QUIET, over + quiet).attempts - 1;
        assert_eq!(
            [0, 1, QUIET / 5, QUIET / 2, QUIET - 1, QUIET, u64::MAX - over].map(after),
            [5, 5, 4, 3, 1, 0, 0]
        );
    }

    #[test]
    fn an_attempt_that_is_given_back_takes_its_pause_along() {
        let (before, now) = attempts(4);
        let now = now + pause(before, now);
        let given_back = before.with_another(LIMIT, QUIET, now).without(now).unwrap();
        assert_eq!((given_back.attempts, pause(given_back, now)), (4, 0));
        assert_eq!(given_back.with_another(LIMIT, QUIET, now), before.with_another(LIMIT, QUIET, now));
    }

    #[test]
    fn an_earlier_attempt_that_is_given_back_leaves_the_pause_of_those_that_stay() {
        let (counter, now) = attempts(5);
        assert_eq!(pause(counter.without(0).unwrap(), now), 2000);
        assert_eq!(Counter::first(7).without(7), None);
    }

    #[test]
    fn a_clock_that_was_set_back_leaves_the_pause_as_long_as_it_was() {
        let counter = Counter { at: 1_000_000, ..attempts(9).0 };
        assert_eq!(pause(counter.believed(5), 5), 8000);
        assert_eq!(counter.believed(1_000_000), counter);
    }
}
