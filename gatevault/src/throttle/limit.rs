//! How many attempts are free, and how long the pauses after them are.

use std::time::Duration;

/// How many attempts are let through at once, and how long the pauses grow that each further one has to wait for.
///
/// The pause after the last free attempt is one second, and twice as long after each one that follows, up to the longest.
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
    longest_pause: Duration,
}

impl AttemptLimit {
    /// The pause after the last free attempt.
    pub const FIRST_PAUSE: Duration = Duration::from_secs(1);

    /// So many free attempts, one at least, and pauses up to the longest.
    ///
    /// # Security
    ///
    /// The longest pause is also for how long somebody else's attempts can keep a user from trying.
    #[must_use]
    pub const fn new(free: u32, longest_pause: Duration) -> Self {
        Self { free: if free == 0 { 1 } else { free }, longest_pause }
    }

    /// How many attempts cost nothing.
    #[must_use]
    pub const fn free(self) -> u32 {
        self.free
    }

    /// What no pause exceeds.
    #[must_use]
    pub const fn longest_pause(self) -> Duration {
        self.longest_pause
    }

    /// How long to wait when so many attempts have been counted, from the last of them on.
    #[must_use]
    pub fn pause_after(self, attempts: u32) -> Duration {
        let Some(doublings) = attempts.checked_sub(self.free) else {
            return Duration::ZERO;
        };
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        Self::FIRST_PAUSE.saturating_mul(factor).min(self.longest_pause)
    }
}
