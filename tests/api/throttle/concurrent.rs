//! Concurrent attempts with the same name and password, which are one guess.

use std::sync::{Arc, Barrier};
use std::thread;

use gatevault::login::AsyncLookup;
use gatevault::throttle::{Admission, Attempt, AttemptOutcome, AttemptStore, AttemptTicket, StoreFuture};
use gatevault::{LoginRequest, LoginThrottle, MemoryAttempts, OAuthHandler};
use gatevault_tests::{Account, quick_hasher, timed};
use tokio::sync::Semaphore;

use super::{Answer, LOGGED_IN, WRONG, ada, answer, fixture, in_memory, ip, wait};

/// The addresses of concurrent attempts: none, all the same, or each another.
const ORIGINS: [fn(usize) -> Option<String>; 3] =
    [|_| None, |_| Some("192.0.2.1".to_owned()), |number| Some(format!("192.0.2.{number}"))];

/// Makes 30 attempts at once with the password of their number, and returns the answers.
fn at_once(
    fixture: &super::Fixture,
    password: fn(usize) -> String,
    origin: fn(usize) -> Option<String>,
) -> Vec<Answer> {
    let start = Barrier::new(30);
    let attempt = |number| {
        let (password, address) = (password(number), origin(number));
        let request = LoginRequest::new("ada", &password);
        let request = match &address {
            Some(address) => request.from_address(ip(address)),
            None => request,
        };
        start.wait();
        fixture.attempt(request)
    };
    thread::scope(|scope| {
        let attempt = &attempt;
        let threads: Vec<_> = (0..30).map(|number| scope.spawn(move || attempt(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn right(_: usize) -> String {
    "correct horse".to_owned()
}

#[test]
fn thirty_right_logins_at_once_are_all_logged_in() {
    for origin in ORIGINS {
        let fixture = fixture(in_memory());
        for _ in 0..3 {
            assert_eq!(at_once(&fixture, right, origin), [LOGGED_IN; 30]);
        }
    }
}

#[test]
fn of_thirty_different_guesses_at_once_the_free_ones_are_admitted() {
    let fixture = fixture(in_memory());
    let answers = at_once(&fixture, |number| format!("wrong {number}"), |_| None);
    assert_eq!(answers.iter().filter(|answer| **answer == WRONG).count(), 5, "{answers:?}");
    assert_eq!(fixture.log_in(), wait(1));
}

#[test]
fn of_thirty_equal_guesses_at_once_during_a_pause_none_is_admitted() {
    for password in [right, |_| "wrong".to_owned()] {
        let fixture = fixture(in_memory());
        assert_eq!(fixture.pauses("ada", 5), [0; 5]);
        assert_eq!(at_once(&fixture, password, |_| None), [wait(1); 30]);
    }
}

/// An async handler whose lookup waits for a permit, and whose clock does not move.
fn gated() -> (Arc<OAuthHandler<AsyncLookup<Account>>>, Arc<Semaphore>) {
    gated_by(in_memory())
}

fn gated_by(throttle: LoginThrottle) -> (Arc<OAuthHandler<AsyncLookup<Account>>>, Arc<Semaphore>) {
    let gate = Arc::new(Semaphore::new(0));
    let opened = Arc::clone(&gate);
    let oauth = OAuthHandler::new_async(timed().0.build().unwrap(), move |name: &str| {
        let (gate, found) = (Arc::clone(&opened), (name == "ada").then(ada));
        async move {
            gate.acquire().await.unwrap().forget();
            found
        }
    });
    (Arc::new(oauth.hasher(quick_hasher()).throttle(throttle)), gate)
}

async fn attempt(oauth: &OAuthHandler<AsyncLookup<Account>>, password: &str) -> Answer {
    answer(oauth.async_login("ada", password).await.map(drop))
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_async_form_thirty_right_logins_at_once_are_all_logged_in() {
    let (oauth, gate) = gated();
    let logins: Vec<_> = (0..30)
        .map(|_| {
            let oauth = Arc::clone(&oauth);
            tokio::spawn(async move { attempt(&oauth, "correct horse").await })
        })
        .collect();
    gate.add_permits(30);
    for login in logins {
        assert_eq!(login.await.unwrap(), LOGGED_IN);
    }
}

#[tokio::test]
async fn a_wrong_password_of_concurrent_attempts_is_verified_once() {
    let (oauth, gate) = gated();
    gate.add_permits(1);
    let wrong = || attempt(&oauth, "wrong");
    assert_eq!(tokio::join!(wrong(), wrong(), wrong()), (WRONG, WRONG, WRONG));
    assert_eq!(gate.available_permits(), 0);
}

#[tokio::test]
async fn guesses_beside_a_login_in_flight_are_counted_even_with_its_password() {
    let (oauth, gate) = gated();
    gate.add_permits(4);
    for number in 0..4 {
        assert_eq!(attempt(&oauth, &number.to_string()).await, WRONG);
    }
    let mut login = Box::pin(attempt(&oauth, "correct horse"));
    assert!(poll(&mut login).is_pending());
    for guess in ["guess", "correct horse", "another"] {
        assert_eq!(attempt(&oauth, guess).await, wait(1), "{guess}");
    }
    gate.add_permits(1);
    assert_eq!(login.await, LOGGED_IN);
}

#[tokio::test]
async fn after_a_dropped_login_one_that_waited_for_it_logs_in() {
    let (oauth, gate) = gated();
    let mut logins: Vec<_> = (0..3).map(|_| Box::pin(attempt(&oauth, "correct horse"))).collect();
    for login in &mut logins {
        assert!(poll(login).is_pending());
    }
    drop(logins.remove(0));
    gate.add_permits(2);
    for login in logins {
        assert_eq!(login.await, LOGGED_IN);
    }
}

/// A waker keeps the memory of its task. A lookup may be slow, and clients hang up and come again.
#[tokio::test]
async fn a_dropped_login_that_waited_for_another_one_leaves_nothing_behind() {
    struct Task;
    impl std::task::Wake for Task {
        fn wake(self: Arc<Self>) {}
    }
    let (oauth, gate) = gated();
    let mut first = Box::pin(attempt(&oauth, "correct horse"));
    assert!(poll(&mut first).is_pending());
    let task = Arc::new(Task);
    let waker = std::task::Waker::from(Arc::clone(&task));
    let mut stays = Box::pin(attempt(&oauth, "correct horse"));
    for _ in 0..3 {
        assert!(stays.as_mut().poll(&mut std::task::Context::from_waker(&waker)).is_pending());
    }
    for _ in 0..1000 {
        let mut login = Box::pin(attempt(&oauth, "correct horse"));
        assert!(login.as_mut().poll(&mut std::task::Context::from_waker(&waker)).is_pending());
    }
    assert_eq!(Arc::strong_count(&task), 3, "here, in the waker, and in the login that waits");
    gate.add_permits(2);
    assert_eq!((first.await, stays.await), (LOGGED_IN, LOGGED_IN));
    assert_eq!(Arc::strong_count(&task), 2);
}

/// A store that is not ready at once, as one on another host.
struct Distant(MemoryAttempts);

impl AttemptStore for Distant {
    fn begin(&self, attempt: Attempt) -> StoreFuture<'_, Admission> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.0.begin(attempt).await
        })
    }

    fn record_outcome(
        &self,
        attempt: Attempt,
        ticket: AttemptTicket,
        outcome: AttemptOutcome,
    ) -> StoreFuture<'_, ()> {
        self.0.record_outcome(attempt, ticket, outcome)
    }

    fn is_shared(&self) -> bool {
        self.0.is_shared()
    }
}

#[tokio::test]
async fn a_refusal_of_one_address_is_not_that_of_a_login_from_another_one() {
    let (oauth, gate) = gated_by(LoginThrottle::new(Distant(MemoryAttempts::new())));
    gate.add_permits(1000);
    let from = |password: &'static str, name: &'static str, address: &str| {
        let (oauth, request) =
            (Arc::clone(&oauth), LoginRequest::new(name, password).from_address(ip(address)));
        async move { answer(oauth.async_login_with(request).await.map(drop)) }
    };
    for _ in 0..8 {
        assert_eq!(from("wrong", "unknown", "192.0.2.1").await, WRONG);
    }
    for name in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"] {
        assert_eq!(from("wrong", name, "192.0.2.1").await, WRONG);
    }
    let right = |address| from("correct horse", "ada", address);
    let answers = tokio::join!(right("192.0.2.1"), right("192.0.2.2"), right("192.0.2.1"));
    assert_eq!(answers, (wait(1), LOGGED_IN, wait(1)));
}

/// Drops the leader of a group at each of its awaits, in each state of the stores.
#[tokio::test]
async fn a_guess_that_is_hung_up_on_is_counted_at_each_await() {
    for awaits in 1..4 {
        let (oauth, gate) = gated();
        for _ in 0..5 {
            let mut guess = Box::pin(attempt(&oauth, "wrong"));
            for _ in 0..awaits {
                if poll(&mut guess).is_ready() {
                    break;
                }
                gate.add_permits(1);
            }
        }
        gate.add_permits(10);
        assert_eq!(attempt(&oauth, "wrong").await, wait(1), "after {awaits} awaits");
    }
}

#[test]
fn a_guess_whose_lookup_panics_is_counted_and_blocks_no_other_one() {
    let panics = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let fails = Arc::clone(&panics);
    let fixture = super::fixture_with(in_memory(), move |name| {
        assert!(!fails.load(std::sync::atomic::Ordering::SeqCst), "the lookup panics");
        (name == "ada").then(ada)
    });
    let start = Barrier::new(4);
    thread::scope(|scope| {
        let guesses: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    fixture.guess("ada")
                })
            })
            .collect();
        assert!(guesses.into_iter().all(|guess| guess.join().is_err()), "each panics");
    });
    panics.store(false, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(fixture.guess("ada"), WRONG);
    assert_eq!(fixture.log_in(), wait(1));
}

fn poll<F: Future + Unpin>(future: &mut F) -> std::task::Poll<F::Output> {
    std::pin::Pin::new(future).poll(&mut std::task::Context::from_waker(std::task::Waker::noop()))
}
