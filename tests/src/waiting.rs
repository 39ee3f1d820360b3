//! A connection that waits for the end of its token, under an executor that polls only what was woken.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use gatevault::token::{Invalidated, Invalidation};

/// A future that is polled by hand.
pub struct Waiting {
    future: Invalidation,
    task: Arc<Task>,
}

/// Counts how often a future was woken.
#[derive(Default)]
struct Task(AtomicUsize);

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Waiting {
    /// Creates the task of a future, which was not polled yet.
    #[must_use]
    pub fn new(future: Invalidation) -> Self {
        Self { future, task: Arc::default() }
    }

    /// Polls the future once.
    pub fn poll(&mut self) -> Option<Invalidated> {
        let waker = Waker::from(Arc::clone(&self.task));
        match Pin::new(&mut self.future).poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(reason) => Some(reason),
            Poll::Pending => None,
        }
    }

    /// Returns how often the future was woken.
    #[must_use]
    pub fn woken(&self) -> usize {
        self.task.0.load(Ordering::SeqCst)
    }

    /// Waits until the future is ready, as an executor does: polls it at first, and when it was woken.
    pub fn wait(&mut self) -> Invalidated {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let woken = self.woken();
            if let Some(reason) = self.poll() {
                return reason;
            }
            while self.woken() == woken {
                assert!(Instant::now() < deadline, "the future was not woken");
                thread::sleep(Duration::from_millis(1));
            }
        }
    }
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").field("woken", &self.woken()).finish_non_exhaustive()
    }
}
