//! The policy: free attempts, pauses, refunds and decay.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use gatevault::{LoginRequest, OAuthHandler};
use gatevault_tests::{Account, Recorder, quick_hasher, tokens};
use tracing::Level;

use super::{DOWN, LOGGED_IN, WRONG, ada, answer, fixture, in_memory, limit, wait};

#[test]
fn five_attempts_are_free_and_then_pauses_double_up_to_half_a_minute() {
    assert_eq!(fixture(in_memory()).pauses("ada", 13), [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 30, 30, 30]);
}

#[test]
fn the_free_attempts_and_the_longest_pause_can_be_set() {
    let fixture = fixture(in_memory().per_account(limit(2, 3)));
    assert_eq!(fixture.pauses("ada", 6), [0, 0, 1, 2, 3, 3]);
}

#[test]
fn an_attempt_during_a_pause_is_denied_even_with_the_password_and_prolongs_nothing() {
    let fixture = fixture(in_memory().per_account(limit(1, 30)));
    assert_eq!(fixture.pauses("ada", 5), [0, 1, 2, 4, 8]);
    for left in (1..=16).rev() {
        assert_eq!((fixture.guess("ada"), fixture.log_in()), (wait(left), wait(left)));
        fixture.advance(1);
    }
    assert_eq!(fixture.log_in(), LOGGED_IN);
}

#[test]
fn the_remaining_pause_is_rounded_up() {
    let fixture = fixture(in_memory().per_account(limit(1, 30)));
    assert_eq!(fixture.pauses("ada", 2), [0, 1]);
    fixture.clock.advance(Duration::from_millis(1));
    assert_eq!(fixture.guess("ada"), wait(2));
    fixture.clock.advance(Duration::from_millis(1998));
    assert_eq!(fixture.guess("ada"), wait(1));
    fixture.clock.advance(Duration::from_millis(1));
    assert_eq!(fixture.guess("ada"), WRONG);
}

#[test]
fn a_login_deletes_the_counter_of_its_account() {
    let fixture = fixture(in_memory());
    assert_eq!(fixture.pauses("ada", 6), [0, 0, 0, 0, 0, 1]);
    fixture.advance(2);
    assert_eq!(fixture.log_in(), LOGGED_IN);
    assert_eq!(fixture.pauses("ada", 6), [0, 0, 0, 0, 0, 1]);
}

#[test]
fn attempts_are_forgotten_after_a_quiet_time() {
    let fixture = fixture(in_memory());
    assert_eq!(fixture.pauses("ada", 7), [0, 0, 0, 0, 0, 1, 2]);
    fixture.advance(4 + 15 * 60);
    assert_eq!(fixture.pauses("ada", 6), [0, 0, 0, 0, 0, 1]);
}

#[test]
fn occasional_mistakes_never_cost_a_pause() {
    let fixture = fixture(in_memory());
    for _ in 0..1000 {
        assert_eq!(fixture.guess("ada"), WRONG);
        fixture.advance(5 * 60);
    }
}

#[test]
fn every_spelling_of_a_name_is_one_account() {
    let fixture = fixture(in_memory());
    for name in ["ada", "ADA", " Ada", "ada\t", "aDa\n"] {
        assert_eq!(fixture.guess(name), WRONG, "{name:?}");
    }
    assert_eq!((fixture.guess("\u{a0}ADA "), fixture.guess("bob")), (wait(1), WRONG));
}

#[test]
fn known_and_unknown_accounts_get_the_same_answers_in_the_same_order() {
    let [known, unknown] = ["ada", "unknown"].map(|name| {
        let fixture = fixture(in_memory());
        let answers = (0..300_u64).map(|step| {
            fixture.clock.advance(Duration::from_millis(step * 7919 % 9000));
            if step % 3 == 0 { fixture.guess_from(name, "192.0.2.1") } else { fixture.guess(name) }
        });
        answers.collect::<Vec<_>>()
    });
    assert!(known.contains(&WRONG) && known.contains(&wait(30)));
    assert_eq!(known, unknown);
}

