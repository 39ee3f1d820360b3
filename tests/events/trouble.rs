//! Stores that fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gatevault::event::{Decision, StoreOperation};
use gatevault::session::StoreFuture;
use gatevault::testing::record_events;
use gatevault::throttle::{
    Admission, Attempt, AttemptOutcome, AttemptStore, AttemptTicket, CountedBy, OutagePolicy,
};
use gatevault::{LoginThrottle, OAuthHandler, TokenManager};
use gatevault_tests::{Account, quick_hasher};

/// A store that fails while it is down.
#[derive(Clone, Default)]
struct Failing(Arc<AtomicBool>);

impl Failing {
    fn answer<T: Send + 'static>(&self, answer: T) -> StoreFuture<'_, T> {
        let fails = self.0.load(Ordering::SeqCst);
        Box::pin(async move { if fails { Err("refused\nby \u{1b}[2Jhost".into()) } else { Ok(answer) } })
    }
}

impl AttemptStore for Failing {
    fn begin(&self, attempt: Attempt) -> StoreFuture<'_, Admission> {
        self.answer(Admission::Admitted(AttemptTicket::new(CountedBy::Account, attempt.now)))
    }

    fn record_outcome(&self, _: Attempt, _: AttemptTicket, _: AttemptOutcome) -> StoreFuture<'_, ()> {
        self.0.store(true, Ordering::SeqCst);
        self.answer(())
    }

    fn is_shared(&self) -> bool {
        false
    }
}

/// Logs in, with this throttle, and returns the operations that failed.
fn failures(throttle: LoginThrottle) -> Vec<StoreOperation> {
    let tokens = TokenManager::new([7; 32]).unwrap();
    let account = Account::new(1, "correct horse");
    let oauth =
        OAuthHandler::new(tokens, move |_| Some(account.clone())).hasher(quick_hasher()).throttle(throttle);
    let events = record_events();
    let _ = oauth.login("ada", "correct horse");
    let mut failed = Vec::new();
    for event in events.take() {
        if let Decision::StoreFailed { operation, error, .. } = &event.decision {
            assert!(error.contains("refused"), "{event}");
            assert!(!event.to_string().contains(['\n', '\u{1b}']), "{event}");
            failed.push(*operation);
        }
    }
    failed
}

#[test]
fn an_attempt_store_that_fails_is_an_event_that_says_what_it_was_to_do() {
    let down = || Failing(Arc::new(AtomicBool::new(true)));
    assert_eq!(failures(LoginThrottle::new(down())), [StoreOperation::CountAttempt]);
    let allowing = LoginThrottle::new(down()).when_unavailable(OutagePolicy::Allow);
    let allowed = failures(allowing);
    assert!(
        !allowed.is_empty() && allowed.iter().all(|it| *it == StoreOperation::CountAttemptAllowed),
        "{allowed:?}"
    );
    assert_eq!(failures(LoginThrottle::new(Failing::default())), [StoreOperation::RecordOutcome]);
}

#[test]
fn a_lookup_that_fails_is_an_event() {
    let tokens = TokenManager::new([7; 32]).unwrap();
    let oauth = OAuthHandler::new(tokens, |_| Err::<Option<Account>, _>("the database is down"));
    let events = record_events();
    assert_eq!(oauth.login("ada", "correct horse").unwrap_err().status(), 503);
    let recorded = events.take();
    assert!(
        matches!(
            &recorded[..],
            [event] if matches!(&event.decision, Decision::StoreFailed { operation: StoreOperation::FindUser, .. })
        ),
        "{recorded:?}"
    );
}
