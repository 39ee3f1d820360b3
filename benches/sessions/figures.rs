//! The figures of many operations.

use std::fmt;
use std::time::Duration;

/// The sorted times of operations.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    times: Vec<Duration>,
    elapsed: Duration,
    /// The operations that returned an error.
    pub(crate) failed: u64,
}

impl Figures {
    /// Creates the figures of operations that took `elapsed` together.
    pub(crate) fn new(mut times: Vec<Duration>, elapsed: Duration, failed: u64) -> Self {
        times.sort_unstable();
        Self { times, elapsed, failed }
    }

    /// Creates the figures of operations without a common time: they have no rate.
    pub(crate) fn of(times: Vec<Duration>) -> Self {
        Self::new(times, Duration::ZERO, 0)
    }

    /// Returns the figures of operations that ran at the same time as these.
    pub(crate) fn beside(mut self, other: Self) -> Self {
        self.times.extend(other.times);
        Self::new(self.times, self.elapsed.max(other.elapsed), self.failed.saturating_add(other.failed))
    }

    /// Returns the figures of operations that ran before these, and of these.
    pub(crate) fn followed_by(mut self, later: Self) -> Self {
        self.times.extend(later.times);
        let elapsed = self.elapsed.saturating_add(later.elapsed);
        Self::new(self.times, elapsed, self.failed.saturating_add(later.failed))
    }

    /// Returns the number of operations.
    pub(crate) fn count(&self) -> usize {
        self.times.len()
    }

    pub(crate) fn per_second(&self) -> f64 {
        let count = u32::try_from(self.count()).unwrap_or(u32::MAX);
        f64::from(count) / self.elapsed.as_secs_f64()
    }

    /// Returns a percentile of the times.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let last = self.count().saturating_sub(1);
        self.times.get(last.saturating_mul(percent) / 100).copied().unwrap_or_default()
    }

    pub(crate) fn median(&self) -> Duration {
        self.percentile(50)
    }

    pub(crate) fn longest(&self) -> Duration {
        self.percentile(100)
    }
}

/// Writes the rate, the median, the 99th percentile and the longest time.
impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (median, p99, longest) = (self.median(), self.percentile(99), self.longest());
        write!(f, "{:>9.0} {median:>9.1?} {p99:>9.1?} {longest:>9.1?}", self.per_second())?;
        if self.failed > 0 { write!(f, "   {} failed", self.failed) } else { Ok(()) }
    }
}
