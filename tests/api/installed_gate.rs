//! The gate of the process.

use gatevault::{ConfigError, GateVault, Payload, TokenManager, protected};
use gatevault_tests::Recorder;
use tracing::Level;

#[protected]
fn profile(payload: Payload) -> Result<String, gatevault::GuardError> {
    Ok(format!("user {}", payload.user_id()))
}

/// The tests of this repository are such a build only in `./scripts/test features`.
const WARNING: &str =
    "message=feature testing enabled in a build without debug assertions: enable it in dev-dependencies only";

#[test]
fn the_first_gate_stays_and_an_optimized_build_with_the_test_kit_warns_once() {
    let [first, second] = [[1; 32], [2; 32]].map(|secret| TokenManager::new(secret).unwrap());
    let recorder = Recorder::default();
    let (installed, refused) = tracing::subscriber::with_default(recorder.clone(), || {
        (GateVault::new(first.clone()).install(), GateVault::new(second.clone()).install())
    });
    assert_eq!((installed, refused), (Ok(()), Err(ConfigError::AlreadyInstalled)));
    let expected = if cfg!(debug_assertions) { vec![] } else { vec![(Level::WARN, WARNING.to_owned())] };
    assert_eq!(recorder.lines(), expected);

    let access = |tokens: &TokenManager| tokens.create_access_token(&Payload::new(42)).unwrap();
    assert_eq!(profile(access(&first)).unwrap(), "user 42");
    assert_eq!(profile(access(&second)).unwrap_err().status(), 401);
    let _gate = GateVault::new(second.clone()).install_for_test();
    assert_eq!(profile(access(&second)).unwrap(), "user 42");
    assert_eq!(profile(access(&first)).unwrap_err().status(), 401);
}
