//! Settings out of range.

use std::time::Duration;

use super::ConfigError;

impl ConfigError {
    /// Returns an error for a duration that is out of range.
    pub(crate) fn within(
        setting: &'static str,
        given: Duration,
        least: Duration,
        most: Duration,
    ) -> Result<(), Self> {
        if (least..=most).contains(&given) {
            return Ok(());
        }
        Err(Self::DurationOutOfBounds { setting, given, least, most })
    }

    /// Returns an error for a number that is out of range.
    pub(crate) fn number_within<N: Copy + PartialOrd + TryInto<u64>>(
        setting: &'static str,
        given: N,
        least: N,
        most: N,
    ) -> Result<(), Self> {
        if (least..=most).contains(&given) {
            return Ok(());
        }
        let [given, least, most] = [given, least, most].map(|number| number.try_into().unwrap_or(u64::MAX));
        Err(Self::NumberOutOfBounds { setting, given, least, most })
    }
}
