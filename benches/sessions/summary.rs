//! Statistics of measured times.

use std::time::Duration;

/// Returns a percentile of the times.
pub(crate) fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    let last = times.len().saturating_sub(1);
    times.get(last.saturating_mul(percent) / 100).copied().unwrap_or_default()
}
