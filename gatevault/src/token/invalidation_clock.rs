//! The thread that follows a manager's clock while the invalidation of a token is awaited.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use super::TokenManager;

/// Starts the thread. It ends when no future waits.
pub(super) fn start(tokens: &TokenManager) -> io::Result<()> {
    let tokens = tokens.clone();
    let thread = thread::Builder::new().name("gatevault-connections".to_owned()).stack_size(STACK);
    thread.spawn(move || follow(&tokens)).map(drop)
}

fn follow(tokens: &TokenManager) {
    // A clock or a waker of the application may panic. Without the thread, tokens would never expire.
    while catch_unwind(AssertUnwindSafe(|| wake(tokens))).unwrap_or(true) {
        thread::sleep(INTERVAL);
    }
}

/// Wakes the futures whose token may have become invalid by the time. Returns `false` if none waits.
fn wake(tokens: &TokenManager) -> bool {
    let revocations = tokens.revocations();
    let now = catch_unwind(AssertUnwindSafe(|| tokens.now())).ok().and_then(Result::ok);
    match now.filter(|now| revocations.validate_trust(*now).is_ok()) {
        Some(now) => revocations.waiters.wake_due(now),
        None => revocations.waiters.wake_all(),
    }
}

/// The time between two looks at the clock, which the application may move forward and back.
const INTERVAL: Duration = Duration::from_millis(200);
/// Enough for a waker, which only puts its task into the queue of the executor.
const STACK: usize = 256 * 1024;
