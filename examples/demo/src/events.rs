//! The log on the page: the library's `tracing` events, forwarded as server-sent events.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::get;
use futures_util::stream::{self, Stream, StreamExt as _};
use gatevault::error::BoxError;
use serde_json::{Map, Value, json};
use tokio::sync::broadcast;
use tracing::field::{Field, Visit};
use tracing::span::Attributes;
use tracing::{Id, Instrument as _, Subscriber, info_span};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The newest events, and a channel for those to come.
#[derive(Clone)]
pub(crate) struct EventLog {
    newest: Arc<Mutex<VecDeque<String>>>,
    listeners: broadcast::Sender<String>,
}

impl EventLog {
    /// Installs a subscriber that collects the library's events in this process.
    pub(crate) fn install() -> Result<Self, BoxError> {
        let log = Self { newest: Arc::default(), listeners: broadcast::channel(KEPT).0 };
        tracing_subscriber::registry().with(log.clone()).try_init()?;
        Ok(log)
    }

    pub(crate) fn routes(self) -> Router {
        Router::new()
            .route("/events", get(async move || Sse::new(self.stream()).keep_alive(KeepAlive::default())))
    }

    /// Streams the kept events and then new ones. A page that reads too slowly misses some.
    fn stream(&self) -> impl Stream<Item = Result<Event, Infallible>> + use<> {
        let newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, coming) = (newest.clone(), self.listeners.subscribe());
        let coming = stream::unfold(coming, async |mut coming| {
            loop {
                match coming.recv().await {
                    Ok(event) => return Some((event, coming)),
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return None,
                }
            }
        });
        stream::iter(known).chain(coming).map(|event| Ok(Event::default().data(event)))
    }

    fn add(&self, event: &Value) {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.len() == KEPT {
            newest.pop_front();
        }
        newest.push_back(event.to_string());
        // Under the lock, so that a page that connects now gets the event exactly once. Without listeners `send` fails.
        _ = self.listeners.send(event.to_string());
    }
}

const KEPT: usize = 100;

/// The number that the page assigned to a call.
struct CallNumber(Value);

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for EventLog {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let (Some(span), Some(number)) = (context.span(id), fields.0.remove("call")) {
            span.extensions_mut().insert(CallNumber(number));
        }
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        if event.metadata().target() != "gatevault" {
            return;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let call =
            context.event_span(event).and_then(|span| Some(span.extensions().get::<CallNumber>()?.0.clone()));
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.add(&json!({
            "at": since_1970.as_secs_f64(),
            "level": event.metadata().level().as_str(),
            "text": fields.0.remove("message"),
            "call": call,
            "fields": fields.0,
        }));
    }
}

#[derive(Default)]
struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.0.insert(field.name().to_owned(), value.to_string().into());
    }
}

/// Runs a request in a span with the number that the page assigned to it, which identifies the request's events.
pub(crate) async fn in_a_span(request: Request, next: Next) -> Response {
    let number = request.headers().get("x-call").and_then(|number| number.to_str().ok()?.parse::<u64>().ok());
    next.run(request).instrument(info_span!("request", call = number)).await
}
