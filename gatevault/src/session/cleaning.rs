//! The schedule by which a feed removes what has expired from its store.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::error::StoreError;
use crate::event::{Decision, Event};

/// The state of the cleaning, which comes in runs of short calls to the store. A run ends with a call that removes nothing.
#[derive(Debug, Default)]
pub(super) enum Cleaning {
    /// The first call is due.
    #[default]
    Due,
    /// The last call removed something. The next one follows at the next poll.
    Running { removed: u64 },
    /// The next run begins after a pause, by the clock of the tokens.
    Paused { since: Timestamp, pause: Duration },
}

impl Cleaning {
    /// Calls the store if a call is due.
    pub(super) fn run(
        &mut self,
        now: Option<Timestamp>,
        remove: impl FnOnce(Timestamp) -> Result<u64, StoreError>,
    ) {
        let Some(now) = now.filter(|now| self.is_due(*now)) else { return };
        let before = if let Self::Running { removed } = self { *removed } else { 0 };
        *self = match remove(now) {
            Ok(0) => {
                tracing::debug!(target: "gatevault", removed = before, "expired sessions removed");
                Self::Paused { since: now, pause: INTERVAL }
            }
            Ok(removed) => Self::Running { removed: before.saturating_add(removed) },
            Err(error) => {
                let error = error.to_string();
                Event::new(Decision::CleaningFailed { error, retry_in: RETRY_AFTER }).emit();
                Self::Paused { since: now, pause: RETRY_AFTER }
            }
        };
    }

    /// Returns the longest time for which the feed may wait.
    pub(super) fn pause(&self, now: Option<Timestamp>) -> Duration {
        match (self, now) {
            (Self::Running { .. }, _) => CONTINUE_AFTER,
            (Self::Paused { since, pause }, Some(now)) if !self.is_due(now) => {
                since.after(*pause).time_since(now)
            }
            // The store or the clock is unavailable: the next poll tries again.
            _ => Duration::MAX,
        }
    }

    /// Returns whether a call is due. A clock that was set back may have been wrong before, so it begins a new run.
    fn is_due(&self, now: Timestamp) -> bool {
        match self {
            Self::Due | Self::Running { .. } => true,
            Self::Paused { since, pause } => now < *since || now >= since.after(*pause),
        }
    }
}

/// The pause after a run that has removed everything.
const INTERVAL: Duration = Duration::from_hours(1);
/// The pause after a failed call: long enough not to flood the log, short enough to catch up.
const RETRY_AFTER: Duration = Duration::from_mins(5);
/// The longest pause between two calls of a run.
const CONTINUE_AFTER: Duration = Duration::from_secs(1);
