//! The warnings about stored hashes, as a subscriber records them.

use std::sync::Once;
use std::thread;
use std::time::Duration;

use gatevault::verify_password;
use gatevault_tests::Recorder;
use tracing::Level;

/// Returns the result of `act`, and the warnings that it logs on this thread.
pub(crate) fn warnings<T>(act: impl FnOnce() -> T) -> (T, Vec<String>) {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(wait_for_registration);
    recorded(act)
}

/// Waits until the event is recorded.
///
/// A test on another thread may be registering it at this time, for which `tracing` asks the recorders of before.
fn wait_for_registration() {
    let is_recorded = || {
        thread::sleep(Duration::from_millis(10));
        !recorded(|| verify_password("", "unreadable")).1.is_empty()
    };
    while !(is_recorded() && is_recorded()) {}
}

fn recorded<T>(act: impl FnOnce() -> T) -> (T, Vec<String>) {
    let recorder = Recorder::default();
    let result = tracing::subscriber::with_default(recorder.clone(), act);
    let warnings = recorder.lines().into_iter().filter(|(level, _)| *level == Level::WARN);
    // The other warning of a login is about the store of sessions.
    let about_hashes = warnings.filter(|(_, line)| line.starts_with("message=stored hash"));
    (result, about_hashes.map(|(_, line)| line).collect())
}