#[test]
fn of_a_burst_exactly_the_free_attempts_are_admitted() {
    for name in ["ada", "unknown"] {
        let fixture = fixture(in_memory());
        let (start, admitted) = (Barrier::new(64), AtomicUsize::new(0));
        thread::scope(|scope| {
            for number in 0..64 {
                let (fixture, start, admitted) = (&fixture, &start, &admitted);
                scope.spawn(move || {
                    let password = format!("wrong {number}");
                    start.wait();
                    if fixture.attempt(LoginRequest::new(name, &password)) == WRONG {
                        admitted.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(admitted.into_inner(), 5, "{name}");
        assert_eq!(fixture.guess(name), wait(1));
    }
}

#[test]
fn an_undecided_attempt_is_refunded_with_its_pause() {
    let fixture = fixture(in_memory());
    let set = |is_down| fixture.is_down.store(is_down, Ordering::SeqCst);
    set(true);
    assert!((0..20).all(|_| fixture.guess("ada") == DOWN));
    set(false);
    assert_eq!(fixture.pauses("ada", 9), [0, 0, 0, 0, 0, 1, 2, 4, 8]);
    fixture.advance(16);
    set(true);
    assert!((0..20).all(|_| fixture.guess("ada") == DOWN));
    set(false);
    assert_eq!((fixture.guess("ada"), fixture.guess("ada")), (WRONG, wait(30)));
}

#[test]
fn clones_of_a_throttle_count_together() {
    let throttle = in_memory();
    let (one, other) = (fixture(throttle.clone()), fixture(throttle));
    assert_eq!(one.pauses("ada", 5), [0; 5]);
    assert_eq!(other.guess("ada"), wait(1));
}

#[test]
fn a_throttled_login_is_one_event_without_name_or_password() {
    let recorder = Recorder::default();
    tracing::subscriber::with_default(recorder.clone(), || {
        let fixture = fixture(in_memory().per_account(limit(1, 30)).newcomers(limit(1, 30)));
        assert_eq!((fixture.guess("ada"), fixture.guess_from("ada", "192.0.2.2")), (WRONG, WRONG));
        let before = recorder.lines().len();
        assert_eq!(fixture.guess_from("ada", "192.0.2.1"), wait(1));
        let lines = recorder.lines().split_off(before);
        let line = "message=login throttled retry_after=1 address=192.0.2.1".to_owned();
        assert_eq!(lines, [(Level::INFO, line)]);
    });
}

fn async_handler() -> OAuthHandler<gatevault::login::AsyncLookup<Account>> {
    async fn by_name(name: &str) -> Option<Account> {
        tokio::task::yield_now().await;
        (name == "ada").then(ada)
    }
    OAuthHandler::new_async(tokens(), by_name).hasher(quick_hasher()).throttle(in_memory())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_async_form_counts_a_burst_exactly() {
    let oauth = Arc::new(async_handler());
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let oauth = Arc::clone(&oauth);
            let password = format!("wrong {number}");
            tokio::spawn(async move { answer(oauth.async_login("ada", &password).await.map(drop)) })
        })
        .collect();
    let mut admitted = 0;
    for task in tasks {
        admitted += usize::from(task.await.unwrap() == WRONG);
    }
    assert_eq!(admitted, 5);
    let request = LoginRequest::new("ada", "correct horse");
    assert_eq!(oauth.async_login_with(request).await.unwrap_err().status(), 429);
}

#[tokio::test]
async fn in_the_async_form_a_login_deletes_the_counter_of_its_account() {
    let oauth = async_handler();
    for _ in 0..4 {
        for _ in 0..4 {
            assert_eq!(oauth.async_login("ada", "wrong").await.unwrap_err().status(), 401);
        }
        assert!(oauth.async_login("ada", "correct horse").await.is_ok());
    }
}

#[tokio::test]
async fn an_attempt_that_is_dropped_stays_counted() {
    let oauth = async_handler();
    for _ in 0..5 {
        let mut login = Box::pin(oauth.async_login("ada", "correct horse"));
        let waker = std::task::Waker::noop();
        assert!(login.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
    }
    assert_eq!(oauth.async_login("ada", "correct horse").await.unwrap_err().status(), 429);
}
