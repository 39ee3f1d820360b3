//! Times and durations: RFC 3339, and words such as "3 minutes ago".

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gatevault::Clock;

/// A time in whole seconds since 1970-01-01 UTC, from year 1970 to 9999, as RFC 3339 can write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Seconds(u64);

impl Seconds {
    /// Creates a time. Returns `None` after the year 9999.
    pub(crate) fn new(seconds: u64) -> Option<Self> {
        (seconds <= LAST).then_some(Self(seconds))
    }

    /// Converts a time, and truncates its fraction. Returns `None` outside the years 1970 to 9999.
    pub(crate) fn of(time: SystemTime) -> Option<Self> {
        Self::new(time.duration_since(UNIX_EPOCH).ok()?.as_secs())
    }

    /// Reads the system's clock.
    pub(crate) fn now() -> Self {
        Self::of(SystemTime::now()).unwrap_or(Self(0))
    }

    /// Returns the seconds since 1970-01-01 UTC.
    pub(crate) fn get(self) -> u64 {
        self.0
    }

    /// Returns the time as RFC 3339 writes it.
    pub(crate) fn rfc3339(self) -> String {
        humantime::format_rfc3339_seconds(self.system_time()).to_string()
    }

    /// Returns the distance from `now` in words: "3 minutes ago", "in 2 hours", "now".
    pub(crate) fn relative_to(self, now: Self) -> String {
        match (self.0.saturating_sub(now.0), now.0.saturating_sub(self.0)) {
            (0, 0) => "now".to_owned(),
            (ahead, 0) => format!("in {}", words(Duration::from_secs(ahead))),
            (_, behind) => format!("{} ago", words(Duration::from_secs(behind))),
        }
    }

    fn system_time(self) -> SystemTime {
        UNIX_EPOCH.checked_add(Duration::from_secs(self.0)).unwrap_or(UNIX_EPOCH)
    }
}

/// A clock that shows one time.
impl Clock for Seconds {
    fn now(&self) -> SystemTime {
        self.system_time()
    }
}

/// Returns a duration in its largest unit, rounded down: "3 minutes".
pub(crate) fn words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = [(31_557_600, "year"), (86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let (length, unit) = units.into_iter().find(|(length, _)| seconds >= *length).unwrap_or((1, "second"));
    let count = seconds.checked_div(length).unwrap_or(seconds);
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

/// Parses a time: RFC 3339, or seconds since 1970-01-01 UTC.
pub(crate) fn time(text: &str) -> Result<Seconds, String> {
    let written = || {
        let time = humantime::parse_rfc3339_weak(text).ok()?;
        Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs())
    };
    let seconds = text.parse().ok().or_else(written);
    let expected = "write a time such as 2026-11-30T12:00:00Z, or seconds since 1970-01-01 UTC";
    seconds.and_then(Seconds::new).ok_or_else(|| expected.to_owned())
}

/// Parses a duration such as `15m`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let expected = |_| "write an integer and a unit, such as 90s, 15m, 12h or 7d".to_owned();
    humantime::parse_duration(text).map_err(expected)
}

/// The last second of the year 9999.
const LAST: u64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_is_in_its_largest_unit() {
        let now = Seconds(1_000_000_000);
        for (seconds, words) in [
            (1_000_000_000, "now"),
            (999_999_999, "1 second ago"),
            (999_999_820, "3 minutes ago"),
            (1_000_007_200, "in 2 hours"),
            (1_000_172_800, "in 2 days"),
            (0, "31 years ago"),
        ] {
            assert_eq!(Seconds(seconds).relative_to(now), words);
        }
    }

    #[test]
    fn a_time_is_rfc_3339_or_seconds() {
        assert_eq!(time("2001-09-09T01:46:40Z"), Ok(Seconds(1_000_000_000)));
        assert_eq!(time("2001-09-09 01:46:40"), Ok(Seconds(1_000_000_000)));
        assert_eq!(time("253402300799").map(Seconds::rfc3339).as_deref(), Ok("9999-12-31T23:59:59Z"));
        for wrong in ["", "now", "-1", "253402300800", "18446744073709551616", "1e9"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
