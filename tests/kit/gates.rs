//! The gate of one test: where it holds, and where it does not. No gate is installed in this process.

use std::thread;

use gatevault::testing::{self, TestGate};
use gatevault::{GateVault, GuardError, Payload, TokenManager, protected};

#[protected]
fn profile(payload: Payload) -> Result<String, GuardError> {
    Ok(format!("user {}", payload.user_id()))
}

#[protected]
async fn async_profile(payload: Payload) -> Result<String, GuardError> {
    tokio::task::yield_now().await;
    Ok(format!("user {}", payload.user_id()))
}

/// Returns the gate of a new manager, and an access token of this user.
fn gate_of(user: u64) -> (GateVault, String) {
    let tokens = TokenManager::new(gatevault::generate_secret().unwrap()).unwrap();
    let access = tokens.create_access_token(&Payload::new(user)).unwrap();
    (GateVault::new(tokens), access)
}

/// Installs a new gate for the test, and returns it with an access token of user 42.
fn begin() -> (TestGate, String) {
    let (gate, access) = gate_of(42);
    (gate.install_for_test(), access)
}

#[track_caller]
fn assert_admitted(outcome: Result<String, GuardError>) {
    assert_eq!(outcome.unwrap(), "user 42");
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "the outcome of a call")]
fn assert_without_gate<T: std::fmt::Debug>(outcome: Result<T, GuardError>) {
    assert!(matches!(outcome, Err(GuardError::NotInstalled)), "{outcome:?}");
}

#[test]
fn a_gate_holds_until_it_is_dropped() {
    let (gate, access) = begin();
    assert_admitted(profile(&access));
    drop(gate);
    assert_without_gate(profile(&access));
}

#[test]
fn a_gate_ends_with_a_test_that_panics() {
    let (gate, access) = gate_of(42);
    let test = thread::spawn(move || {
        let panicking = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _gate = gate.install_for_test();
            std::panic::resume_unwind(Box::new("a failed assertion"));
        }));
        assert!(panicking.is_err());
        profile(&access).map(drop)
    });
    assert_without_gate(test.join().unwrap());
}

#[test]
fn the_latest_gate_holds_and_the_former_returns_after_it() {
    let (outer, of_outer) = begin();
    let (inner, of_inner) = begin();
    assert_admitted(profile(&of_inner));
    assert_eq!(profile(&of_outer).unwrap_err().status(), 401);
    drop(inner);
    assert_admitted(profile(&of_outer));
    drop(outer);
    assert_without_gate(profile(&of_outer));
}

#[test]
fn gates_are_dropped_in_any_order() {
    let (outer, of_outer) = begin();
    let (inner, of_inner) = begin();
    drop(outer);
    assert_admitted(profile(&of_inner));
    assert_eq!(profile(&of_outer).unwrap_err().status(), 401);
    drop(inner);
    assert_without_gate(profile(&of_inner));
}

#[test]
fn a_gate_can_be_installed_again() {
    let (gate, access) = gate_of(42);
    for _ in 0..3 {
        let installed = gate.clone().install_for_test();
        assert_admitted(profile(&access));
        drop(installed);
        assert_without_gate(profile(&access));
    }
}

#[test]
fn parallel_tests_do_not_see_each_others_gates() {
    let barrier = std::sync::Barrier::new(4);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let (_gate, access) = begin();
                barrier.wait();
                assert_admitted(profile(&access));
                barrier.wait();
            });
        }
    });
}

#[test]
fn another_thread_does_not_see_the_gate() {
    let (_gate, access) = begin();
    assert_without_gate(thread::spawn(move || profile(&access)).join().unwrap());
}

#[test]
fn an_executor_on_the_thread_of_the_test_sees_the_gate() {
    let (_gate, access) = begin();
    assert_admitted(pollster::block_on(async_profile(&access)));
}

#[tokio::test]
async fn a_test_on_a_current_thread_runtime_and_its_tasks_see_the_gate() {
    let (_gate, access) = begin();
    assert_admitted(async_profile(access.clone()).await);
    assert_admitted(tokio::spawn(async_profile(access)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_on_a_multi_thread_runtime_sees_the_gate_and_its_tasks_do_not() {
    let (_gate, access) = begin();
    assert_admitted(async_profile(access.clone()).await);
    assert_without_gate(tokio::spawn(async_profile(access)).await.unwrap());
}

#[tokio::test]
async fn blocking_tasks_do_not_see_the_gate() {
    let (_gate, access) = begin();
    assert_without_gate(tokio::task::spawn_blocking(move || profile(&access)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_future_takes_its_gate_to_every_thread_and_leaves_it_on_none() {
    let (gate, access) = gate_of(42);
    let tasks = (0..16).map(|_| {
        let (gate, access) = (gate.clone(), access.clone());
        tokio::spawn(testing::with_gate(gate, async move {
            for _ in 0..16 {
                assert_admitted(async_profile(&access).await);
            }
        }))
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    assert_without_gate(tokio::spawn(async_profile(access.clone())).await.unwrap());
    assert_without_gate(async_profile(access).await);
}

#[tokio::test]
async fn the_gate_of_a_future_comes_before_the_gate_of_the_test() {
    let (_gate, of_test) = begin();
    let (gate, of_future) = gate_of(42);
    let future = testing::with_gate(gate, async {
        assert_eq!(profile(&of_test).unwrap_err().status(), 401);
        async_profile(of_future).await
    });
    assert_admitted(future.await);
    assert_admitted(profile(&of_test));
}

#[test]
fn a_named_gate_comes_before_the_gate_of_the_test() {
    #[protected(gate = gate)]
    fn named(gate: &GateVault, payload: Payload) -> Result<String, GuardError> {
        Ok(format!("user {}", payload.user_id()))
    }
    let (_gate, of_test) = begin();
    let (gate, access) = gate_of(42);
    assert_admitted(named(&access, &gate));
    assert_eq!(named(&of_test, &gate).unwrap_err().status(), 401);
}
