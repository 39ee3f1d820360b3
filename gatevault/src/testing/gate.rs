//! The gate of a future.

use std::future::poll_fn;
use std::pin::pin;

use crate::guard::GateVault;
use crate::guard::test_gate::{TestGate, kept};

/// Returns a future that installs `gate` whenever it is polled, on the thread that polls it.
///
/// For the tasks of a test that run on other threads. [`GateVault::install_for_test`] says which code needs it. Tasks that the
/// future spawns itself do not inherit the gate.
///
/// # Examples
///
/// ```
/// # #[cfg(all(feature = "macros", feature = "tokio"))] {
/// use gatevault::{GateVault, GuardError, Payload, TokenManager, protected, testing};
///
/// #[protected]
/// async fn profile(payload: Payload) -> Result<String, GuardError> {
///     Ok(format!("user {}", payload.user_id()))
/// }
///
/// # #[tokio::main(flavor = "multi_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let tokens = TokenManager::new([7; 32])?;
/// let access = tokens.create_access_token(&Payload::new(42))?;
/// let task = tokio::spawn(testing::with_gate(GateVault::new(tokens), profile(access)));
/// assert_eq!(task.await??, "user 42");
/// # Ok(()) }
/// # }
/// ```
pub async fn with_gate<F: Future>(gate: GateVault, future: F) -> F::Output {
    let gate = kept(gate);
    let mut future = pin!(future);
    poll_fn(|context| {
        let _gate = TestGate::begin(gate);
        future.as_mut().poll(context)
    })
    .await
}
