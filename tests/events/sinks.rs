//! Sinks: the one of the process, and those of tests.

use std::sync::Once;
use std::thread;

use gatevault::event::{self, Event, Recorder};
use gatevault::testing::{mint, record_events};
use gatevault::{ConfigError, GateVault, GuardError, Payload, TokenManager, protected};
use gatevault_tests::Recorder as Log;

use crate::names;

#[protected(gate = gate)]
fn guarded(gate: &GateVault, payload: Payload) -> Result<(), GuardError> {
    let _ = payload;
    Ok(())
}

fn gate() -> GateVault {
    GateVault::new(TokenManager::new([7; 32]).unwrap())
}

fn token(user: &str) -> String {
    mint(&TokenManager::new([7; 32]).unwrap()).token(&Payload::new(user))
}

/// Returns the events that the sink of the process received for a user. The sink panics for one, and calls a guard for another.
fn received(user: &str) -> Vec<Event> {
    static RECORDER: std::sync::LazyLock<Recorder> = std::sync::LazyLock::new(Recorder::default);
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let recorder = RECORDER.clone();
        event::install(move |event: &Event| {
            use gatevault::event::EventSink as _;
            recorder.record(event);
            let user = event.user.as_ref().and_then(|user| user.as_str());
            assert_ne!(user, Some("panic"), "the sink panics for this user");
            if user == Some("nested") {
                guarded(token("nested"), &gate()).unwrap();
            }
        })
        .unwrap();
    });
    let of_user = |event: &Event| event.user.as_ref().and_then(|user| user.as_str()) == Some(user);
    RECORDER.events().into_iter().filter(of_user).collect()
}

#[test]
fn the_sink_of_the_process_gets_the_events_of_every_thread() {
    assert_eq!(received("threads"), []);
    let calls: Vec<_> =
        (0..4).map(|_| thread::spawn(|| guarded(token("threads"), &gate()).unwrap())).collect();
    for call in calls {
        call.join().unwrap();
    }
    assert_eq!(names(&received("threads")), ["opened"; 4]);
}

#[test]
fn the_first_sink_stays() {
    received("first");
    let second = Recorder::default();
    assert!(matches!(event::install(second.clone()), Err(ConfigError::SinkInstalled)));
    guarded(token("first"), &gate()).unwrap();
    assert_eq!((names(&received("first")), second.take()), (vec!["opened"], vec![]));
}

#[test]
fn a_sink_that_panics_changes_no_decision_and_gets_the_next_event() {
    received("panic");
    let log = Log::default();
    let opened = tracing::subscriber::with_default(log.clone(), || guarded(token("panic"), &gate()));
    assert!(opened.is_ok());
    guarded(token("panic"), &gate()).unwrap();
    assert_eq!(names(&received("panic")), ["opened", "opened"]);
}

#[test]
fn an_event_within_a_sink_is_not_passed_to_it() {
    received("nested");
    guarded(token("nested"), &gate()).unwrap();
    assert_eq!(names(&received("nested")), ["opened"]);
}

#[test]
fn a_test_records_the_events_of_its_own_thread_until_it_ends() {
    let events = record_events();
    thread::spawn(|| {
        let theirs = record_events();
        guarded(token("other"), &gate()).unwrap();
        assert_eq!(names(&theirs.take()), ["opened"]);
    })
    .join()
    .unwrap();
    assert_eq!(events.take(), []);
    let inner = record_events();
    guarded(token("inner"), &gate()).unwrap();
    assert_eq!((inner.take().len(), events.take().len()), (1, 1));
    drop(inner);
    guarded(token("inner"), &gate()).unwrap();
    assert_eq!(events.take().len(), 1);
}
