//! The events of one request: the decisions of the library, and what this application reports itself.

use std::cell::RefCell;

use gatevault::{ConfigError, event};
use serde::Serialize;
use serde_json::{Map, Value};

/// An event of the library or of this application.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Event {
    pub(crate) text: String,
    pub(crate) fields: Map<String, Value>,
}

impl Event {
    /// Returns a field as a string. A field that is absent or empty is `None`.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        match self.fields.get(name)? {
            Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
            other => Some(other.to_string()),
        }
    }
}

impl From<&event::Event> for Event {
    fn from(event: &event::Event) -> Self {
        let mut fields = match serde_json::to_value(event) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        // The name of the decision is the text.
        fields.remove("event");
        Self { text: event.decision.name().replace('_', " "), fields }
    }
}

tokio::task_local! {
    static COLLECTED: RefCell<Vec<Event>>;
}

/// Installs the sink for the decisions of the library in this process.
pub(crate) fn install() -> Result<(), ConfigError> {
    event::install(|event: &event::Event| keep(event.into()))
}

/// Reports an event of this application.
pub(crate) fn report<V: Into<Value>>(text: &str, field: &str, value: V) {
    keep(Event { text: text.to_owned(), fields: Map::from_iter([(field.to_owned(), value.into())]) });
}

/// Runs a call and returns its events too, in their order.
pub(crate) async fn collect<F: Future>(call: F) -> (F::Output, Vec<Event>) {
    let call = async { (call.await, COLLECTED.with(RefCell::take)) };
    COLLECTED.scope(RefCell::default(), call).await
}

/// An event outside of a request, such as one of the revocation feed, belongs to no line of the log.
fn keep(event: Event) {
    _ = COLLECTED.try_with(|collected| collected.borrow_mut().push(event));
}
