//! An attempt store that fails, implemented outside the crate.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gatevault::LoginThrottle;
use gatevault::session::StoreFuture;
use gatevault::throttle::{
    Admission, Attempt, AttemptOutcome, AttemptStore, AttemptTicket, CountedBy, OutagePolicy,
};
use gatevault_tests::Recorder;
use tracing::Level;

use super::{DOWN, LOGGED_IN, WRONG, fixture};

/// A store that fails after a number of calls.
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
        self.call(Admission::Admitted(AttemptTicket::new(CountedBy::Account, attempt.now)))
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
fn logins_are_denied_while_attempts_cannot_be_counted() {
    let recorder = Recorder::default();
    tracing::subscriber::with_default(recorder.clone(), || {
        let fixture = fixture(LoginThrottle::new(Failing::default()));
        assert_eq!((fixture.log_in(), fixture.guess("ada")), (DOWN, DOWN));
    });
    let line = r#"message=login denied: attempt store unavailable error="connection refused""#;
    assert_eq!(warnings(&recorder), [line; 2]);
}

#[test]
fn by_policy_logins_are_allowed_uncounted_and_each_is_a_warning() {
    let recorder = Recorder::default();
    let store = Failing::default();
    tracing::subscriber::with_default(recorder.clone(), || {
        let throttle = LoginThrottle::new(store.clone()).when_unavailable(OutagePolicy::Allow);
        let fixture = fixture(throttle);
        assert_eq!((fixture.log_in(), fixture.guess("ada")), (LOGGED_IN, WRONG));
    });
    let line =
        r#"message=login allowed without throttling: attempt store unavailable error="connection refused""#;
    assert_eq!(warnings(&recorder), [line; 2]);
    assert_eq!(store.calls.load(Ordering::SeqCst), 2, "an uncounted attempt has no outcome to record");
}

#[test]
fn a_store_that_fails_after_a_login_does_not_undo_it() {
    let recorder = Recorder::default();
    tracing::subscriber::with_default(recorder.clone(), || {
        let fixture = fixture(LoginThrottle::new(Failing { after: 2, ..Failing::default() }));
        assert_eq!(fixture.log_in(), LOGGED_IN);
    });
    let line =
        r#"message=attempt outcome not recorded: attempt store unavailable error="connection refused""#;
    assert_eq!(warnings(&recorder), [line]);
}

#[test]
fn a_store_that_fails_after_the_lookup_is_answered_by_the_policy_too() {
    for (policy, expected) in [(OutagePolicy::Deny, DOWN), (OutagePolicy::Allow, LOGGED_IN)] {
        let store = Failing { after: 1, ..Failing::default() };
        let fixture = fixture(LoginThrottle::new(store.clone()).when_unavailable(policy));
        assert_eq!(fixture.log_in(), expected);
        assert_eq!(store.calls.load(Ordering::SeqCst), 3, "two counts, and the refund of the first");
    }
}

#[test]
fn a_failed_attempt_costs_the_store_two_calls_whether_the_account_exists_or_not() {
    for name in ["ada", "unknown"] {
        let store = Failing { after: usize::MAX, ..Failing::default() };
        assert_eq!(fixture(LoginThrottle::new(store.clone())).guess(name), WRONG);
        assert_eq!(store.calls.load(Ordering::SeqCst), 2, "{name}");
    }
}
