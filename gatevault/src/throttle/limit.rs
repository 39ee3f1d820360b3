//! The settings of one counter: free attempts and pauses.

use std::time::Duration;

/// A limit for attempts: a number of free attempts, then pauses with exponential backoff.
///
/// The pause after the last free attempt is one second. It doubles with each further attempt, up to the longest pause.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use gatevault::AttemptLimit;
///
/// let limit = AttemptLimit::new(5, Duration::from_secs(30));
/// let pauses = [4, 5, 6, 7, 10, 1_000_000].map(|attempts| limit.pause_after(attempts).as_secs());
/// assert_eq!(pauses, [0, 1, 2, 4, 30, 30]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptLimit {
    free: u32,
    first_pause: Duration,
    longest_pause: Duration,
}

impl AttemptLimit {
    /// The pause after the last free attempt of a limit that an application sets.
    pub const FIRST_PAUSE: Duration = Duration::from_secs(1);

    /// Creates a limit. `free` is the number of attempts without a pause, at least one.
    ///
    /// # Security
    ///
    /// The longest pause is also the time for which an attacker's attempts can keep the owner of an account from logging
    /// in.
    #[must_use]
    pub const fn new(free: u32, longest_pause: Duration) -> Self {
        let first_pause = Self::FIRST_PAUSE;
        Self { free: if free == 0 { 1 } else { free }, first_pause, longest_pause }
    }

    /// Creates a limit whose pauses all have the same length.
    pub(super) const fn with_equal_pauses(free: u32, pause: Duration) -> Self {
        Self { free, first_pause: pause, longest_pause: pause }
    }

    /// Returns the limit of a network that is `factor` times as large: more free attempts, and the same pauses.
    pub(super) const fn times(self, factor: u32) -> Self {
        Self { free: self.free.saturating_mul(factor), ..self }
    }

    /// Returns the number of attempts without a pause.
    #[must_use]
    pub const fn free(self) -> u32 {
        self.free
    }

    /// Returns the pause after the last free attempt.
    #[must_use]
    pub const fn first_pause(self) -> Duration {
        self.first_pause
    }

    /// Returns the longest pause.
    #[must_use]
    pub const fn longest_pause(self) -> Duration {
        self.longest_pause
    }

    /// Returns the pause that follows the last of `attempts` counted attempts.
    #[must_use]
    pub fn pause_after(self, attempts: u32) -> Duration {
        let Some(doublings) = attempts.checked_sub(self.free) else {
            return Duration::ZERO;
        };
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        self.first_pause.saturating_mul(factor).min(self.longest_pause)
    }
}
