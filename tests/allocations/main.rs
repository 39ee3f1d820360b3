//! A guarded call allocates as much as the verification of its token, and nothing else.
//!
//! This is a binary of its own because it replaces the global allocator with one that counts per thread.
#![expect(clippy::expect_used, reason = "a test that panics is a test that fails")]

mod connections;

use std::future::ready;

use allocation_counter::{AllocationInfo, measure};
use gatevault::{Claims, GateVault, GuardError, Payload, Verified, protected};
use gatevault_tests::{Recorder, tokens};

#[derive(Claims)]
struct User {
    user_id: u64,
    name: String,
}

#[protected(gate = gate)]
fn synchronous(gate: &GateVault, token: &str, payload: User) -> Result<u64, GuardError> {
    Ok(payload.user_id)
}

#[protected(gate = gate, require(payload.name == "Ada", payload.user_id == 42), max_age = "5m")]
async fn asynchronous(gate: &GateVault, payload: User) -> Result<u64, GuardError> {
    ready(()).await;
    Ok(payload.user_id)
}

#[protected(gate = gate)]
fn returning_a_future(gate: &GateVault, payload: User) -> impl Future<Output = Result<u64, GuardError>> {
    ready(Ok(payload.user_id))
}

#[test]
fn a_guarded_call_allocates_as_much_as_its_verification() {
    let tokens = tokens();
    let access = tokens.create_access_token(&User { user_id: 42, name: "Ada".into() });
    let access = access.expect("these are good claims");
    let gate = GateVault::new(tokens.clone());
    let decoded =
        after_one(|| tokens.decode_access_token::<User>(&access).is_ok_and(|user| user.user_id == 42));
    assert!(decoded.count_total > 0, "the counter counts");

    let calls = [
        ("sync", after_one(|| synchronous(&gate, &access).is_ok_and(|id| id == 42))),
        ("async", after_one(|| pollster::block_on(asynchronous(&access, &gate)).is_ok_and(|id| id == 42))),
        (
            "returning a future",
            after_one(|| pollster::block_on(returning_a_future(&access, &gate)).is_ok_and(|id| id == 42)),
        ),
        ("async, never polled", after_one(|| size_of_val(&asynchronous(&access, &gate)) > 0)),
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

/// Such as `RUST_LOG=info,app=debug`, which allows the level `DEBUG` for other targets.
#[test]
fn a_log_that_leaves_out_opened_calls_costs_them_no_allocation() {
    let tokens = tokens();
    let access = tokens.create_access_token(&User { user_id: 42, name: "Ada".into() });
    let access = access.expect("these are good claims");
    let gate = GateVault::new(tokens);
    let call = || after_one(|| synchronous(&gate, &access).is_ok_and(|id| id == 42)).count_total;
    let without_log = call();
    let log = Recorder::default();
    let with_log = tracing::subscriber::with_default(log.clone(), || {
        assert!(tracing::level_filters::LevelFilter::current() >= tracing::Level::DEBUG);
        call()
    });
    assert_eq!((with_log, log.lines()), (without_log, vec![]));
}

#[derive(Claims)]
struct Copied {
    user_id: u64,
    level: Option<u8>,
    active: bool,
}

#[derive(Claims)]
struct Borrowed<'t> {
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
    Ok(payload.active
        && payload.user_id == 42
        && payload.level == Some(3)
        && payload.token_id().is_some_and(|id| id.len() == 36))
}

#[protected(gate = gate)]
fn borrowed(gate: &GateVault, payload: Borrowed<'_>) -> Result<bool, GuardError> {
    Ok(payload.user_id == 42 && payload.name == "Ada" && payload.roles == "clerk admin")
}

#[protected(gate = gate)]
fn owned(gate: &GateVault, payload: Owned) -> Result<bool, GuardError> {
    Ok(payload.user_id == "ada" && payload.name == "Ada" && payload.role.is_some())
}

#[test]
fn a_guarded_call_allocates_only_for_the_fields_of_its_claims() {
    let tokens = tokens();
    let gate = GateVault::new(tokens.clone());
    // Other claims in the token, and their order, make no difference.
    let dynamic = Payload::new(42).with("name", "Ada").with("roles", "clerk admin").with("level", 3);
    let dynamic = dynamic.with("active", true).with("teams", ["a", "b"]).with("more", "of it");
    let access = tokens.create_access_token(&dynamic).expect("these are good claims");
    assert_eq!(after_one(|| copied(&access, &gate).is_ok_and(|good| good)).count_total, 0);
    assert_eq!(after_one(|| borrowed(&access, &gate).is_ok_and(|good| good)).count_total, 0);

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

/// Measures the second call: the first one fills the thread's buffers.
fn after_one(call: impl Fn() -> bool) -> AllocationInfo {
    assert!(call());
    measure(|| assert!(call()))
}
