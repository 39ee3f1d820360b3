//! The futures of stores, and a blocking wait for them, so that sync and async callers share one implementation.

use std::cell::Cell;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use crate::error::{GuardError, StoreError};

/// The future that a method of a store returns.
///
/// It must make progress under any executor, and on a thread that blocks on it. A store that needs a runtime brings its own,
/// or a handle to one.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Blocks the thread until the future is ready. Returns `None` if that takes longer than `limit`.
///
/// The limit protects a caller that blocks the executor which the future needs. Every store has its own limit besides.
pub(crate) fn wait_for<T>(future: impl Future<Output = T>, limit: Duration) -> Option<T> {
    let _waiting = Waiting::begin();
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut started = None;
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
        let started = *started.get_or_insert_with(Instant::now);
        let left = limit.checked_sub(started.elapsed()).filter(|left| !left.is_zero())?;
        thread::park_timeout(left);
    }
}

/// Waits for steps that block on nothing but the session store and the throttle.
pub(crate) fn wait<T>(steps: impl Future<Output = Result<T, GuardError>>) -> Result<T, GuardError> {
    wait_for(steps, LONGEST_WAIT).unwrap_or_else(|| {
        Err(GuardError::unavailable(
            "a store did not answer: do not block the executor that it runs on, use `OAuthHandler::with_users` there",
        ))
    })
}

/// Returns whether the thread blocks in [`wait_for`], which then polls the caller.
pub(crate) fn is_waiting() -> bool {
    WAITS.get() > 0
}

/// A guard: the thread blocks until it is dropped.
struct Waiting;

impl Waiting {
    fn begin() -> Self {
        WAITS.set(WAITS.get().saturating_add(1));
        Self
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        debug_assert!(is_waiting(), "the guard counts on the thread that it was created on");
        WAITS.set(WAITS.get().saturating_sub(1));
    }
}

thread_local! {
    /// The number of waits on the thread: a future may wait for another.
    static WAITS: Cell<usize> = const { Cell::new(0) };
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// The limit of a wait. Each store has a shorter limit of its own.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
