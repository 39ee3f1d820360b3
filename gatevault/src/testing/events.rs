//! Feature `testing`: the events of a test.

use crate::event::test_sink::RecordedEvents;

/// Records the [events](crate::event) of this thread, until the returned value is dropped.
///
/// Tests that run in parallel do not see each other's events. Events of other threads are not recorded: of `spawn_blocking`, of
/// servers on sockets, and of the threads that fetch keys and follow a session store. To record those, install a
/// [`Recorder`](crate::event::Recorder) for the process.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "macros")] {
/// use gatevault::{GateVault, GuardError, Payload, TokenManager, protected};
///
/// #[protected]
/// fn profile(payload: Payload) -> Result<(), GuardError> {
///     Ok(drop(payload))
/// }
///
/// let tokens = TokenManager::new([7; 32])?;
/// let access = tokens.create_access_token(&Payload::new(42))?;
/// let _gate = GateVault::new(tokens).install_for_test();
///
/// let events = gatevault::testing::record_events();
/// assert!(profile(&access).is_ok() && profile("forged").is_err());
/// let names: Vec<_> = events.take().iter().map(|event| event.decision.name()).collect();
/// assert_eq!(names, ["opened", "denied"]);
/// # }
/// # Ok::<(), gatevault::Error>(())
/// ```
pub fn record_events() -> RecordedEvents {
    RecordedEvents::begin()
}
