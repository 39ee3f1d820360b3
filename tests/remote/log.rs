//! The log: an event for each fetch that failed and for each change of keys, and nothing of an answer in it.

use std::fmt::{Debug, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use gatevault::RemoteKeys;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::script::Script;
use crate::signer::{Signer, set};
use crate::{arrived, eventually};

/// What the whole process logs: keys are fetched on threads of their own.
static EVENTS: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Recorder;

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "gatevault"
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        EVENTS.lock().unwrap_or_else(PoisonError::into_inner).push(line.0);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").expect("a text grows");
    }
}

fn logged_of(url: &str) -> Vec<String> {
    let events = EVENTS.lock().unwrap_or_else(PoisonError::into_inner);
    events.iter().filter(|event| event.contains(url)).cloned().collect()
}

#[test]
fn failures_and_changes_are_logged_and_nothing_of_an_answer_is() {
    const URL: &str = "https://logged.example/jwks";
    tracing::subscriber::set_global_default(Recorder).unwrap();
    let (old, new) = (Signer::es256("old"), Signer::es256("new\n\u{1b}[31m"));
    let script = Script::answering(set(&[&old]));
    let second = Duration::from_secs(1);
    let keys = RemoteKeys::jwks(URL).refresh_interval(second).fetch_with(script.fetch()).build().unwrap();
    arrived(&keys);
    eventually("an unchanged set", || script.fetches() > 2);
    script.answer("<html>a page of somebody</html>");
    eventually("a failure", || logged_of(URL).len() > 1);
    script.answer(set(&[&old, &new]));
    eventually("a change", || logged_of(URL).last().is_some_and(|event| event.starts_with("INFO")));
    let events = logged_of(URL);
    let levels: Vec<_> = events.iter().filter_map(|event| event.split(' ').next()).collect();
    assert_eq!((levels.first(), levels.last()), (Some(&"INFO"), Some(&"INFO")), "{events:#?}");
    assert!(
        levels.len() > 2 && levels[1..levels.len() - 1].iter().all(|level| *level == "WARN"),
        "{events:#?}"
    );
    let all = events.concat();
    assert!(all.contains("old") && all.contains("ES256"), "{all}");
    assert!(!all.contains("somebody") && !all.contains(['\n', '\u{1b}']), "{all}");
}
