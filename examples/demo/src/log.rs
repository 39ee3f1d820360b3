//! The log on the page: one entry for each request about which the library decided, forwarded as server-sent events.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use axum::response::sse::{Event as Sent, KeepAlive, Sse};
use axum::routing::get;
use futures_util::stream::{self, Stream, StreamExt as _};
use http::{HeaderName, StatusCode};
use serde::Serialize;
use tokio::sync::broadcast;

use crate::events::{self, Event};

/// The newest entries, and a channel for those to come.
#[derive(Clone)]
pub(crate) struct Log {
    newest: Arc<Mutex<Newest>>,
    listeners: broadcast::Sender<String>,
}

#[derive(Default)]
struct Newest {
    /// The number of the last entry.
    number: u64,
    entries: VecDeque<String>,
}

/// One request: the verdict first, then what was called, then the reason.
#[derive(Debug, Serialize)]
struct Entry {
    number: u64,
    /// Seconds since 1970.
    at: f64,
    status: u16,
    verdict: String,
    call: String,
    reason: String,
    events: Vec<Event>,
}

impl Log {
    pub(crate) fn new() -> Self {
        Self { newest: Arc::default(), listeners: broadcast::channel(KEPT).0 }
    }

    pub(crate) fn routes(self) -> Router {
        Router::new()
            .route("/log", get(async move || Sse::new(self.stream()).keep_alive(KeepAlive::default())))
    }

    /// Streams the kept entries and then new ones. A page that reads too slowly misses some.
    fn stream(&self) -> impl Stream<Item = Result<Sent, Infallible>> + use<> {
        let newest = self.lock();
        let (known, coming) = (newest.entries.clone(), self.listeners.subscribe());
        let coming = stream::unfold(coming, async |mut coming| {
            loop {
                match coming.recv().await {
                    Ok(entry) => return Some((entry, coming)),
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return None,
                }
            }
        });
        stream::iter(known).chain(coming).map(|entry| Ok(Sent::default().data(entry)))
    }

    /// Adds an entry and returns its number.
    fn add(&self, route: &str, status: StatusCode, events: Vec<Event>) -> u64 {
        let mut newest = self.lock();
        newest.number = newest.number.wrapping_add(1);
        let entry = Entry {
            number: newest.number,
            at: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64(),
            status: status.as_u16(),
            verdict: verdict(status, &events),
            call: function(&events).unwrap_or_else(|| route.to_owned()),
            reason: reason(status, &events),
            events,
        };
        let entry = serde_json::to_string(&entry).unwrap_or_default();
        if newest.entries.len() == KEPT {
            newest.entries.pop_front();
        }
        newest.entries.push_back(entry.clone());
        // Under the lock, so that a page that connects now gets the entry exactly once. Without listeners `send` fails.
        _ = self.listeners.send(entry);
        newest.number
    }

    fn lock(&self) -> MutexGuard<'_, Newest> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const KEPT: usize = 100;

/// Logs a request. The header of the response is the number of its entry, by which the page finds it.
pub(crate) async fn record(State(log): State<Log>, request: Request, next: Next) -> Response {
    let route = format!("{} {}", request.method(), request.uri().path());
    let (mut response, events) = events::collect(next.run(request)).await;
    if !events.is_empty() {
        let number = log.add(&route, response.status(), events);
        response.headers_mut().insert(HeaderName::from_static("x-log-entry"), number.into());
    }
    response
}

/// Returns a few words: "opened", "logged in", "denied 403".
fn verdict(status: StatusCode, events: &[Event]) -> String {
    let word = match status.as_u16() {
        429 => "throttled",
        500.. => "failed",
        400.. => "denied",
        _ => {
            return events.last().map(|event| event.text.clone()).unwrap_or_default();
        }
    };
    format!("{word} {}", status.as_u16())
}

/// Returns the name of the guarded function that was called. The guards of `AuthRoutes` are named by their routes instead.
fn function(events: &[Event]) -> Option<String> {
    let path = events.iter().rev().find_map(|event| event.field("function"))?;
    let (_, name) = path.rsplit_once("::")?;
    Some(name.to_owned())
}

/// Returns the reason for a denial, or what the caller of an opened function showed.
fn reason(status: StatusCode, events: &[Event]) -> String {
    let Some(last) = events.last() else { return String::new() };
    if status.is_success() {
        let first = events.first().map(|event| event.text.as_str()).unwrap_or_default();
        return match (last.text.as_str(), first) {
            ("opened", "key exchanged") => "the API key was exchanged for a token".to_owned(),
            ("opened", _) if last.field("user").is_none() => "no token is needed".to_owned(),
            ("opened", _) => "the token was verified".to_owned(),
            _ => last.field("user").map(|user| format!("user {user}")).unwrap_or_default(),
        };
    }
    if let Some(seconds) = last.field("retry_after") {
        return format!("wait {seconds} s");
    }
    match ["reason", "error", "denial"].into_iter().find_map(|name| last.field(name)) {
        Some(detail) if last.text == "denied" => detail,
        Some(detail) => format!("{}: {detail}", last.text),
        None => last.text.clone(),
    }
}
