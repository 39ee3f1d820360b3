//! A store of attempts that does not answer, and one of the application's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gatevault::LoginThrottle;
use gatevault::session::StoreFuture;
use gatevault::throttle::{
    Admission, Attempt, AttemptOutcome, AttemptStore, AttemptTicket, CountedBy, OutagePolicy,
};
use gatevault_tests::Recorder;
use tracing::Level;

use super::{DOWN, WELCOME, WRONG, world};

/// Fails from one of its calls on.
#[derive(Clone, Default)]
struct Failing {
    calls: Arc<AtomicUsize>,
    after: usize,
}

impl Failing {
    fn call<T: Send + 'static>(&self, answer: T) -> StoreFuture<'_, T> {
        let fails = self.calls.fetch_add(1, Ordering::SeqCst) >= self.after;
        Box::pin(async move { if fails { Err("connection refused".into()) } else { Ok(answer) } })
    }
}

impl AttemptStore for Failing {
    fn begin(&self, attempt: Attempt) -> StoreFuture<'_, Admission> {
        self.call(Admission::Admitted(AttemptTicket { counted_by: CountedBy::Account, at: attempt.now }))
    }

    fn record_outcome(&self, _: Attempt, _: AttemptTicket, _: AttemptOutcome) -> StoreFuture<'_, ()> {
        self.call(())
    }

    fn is_shared(&self) -> bool {
        true
    }
}

fn warnings(recorder: &Recorder) -> Vec<String> {
    let warnings = recorder
        .lines()
        .into_iter()
        .filter(|(level, line)| *level == Level::WARN && !line.contains("session"));
    warnings.map(|(_, line)| line).collect()
}

#[test]
fn nobody_logs_in_while_attempts_cannot_be_counted() {
    let recorder = Recorder::default();
    tracing::subscriber::with_default(recorder.clone(), || {
        let world = world(LoginThrottle::new(Failing::default()));
        assert_eq!((world.log_in(), world.guess("ada")), (DOWN, DOWN));
    });
    let line = r#"message=login refused: attempts cannot be counted error="connection refused""#;
    assert_eq!(warnings(&recorder), [line; 2]);
}

#[test]
fn by_policy_logins_go_on_uncounted_and_each_is_a_warning() {
    let recorder = Recorder::default();
    let store = Failing::default();
    tracing::subscriber::with_default(recorder.clone(), || {
        let throttle = LoginThrottle::new(store.clone()).when_unavailable(OutagePolicy::Allow);
        let world = world(throttle);
        assert_eq!((world.log_in(), world.guess("ada")), (WELCOME, WRONG));
    });
    let line = r#"message=login admitted without being counted error="connection refused""#;
    assert_eq!(warnings(&recorder), [line; 2]);
    assert_eq!(store.calls.load(Ordering::SeqCst), 2, "what was not counted is not settled");
}

#[test]
fn a_store_that_fails_after_a_login_undoes_nothing() {
    let recorder = Recorder::default();
    tracing::subscriber::with_default(recorder.clone(), || {
        let world = world(LoginThrottle::new(Failing { after: 1, ..Failing::default() }));
        assert_eq!(world.log_in(), WELCOME);
    });
    let line = r#"message=an attempt stays counted: its store failed error="connection refused""#;
    assert_eq!(warnings(&recorder), [line]);
}

#[test]
fn an_attempt_that_has_failed_costs_the_store_one_call() {
    let store = Failing { after: usize::MAX, ..Failing::default() };
    assert_eq!(world(LoginThrottle::new(store.clone())).guess("ada"), WRONG);
    assert_eq!(store.calls.load(Ordering::SeqCst), 1);
}
