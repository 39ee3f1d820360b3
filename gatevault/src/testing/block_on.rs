//! The runtime of an async `#[gatevault::test]` without another attribute, with the feature `tokio`.

use std::panic::Location;

use super::fault::fail;

/// Runs a future on a new runtime of this thread.
///
/// # Panics
///
/// If the runtime cannot be started.
#[track_caller]
pub fn block_on<F: Future>(future: F) -> F::Output {
    let caller = Location::caller();
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(future),
        Err(error) => fail(caller, format_args!("no runtime can be started: {error}")),
    }
}
