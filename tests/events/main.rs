//! Events as values: one for each decision, with whom and what it concerns, and nothing secret.
//!
//! In a binary of its own: it installs the sink of the process.
#![expect(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

mod guards;
mod logins;
mod named;
mod sinks;
mod trouble;

use gatevault::event::Event;

/// Returns the names of the decisions.
fn names(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(|event| event.decision.name()).collect()
}
