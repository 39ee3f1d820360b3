//! The signal that wakes the thread of a feed.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Wakes the thread for a poll, or stops it.
#[derive(Default)]
pub(super) struct Notify {
    request: Mutex<Request>,
    changed: Condvar,
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Request {
    #[default]
    None,
    Poll,
    Stop,
}

impl Notify {
    pub(super) fn request_poll(&self) {
        self.send(Request::Poll);
    }

    pub(super) fn stop(&self) {
        self.send(Request::Stop);
    }

    fn send(&self, request: Request) {
        let mut pending = self.request.lock().unwrap_or_else(PoisonError::into_inner);
        if *pending != Request::Stop {
            *pending = request;
        }
        self.changed.notify_one();
    }

    /// Waits for a request, at most for `pause`. Returns false if the thread must stop.
    pub(super) fn wait(&self, pause: Duration) -> bool {
        let pending = self.request.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(pending, pause, |request| *request == Request::None);
        let (mut pending, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let continues = *pending != Request::Stop;
        if continues {
            *pending = Request::None;
        }
        continues
    }
}
