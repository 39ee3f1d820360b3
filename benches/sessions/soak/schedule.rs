//! The times at which the parent kills a server or a process, or measures.

use std::time::Duration;

use super::backend::Backend;

/// An event of the soak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// Kill the server and start it again.
    KillServer,
    /// Kill the last process and start another one in its place.
    KillProcess,
    /// Measure the resources, at this percentage of the time.
    Measure(u32),
}

/// Returns the events in their order. None is at the end, when the processes have nothing left to do.
pub(super) fn schedule(backend: &Backend, time: Duration) -> Vec<(Duration, Event)> {
    // First, so that of two events at one time the measurement comes before a kill.
    let mut events = Vec::new();
    for percent in [25, 50, 75, 98] {
        let at = time.checked_div(100).unwrap_or_default().saturating_mul(percent);
        events.push((at, Event::Measure(percent)));
    }
    if backend.has_server() {
        let interval = time.min(SERVER_INTERVAL.saturating_mul(2)).checked_div(2).unwrap_or_default();
        events.extend(every(interval, interval, time).map(|at| (at, Event::KillServer)));
    }
    if let Some(longest) = backend.process_interval() {
        let interval = time.min(longest.saturating_mul(2)).checked_div(2).unwrap_or_default();
        let first = interval.checked_div(3).unwrap_or_default();
        events.extend(every(first, interval, time).map(|at| (at, Event::KillProcess)));
    }
    events.sort_by_key(|(at, _)| *at);
    events
}

/// Returns the times from `first`, at most until the last tenth of the time begins.
fn every(first: Duration, interval: Duration, time: Duration) -> impl Iterator<Item = Duration> {
    let last = time.saturating_sub(time.checked_div(10).unwrap_or_default().min(LAST_PART));
    let next = move |at: &Duration| Some(at.saturating_add(interval.max(SHORTEST)));
    std::iter::successors(Some(first), next).take_while(move |at| *at < last)
}

const SERVER_INTERVAL: Duration = Duration::from_mins(1);
const SHORTEST: Duration = Duration::from_secs(1);
/// The part at the end without a kill.
const LAST_PART: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kills_have_an_interval_and_the_last_seconds_have_none() {
        let seconds = |first, interval, time| {
            let [first, interval, time] = [first, interval, time].map(Duration::from_secs);
            every(first, interval, time).map(|at| at.as_secs()).collect::<Vec<_>>()
        };
        assert_eq!(seconds(60, 60, 600), [60, 120, 180, 240, 300, 360, 420, 480, 540]);
        assert_eq!(seconds(20, 60, 150), [20, 80]);
        assert_eq!(seconds(3, 3, 6), [3]);
    }
}
