//! What a guarded call allocates: what the verification of its token does, and nothing besides. In a binary of its
//! own, for it is built over an allocator that counts, thread by thread.

use std::future::ready;

use allocation_counter::{AllocationInfo, measure};
use gatevault::{Claims, GateVault, GuardError, protected};
use gatevault_tests::tokens;

#[derive(Claims)]
struct User {
    user_id: u64,
    name: String,
}

#[protected(gate = gate)]
fn at_once(gate: &GateVault, token: &str, payload: User) -> Result<u64, GuardError> {
    Ok(payload.user_id)
}

#[protected(gate = gate, require(payload.name == "Ada", payload.user_id == 42), max_age = "5m")]
async fn later(gate: &GateVault, payload: User) -> Result<u64, GuardError> {
    ready(()).await;
    Ok(payload.user_id)
}

#[protected(gate = gate)]
fn by_future(gate: &GateVault, payload: User) -> impl Future<Output = Result<u64, GuardError>> {
    ready(Ok(payload.user_id))
}

#[test]
fn a_guarded_call_allocates_what_its_verification_does() {
    let tokens = tokens();
    let access = tokens.create_access_token(&User { user_id: 42, name: "Ada".into() });
    let access = access.expect("these are good claims");
    let gate = GateVault::new(tokens.clone());
    let decoded =
        after_one(|| tokens.decode_access_token::<User>(&access).is_ok_and(|user| user.user_id == 42));
    assert!(decoded.count_total > 0, "the counter counts");

    let calls = [
        ("sync", after_one(|| at_once(&gate, &access).is_ok_and(|id| id == 42))),
        ("async", after_one(|| pollster::block_on(later(&access, &gate)).is_ok_and(|id| id == 42))),
        ("by a future", after_one(|| pollster::block_on(by_future(&access, &gate)).is_ok_and(|id| id == 42))),
        ("async, never polled", after_one(|| size_of_val(&later(&access, &gate)) > 0)),
    ];
    let executor = after_one(|| pollster::block_on(ready(true)));
    for (what, allocated) in calls {
        let expected = match what {
            "sync" => decoded.count_total,
            "async, never polled" => 0,
            _ => decoded.count_total.saturating_add(executor.count_total),
        };
        assert_eq!(allocated.count_total, expected, "{what}: {allocated:?}, decoding: {decoded:?}");
        assert_eq!(allocated.count_current, 0, "{what}: {allocated:?}");
    }
}

/// What the second call allocates; the first makes what is kept for the thread.
fn after_one(call: impl Fn() -> bool) -> AllocationInfo {
    assert!(call());
    measure(|| assert!(call()))
}
