//! The same without the feature `tokio`: the thread waits for the future, which finds no runtime.

use std::panic::Location;
use std::time::Duration;

use super::fault::fail;
use crate::future::wait_for;

/// Runs a future on this thread.
///
/// # Panics
///
/// If the future is not ready after a day.
#[track_caller]
pub fn block_on<F: Future>(future: F) -> F::Output {
    let caller = Location::caller();
    wait_for(future, LIMIT).unwrap_or_else(|| fail(caller, "the test is not ready after a day"))
}

const LIMIT: Duration = Duration::from_hours(24);
