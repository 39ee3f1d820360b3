//! The counts of the soak, which a process prints as lines for its parent.

use std::collections::BTreeMap;
use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::BenchResult;
use crate::figures::Figures;

/// The counts by name, and the times from a logout until the other node denies the access token.
#[derive(Debug, Default)]
pub(super) struct Report {
    counts: BTreeMap<String, u64>,
    delays: Vec<Duration>,
}

/// The report of a process, which its clients share.
#[derive(Debug, Clone, Default)]
pub(super) struct SharedReport(Arc<Mutex<Report>>);

impl SharedReport {
    pub(super) fn count(&self, name: &str) {
        self.lock().increase(name, 1);
    }

    pub(super) fn delay(&self, delay: Duration) {
        self.lock().delays.push(delay);
    }

    /// Counts the errors that a retry followed.
    pub(super) fn errors(&self, operation: &str, errors: Vec<String>) {
        for error in errors {
            self.count(&format!("{operation}, retried: {error}"));
        }
    }

    /// Returns what has been counted since the last call.
    pub(super) fn take(&self) -> Report {
        mem::take(&mut self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Report> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Report {
    /// Adds the counts of another report.
    pub(super) fn add(&mut self, other: Self) {
        for (name, number) in other.counts {
            self.increase(&name, number);
        }
        self.delays.extend(other.delays);
    }

    /// Adds a count or a delay that a process has printed.
    pub(super) fn read(&mut self, line: &str) -> BenchResult<()> {
        let (number, name) = line.split_once(' ').ok_or_else(|| format!("no number in {line:?}"))?;
        match name {
            DELAY => self.delays.push(Duration::from_micros(number.parse()?)),
            name => self.increase(name, number.parse()?),
        }
        Ok(())
    }

    pub(super) fn increase(&mut self, name: &str, by: u64) {
        let number = self.counts.entry(name.to_owned()).or_default();
        *number = number.saturating_add(by);
    }

    pub(super) fn number(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or_default()
    }

    /// Returns whether none of the failures occurred.
    pub(super) fn is_sound(&self) -> bool {
        FAILURES.iter().all(|failure| self.number(failure) == 0)
    }

    /// Prints the expected counts, then the errors that a retry recovered from, then the failures.
    pub(super) fn print(self) {
        for (name, number) in &self.counts {
            if !FAILURES.contains(&name.as_str()) {
                println!("  {number:>9} {name}");
            }
        }
        for failure in FAILURES {
            println!("  {:>9} {}", self.number(failure), failure.to_uppercase());
        }
        let delays = Figures::of(self.delays);
        let (median, p99, most) = (delays.median(), delays.percentile(99), delays.longest());
        println!(
            "  from a logout to the other node's denial: p50 {median:.1?}, p99 {p99:.1?}, most {most:.1?}"
        );
    }
}

/// Writes a line for each count and each delay.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, number) in &self.counts {
            writeln!(f, "{number} {name}")?;
        }
        self.delays.iter().try_for_each(|delay| writeln!(f, "{} {DELAY}", delay.as_micros()))
    }
}

/// The failures of the soak. There must be none.
pub(super) const FAILURES: [&str; 10] = [
    LOST,
    CUT_SHORT,
    SPENT_TWICE,
    OLDER_ACCEPTED,
    WRONG_ACCEPTED,
    GUARD_DENIED,
    REFRESHED_AFTER_LOGOUT,
    ACCESS_AFTER_LOGOUT,
    UNSOUND_FILE,
    GREW,
];

pub(super) const LOST: &str = "sessions lost";
pub(super) const CUT_SHORT: &str = "lasting sessions that did not last";
pub(super) const WRONG_ACCEPTED: &str = "wrong passwords accepted";
pub(super) const UNSOUND_FILE: &str = "checks that found the file damaged";
pub(super) const GREW: &str = "processes that grew beyond the bound";
pub(super) const SPENT_TWICE: &str = "tokens spent twice";
pub(super) const OLDER_ACCEPTED: &str = "older tokens accepted";
pub(super) const GUARD_DENIED: &str = "guarded calls denied before the logout";
pub(super) const REFRESHED_AFTER_LOGOUT: &str = "refreshes accepted after the logout";
pub(super) const ACCESS_AFTER_LOGOUT: &str = "access tokens accepted long after the logout";

/// The count of the lasting sessions that were active at the end.
pub(super) const LASTED: &str = "lasting sessions active at the end";

/// The name of a delay in the lines of a process.
const DELAY: &str = "microseconds";
