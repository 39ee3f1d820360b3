//! Futures of stores, and how a thread waits for one: the same steps serve those who await and those who block.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use crate::error::BoxError;

/// What a store answers, in a while.
///
/// It must get on under any executor, and also under a thread that merely waits for it. A store that needs a runtime
/// brings its own, or the handle of one.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send + 'a>>;

/// Blocks the thread until the future is ready; `None` when that takes too long.
///
/// The limit is for a caller who blocks the very executor that the future needs: every store has a limit of its own.
pub(crate) fn wait_for<T>(future: impl Future<Output = T>, limit: Duration) -> Option<T> {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut begun = None;
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
        let begun = *begun.get_or_insert_with(Instant::now);
        let left = limit.checked_sub(begun.elapsed()).filter(|left| !left.is_zero())?;
        thread::park_timeout(left);
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
