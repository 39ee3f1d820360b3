//! The clock of a guarded call.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use gatevault::testing::ManualClock;
use gatevault::{Clock, GateVault, GuardError, Payload, TokenManager, protected};
use gatevault_tests::{SECRET, timed};

/// A clock that counts how often it is read.
struct CountingClock {
    clock: ManualClock,
    readings: Arc<AtomicUsize>,
}

impl Clock for CountingClock {
    fn now(&self) -> SystemTime {
        self.readings.fetch_add(1, Ordering::Relaxed);
        self.clock.now()
    }
}

#[protected(gate = gate)]
fn plain(gate: &GateVault, payload: Payload) -> Result<bool, GuardError> {
    Ok(payload.user_id() == &42.into())
}

#[protected(gate = gate, max_age = "5m")]
fn recent(gate: &GateVault, payload: Payload) -> Result<bool, GuardError> {
    Ok(payload.user_id() == &42.into())
}

#[protected(gate = gate, max_age = "5m", optional)]
fn recent_or_anonymous(gate: &GateVault, payload: Option<Payload>) -> Result<bool, GuardError> {
    Ok(payload.is_some())
}

#[test]
fn a_guard_reads_the_clock_once_for_expiry_and_max_age() {
    let readings = Arc::new(AtomicUsize::new(0));
    let clock = CountingClock { clock: timed().1, readings: Arc::clone(&readings) };
    let tokens = TokenManager::builder().secret(SECRET).clock(clock).build().unwrap();
    let gate = GateVault::new(tokens.clone());
    let access = tokens.create_access_token(&Payload::new(42)).unwrap();
    let readings_of = |call: &dyn Fn() -> Result<bool, GuardError>, expected: Option<bool>| {
        let before = readings.load(Ordering::Relaxed);
        assert_eq!(call().ok(), expected);
        readings.load(Ordering::Relaxed) - before
    };
    assert_eq!(readings_of(&|| plain(&access, &gate), Some(true)), 1);
    assert_eq!(readings_of(&|| recent(&access, &gate), Some(true)), 1);
    assert_eq!(readings_of(&|| recent_or_anonymous(&access, &gate), Some(true)), 1);
    assert_eq!(readings_of(&|| gate.verify::<Payload>(&access).map(|_| true), Some(true)), 1);
    // Without a token there is nothing to decide.
    assert_eq!(readings_of(&|| recent("", &gate), None), 0);
    assert_eq!(readings_of(&|| recent_or_anonymous("", &gate), Some(false)), 0);
}
