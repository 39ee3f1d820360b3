//! Feature `testing`: the recorders of the tests that run on a thread.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::{Event, EventSink as _, Recorder, sink};

/// A guard: it records the events of this thread until it is dropped. See [`record_events`](crate::testing::record_events).
#[must_use = "events are recorded until this is dropped: bind it to a name"]
pub struct RecordedEvents {
    recorder: Recorder,
    /// The recorder belongs to the thread.
    not_send: PhantomData<*const ()>,
}

impl RecordedEvents {
    /// Begins to record the events of this thread.
    pub(crate) fn begin() -> Self {
        sink::expect_events();
        let recorder = Recorder::default();
        RECORDERS.try_with(|recorders| recorders.borrow_mut().push(recorder.clone())).ok();
        Self { recorder, not_send: PhantomData }
    }

    /// Returns the events so far.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.recorder.events()
    }

    /// Returns the events so far and removes them.
    #[must_use]
    pub fn take(&self) -> Vec<Event> {
        self.recorder.take()
    }
}

impl Drop for RecordedEvents {
    fn drop(&mut self) {
        let end = |recorders: &RefCell<Vec<Recorder>>| {
            recorders.borrow_mut().retain(|other| !Arc::ptr_eq(&other.events, &self.recorder.events));
        };
        // Fails only while the thread ends.
        RECORDERS.try_with(end).ok();
    }
}

impl fmt::Debug for RecordedEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RecordedEvents").field(&self.recorder.events()).finish()
    }
}

thread_local! {
    static RECORDERS: RefCell<Vec<Recorder>> = const { RefCell::new(Vec::new()) };
}

/// Passes an event to the recorders of this thread.
pub(super) fn record(event: &Event) {
    RECORDERS
        .try_with(|recorders| recorders.borrow().iter().for_each(|recorder| recorder.record(event)))
        .ok();
}
