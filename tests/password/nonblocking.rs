//! The async forms: the same results, off the executor, on a bounded pool.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::thread;

use gatevault::{HashingError, PasswordHasher, async_hash_password, async_verify_password};
use tokio::runtime::{Builder, Runtime};

use crate::quick;

const U_STAR_U: &str = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

#[test]
fn the_async_forms_return_the_same_results() {
    runtime().block_on(async {
        let stored = async_hash_password("correct horse").await.unwrap();
        assert!(stored.starts_with("$2b$12$"));
        assert!(async_verify_password("correct horse", stored).await.unwrap());
        assert!(!async_verify_password("U*V", U_STAR_U).await.unwrap());
        assert!(!async_verify_password("U*U", "junk").await.unwrap());
        assert!(!async_verify_password("U*U\0", U_STAR_U).await.unwrap());
        assert!(matches!(quick().async_hash("P\0P").await, Err(HashingError::ContainsNul)));
        assert!(quick().async_verify("U*U", U_STAR_U).await.unwrap());
        let verification = quick().async_verify_and_update("U*U", U_STAR_U).await.unwrap();
        assert_eq!(format!("{verification:?}"), "MatchOutdated { .. }");
    });
}

#[test]
fn outside_a_runtime_the_async_forms_return_an_error_and_do_not_panic() {
    for error in [
        pollster::block_on(async_hash_password("correct horse")).unwrap_err(),
        pollster::block_on(async_verify_password("U*U", U_STAR_U)).unwrap_err(),
        pollster::block_on(quick().async_hash("correct horse")).unwrap_err(),
        pollster::block_on(quick().async_verify("U*U", U_STAR_U)).unwrap_err(),
        pollster::block_on(quick().async_verify_and_update("U*U", U_STAR_U)).unwrap_err(),
    ] {
        assert!(matches!(error, HashingError::PoolUnavailable));
    }
}

#[test]
fn a_runtime_that_was_shut_down_is_an_error_and_not_a_panic() {
    let runtime = runtime();
    let handle = runtime.handle().clone();
    runtime.shutdown_background();
    let _entered = handle.enter();
    let outcome = pollster::block_on(async_verify_password("U*U", U_STAR_U));
    assert!(matches!(outcome, Err(HashingError::PoolUnavailable)));
}

#[test]
fn a_future_borrows_nothing_and_can_be_spawned() {
    runtime().block_on(async {
        let task = {
            let (hasher, plain, stored) = (quick(), "U*U".to_owned(), U_STAR_U.to_owned());
            tokio::spawn(hasher.async_verify(&plain, &stored))
        };
        assert!(task.await.unwrap().unwrap());
    });
}

#[test]
fn many_verifications_at_once_run_off_the_executor_on_a_few_threads() {
    let _alone = BURST.lock();
    let started = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&started);
    // The only threads of this runtime are those of its blocking pool, which starts one for a task if none is idle.
    let runtime = Builder::new_current_thread()
        .on_thread_start(move || {
            counter.fetch_add(1, SeqCst);
        })
        .build()
        .unwrap();
    let verifications = 24 * processors();
    runtime.block_on(async {
        let stored = cost_8().async_hash("correct horse").await.unwrap();
        let tasks: Vec<_> = (0..verifications)
            .map(|_| tokio::spawn(cost_8().async_verify("correct horse", &stored)))
            .collect();
        for task in tasks {
            assert!(task.await.unwrap().unwrap());
        }
    });
    // A thread may become idle a little late. Without the bound there would be one thread for each task.
    let started = started.load(SeqCst);
    assert!(
        (1..=verifications / 2).contains(&started),
        "{started} threads for {verifications} verifications"
    );
}

#[test]
fn dropped_futures_return_their_place_in_the_pool() {
    runtime().block_on(async {
        for _ in 0..200 {
            let mut dropped = pin!(quick().async_verify("U*U", U_STAR_U));
            let _ = dropped.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        }
        drop(async_hash_password("never polled"));
        assert!(quick().async_verify("U*U", U_STAR_U).await.unwrap());
    });
}

#[test]
fn hashes_made_at_once_all_differ() {
    let _alone = BURST.lock();
    let hashings = 24 * processors();
    let runtime = Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let hashes = runtime.block_on(async {
        let tasks: Vec<_> =
            (0..hashings).map(|_| tokio::spawn(quick().async_hash("correct horse"))).collect();
        let mut hashes = HashSet::new();
        for task in tasks {
            hashes.insert(task.await.unwrap().unwrap());
        }
        hashes
    });
    assert_eq!(hashes.len(), hashings);
}

/// Held during a burst, because the pool belongs to the process: two bursts together could overflow its queue.
static BURST: Mutex<()> = Mutex::new(());

fn processors() -> usize {
    thread::available_parallelism().unwrap().get()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

fn cost_8() -> PasswordHasher {
    PasswordHasher::builder().cost(8).build().unwrap()
}
