//! What a guarded call allocates: what the verification of its token does, and nothing besides. In a binary of its
//! own, for it is built over an allocator that counts, thread by thread.

use std::future::ready;

use allocation_counter::{AllocationInfo, measure};
use gatevault::{Claims, GateVault, GuardError, Payload, Verified, protected};
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

#[derive(Claims)]
struct Copied {
    user_id: u64,
    level: Option<u8>,
    active: bool,
}

#[derive(Claims)]
struct Lent<'t> {
    user_id: u64,
    name: &'t str,
    roles: &'t str,
}

#[derive(Claims)]
struct Owned {
    user_id: String,
    name: String,
    role: Option<String>,
}

#[protected(gate = gate)]
fn copied(gate: &GateVault, payload: Verified<Copied>) -> Result<bool, GuardError> {
    Ok(payload.active && payload.user_id == 42 && payload.level == Some(3) && payload.token_id().len() == 36)
}

#[protected(gate = gate)]
fn lent(gate: &GateVault, payload: Lent<'_>) -> Result<bool, GuardError> {
    Ok(payload.user_id == 42 && payload.name == "Ada" && payload.roles == "clerk admin")
}

#[protected(gate = gate)]
fn owned(gate: &GateVault, payload: Owned) -> Result<bool, GuardError> {
    Ok(payload.user_id == "ada" && payload.name == "Ada" && payload.role.is_some())
}

#[test]
fn a_guarded_call_allocates_nothing_but_the_claims_own_fields() {
    let tokens = tokens();
    let gate = GateVault::new(tokens.clone());
    // Other claims in the token, in whatever order, change nothing.
    let dynamic = Payload::new(42).with("name", "Ada").with("roles", "clerk admin").with("level", 3);
    let dynamic = dynamic.with("active", true).with("teams", ["a", "b"]).with("more", "of it");
    let access = tokens.create_access_token(&dynamic).expect("these are good claims");
    assert_eq!(after_one(|| copied(&access, &gate).is_ok_and(|good| good)).count_total, 0);
    assert_eq!(after_one(|| lent(&access, &gate).is_ok_and(|good| good)).count_total, 0);

    let claims = Owned { user_id: "ada".into(), name: "Ada".into(), role: Some("clerk".into()) };
    let access = tokens.create_access_token(&claims).expect("these are good claims");
    assert_eq!(after_one(|| owned(&access, &gate).is_ok_and(|good| good)).count_total, 3);
}

#[test]
fn creating_a_token_is_one_allocation() {
    let tokens = tokens();
    let claims = User { user_id: 42, name: "Ada".into() };
    let created = after_one(|| tokens.create_access_token(&claims).is_ok());
    assert_eq!((created.count_total, created.count_current), (1, 0), "{created:?}");
}

/// What the second call allocates; the first makes what is kept for the thread.
fn after_one(call: impl Fn() -> bool) -> AllocationInfo {
    assert!(call());
    measure(|| assert!(call()))
}
