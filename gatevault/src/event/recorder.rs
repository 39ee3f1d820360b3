//! A sink that keeps events.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Event, EventSink};

/// A sink that keeps every event in a vector. Clones share it.
///
/// It grows without a bound: use it in tests.
///
/// # Examples
///
/// ```
/// use gatevault::event::{self, Recorder};
/// use gatevault::{KeyRing, SigningKey};
///
/// let recorder = Recorder::default();
/// event::install(recorder.clone())?;
/// KeyRing::new(SigningKey::hs256([7; 32])?).add(SigningKey::hs256([8; 32])?.with_id("2026-12")?)?;
/// assert_eq!(recorder.take()[0].decision.name(), "key_ring_changed");
/// # Ok::<(), gatevault::ConfigError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Recorder {
    pub(super) events: Arc<Mutex<Vec<Event>>>,
}

impl Recorder {
    /// Returns the events so far.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.lock().clone()
    }

    /// Returns the events so far and removes them.
    #[must_use]
    pub fn take(&self) -> Vec<Event> {
        mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Event>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventSink for Recorder {
    fn record(&self, event: &Event) {
        self.lock().push(event.clone());
    }
}
