//! The background thread that fetches an issuer's keys into a ring.

use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::time::Duration;

use super::super::ring::{KeySnapshot, RingState};
use super::super::{JwkSet, KeyRing, RingKey};
use super::refetch::RefetchReceiver;
use super::source::{Fetch, KeySetSource};
use super::url::SchemePolicy;
use crate::clock::{Clock, Timestamp};
use crate::error::{BoxError, FetchError};

/// The state of the thread. It holds the ring weakly and ends when the ring is dropped.
pub(super) struct Refresher {
    pub(super) ring: Weak<RingState>,
    pub(super) source: KeySetSource,
    pub(super) schemes: SchemePolicy,
    pub(super) fetch: Box<Fetch>,
    pub(super) refetch: RefetchReceiver,
    pub(super) clock: Box<dyn Clock>,
    pub(super) refresh_interval: Duration,
    pub(super) max_stale: Duration,
    pub(super) first_set: Arc<FirstSet>,
}

/// The arrival of the first key set: `Err` with the reason of the last failure until then. Callers can wait for it.
pub(super) struct FirstSet {
    state: Mutex<Result<(), FetchError>>,
    changed: Condvar,
}

impl Refresher {
    /// Fetches until the ring is dropped.
    pub(super) fn run(mut self) {
        let mut retry = FIRST_RETRY;
        let mut known = String::new();
        loop {
            let fetched = self.source.read(self.schemes, &mut *self.fetch);
            let Some(shared) = self.ring.upgrade() else {
                return;
            };
            let ring = KeyRing { shared };
            let stored = fetched.and_then(|keys| self.store(&ring, &keys, &mut known));
            // Holding the ring during the wait would keep it alive.
            drop(ring);
            let pause = match stored {
                Ok(()) => {
                    retry = FIRST_RETRY;
                    self.refresh_interval
                }
                Err(reason) => {
                    let pause = retry.min(self.refresh_interval);
                    retry = pause.saturating_mul(2);
                    self.report_failure(reason, pause);
                    pause
                }
            };
            if !self.refetch.wait(pause) {
                return;
            }
        }
    }

    /// Replaces all keys of the ring. Each key verifies until `max_stale` has passed.
    fn store(&self, ring: &KeyRing, set: &JwkSet, known: &mut String) -> Result<(), BoxError> {
        let until = Timestamp::now(&*self.clock)?.after(self.max_stale);
        let mut fresh: Vec<RingKey> = set.keys().iter().cloned().map(RingKey::from).collect();
        for key in &mut fresh {
            key.until = Some(until);
        }
        let fresh = KeySnapshot::verifying(fresh)?;
        ring.change(|keys| {
            *keys = fresh;
            Ok(())
        })?;
        self.first_set.record_outcome(Ok(()));
        let published = set.to_json();
        if *known != published {
            let (keys, skipped) = (set.keys(), set.skipped());
            tracing::info!(target: "gatevault", url = ?self.source.url(), ?keys, ?skipped, "remote keys changed");
            *known = published;
        }
        Ok(())
    }

    /// Logs a failed fetch and passes the reason to the callers of `wait`.
    fn report_failure(&self, reason: BoxError, retry: Duration) {
        let url = self.source.url();
        // Logged with `Debug`, which escapes it: the text can contain what the server sent.
        let text = reason.to_string();
        tracing::warn!(target: "gatevault", ?url, reason = ?text, ?retry, "remote key fetch failed");
        self.first_set.record_outcome(Err(FetchError { url: url.to_owned(), reason: reason.into() }));
    }
}

impl FirstSet {
    /// Creates the state before the first fetch has finished.
    pub(super) fn pending(source: &KeySetSource) -> Self {
        let reason = BoxError::from("no response yet");
        let error = FetchError { url: source.url().to_owned(), reason: reason.into() };
        Self { state: Mutex::new(Err(error)), changed: Condvar::new() }
    }

    /// Waits for the first key set, at most `timeout`.
    pub(super) fn wait(&self, timeout: Duration) -> Result<(), FetchError> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(state, timeout, |state| state.is_err());
        waited.unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    /// Records the outcome of a fetch. Outcomes after the first success change nothing.
    fn record_outcome(&self, outcome: Result<(), FetchError>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.is_err() {
            *state = outcome;
            self.changed.notify_all();
        }
    }
}

const FIRST_RETRY: Duration = Duration::from_secs(1);
