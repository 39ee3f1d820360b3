//! The sinks that receive events: one for the process, and in tests one for a thread.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use tracing::Level;
use tracing::level_filters::LevelFilter;

use super::{Event, test_sink};
use crate::error::ConfigError;

/// Receives events. Every closure over `&Event` is a sink.
///
/// A sink runs on the thread that decides, before the call continues, so it must not wait: send the event to a channel if its
/// work takes time. A panic of a sink is caught and logged, and changes no decision. Events that are created inside a sink, such as
/// by a guarded function that it calls, are only logged.
pub trait EventSink: Send + Sync + 'static {
    /// Records an event.
    fn record(&self, event: &Event);
}

impl<F: Fn(&Event) + Send + Sync + 'static> EventSink for F {
    fn record(&self, event: &Event) {
        self(event);
    }
}

/// Installs the sink of this process. The log gets every event too.
///
/// A sink receives every decision, also each opened call: reading the caller of such a call costs about as much as parsing the
/// claims of its token once more. Without a sink, and with the log of `gatevault` above `DEBUG`, an opened call costs nothing.
///
/// # Errors
///
/// [`ConfigError::SinkInstalled`] if a sink is installed already. The first one stays.
///
/// # Examples
///
/// See the [module](crate::event).
pub fn install(sink: impl EventSink) -> Result<(), ConfigError> {
    INSTALLED.set(Box::new(sink)).map_err(|_| ConfigError::SinkInstalled)?;
    expect_events();
    Ok(())
}

/// Returns whether a log or a sink receives the event of an opened call.
#[inline]
pub(crate) fn wants_opened() -> bool {
    HAS_SINK.load(Ordering::Relaxed) || LevelFilter::current() >= LevelFilter::DEBUG && is_logged_at_debug()
}

/// Returns whether the log has messages of this library at `DEBUG`: `RUST_LOG=info,app=debug` allows the level for others only.
#[cold]
fn is_logged_at_debug() -> bool {
    tracing::enabled!(target: "gatevault", Level::DEBUG)
}

/// Requests events for opened calls.
pub(super) fn expect_events() {
    HAS_SINK.store(true, Ordering::Relaxed);
}

/// Passes an event to the sinks.
pub(super) fn send(event: &Event) {
    if !HAS_SINK.load(Ordering::Relaxed) {
        return;
    }
    let Some(_inside) = Inside::enter() else { return };
    let deliver = || {
        test_sink::record(event);
        if let Some(sink) = INSTALLED.get() {
            sink.record(event);
        }
    };
    if catch_unwind(AssertUnwindSafe(deliver)).is_err() {
        tracing::error!(target: "gatevault", event = event.decision.name(), "event sink panicked");
    }
}

/// A guard: this thread is inside a sink until it is dropped.
struct Inside;

impl Inside {
    /// Creates a guard, unless this thread is inside a sink.
    fn enter() -> Option<Self> {
        // Fails only while the thread ends: then no event is lost, because none can be nested.
        let was_inside = IS_INSIDE.try_with(|inside| inside.replace(true)).unwrap_or_default();
        (!was_inside).then_some(Self)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        IS_INSIDE.try_with(|inside| inside.set(false)).ok();
    }
}

thread_local! {
    static IS_INSIDE: Cell<bool> = const { Cell::new(false) };
}

static INSTALLED: OnceLock<Box<dyn EventSink>> = OnceLock::new();

/// True once a sink was installed. It never becomes false again: a guard asks it in each call, so it is one load.
static HAS_SINK: AtomicBool = AtomicBool::new(false);
