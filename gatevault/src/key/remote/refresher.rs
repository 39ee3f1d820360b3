//! The background thread that fetches an issuer's keys into a ring.

use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::time::Duration;

use super::super::ring::RingState;
use super::super::snapshot::KeySnapshot;
use super::super::{JwkSet, KeyRing, RingKey, SkippedKey, VerifyingKey};
use super::failure::FetchFailure;
use super::refetch::{FetchOutcome, RefetchReceiver};
use super::source::KeySetSource;
use super::transport::Transport;
use super::url::SchemePolicy;
use crate::clock::{Clock, Timestamp};
use crate::error::FetchError;
use crate::event::{Decision, Event};

/// The state of the thread. It holds the ring weakly and ends when the ring is dropped.
pub(super) struct Refresher {
    pub(super) ring: Weak<RingState>,
    pub(super) source: KeySetSource,
    pub(super) schemes: SchemePolicy,
    pub(super) transport: Transport,
    pub(super) refetch: RefetchReceiver,
    pub(super) clock: Box<dyn Clock>,
    pub(super) refresh_interval: Duration,
    pub(super) max_stale: Duration,
    pub(super) first_set: Arc<FirstSet>,
}

/// The arrival of the first key set: `Err` with the reason of the last failure until then. Callers can wait for it.
pub(super) struct FirstSet {
    state: Mutex<FirstOutcome>,
    changed: Condvar,
}

/// The outcome of the last fetch, until one succeeds.
struct FirstOutcome {
    result: Result<(), FetchError>,
    /// True once a fetch has ended.
    is_known: bool,
}

impl Refresher {
    /// Fetches until the ring is dropped.
    pub(super) fn run(mut self) {
        let mut retry = FIRST_RETRY;
        let mut known = String::new();
        loop {
            let fetched = self.source.read(self.schemes, &mut self.transport);
            let Some(shared) = self.ring.upgrade() else {
                return;
            };
            let ring = KeyRing { shared };
            let stored = fetched.and_then(|keys| self.store(&ring, &keys, &mut known));
            // Holding the ring during the wait would keep it alive.
            drop(ring);
            let (outcome, pause) = match stored {
                Ok(()) => {
                    retry = FIRST_RETRY;
                    (FetchOutcome::Stored, self.refresh_interval)
                }
                Err(failure) => {
                    let pause = retry.min(self.refresh_interval);
                    retry = pause.saturating_mul(2);
                    self.report_failure(failure, pause);
                    (FetchOutcome::Failed, pause)
                }
            };
            if !self.refetch.wait(outcome, pause) {
                return;
            }
        }
    }

    /// Replaces all keys of the ring. Each key verifies until `max_stale` has passed.
    fn store(&self, ring: &KeyRing, set: &JwkSet, known: &mut String) -> Result<(), FetchFailure> {
        let now = Timestamp::now(&*self.clock);
        let until = now.map_err(|reason| FetchFailure::new(self.source.url(), reason))?.after(self.max_stale);
        let mut fresh: Vec<RingKey> = set.keys().iter().cloned().map(RingKey::from).collect();
        for key in &mut fresh {
            key.until = Some(until);
        }
        ring.publish(KeySnapshot::of_issuer(fresh, set.skipped().to_vec()), &ring.policy());
        self.first_set.record_outcome(Ok(()));
        let published = set.to_json();
        if *known != published {
            let named = |key: &VerifyingKey| format!("{} {}", key.algorithm(), key.id().unwrap_or_default());
            let keys = set.keys().iter().map(named).collect();
            let skipped = set.skipped().iter().map(described).collect();
            let source = self.source.url().to_owned();
            Event::new(Decision::RemoteKeysChanged { source, keys, skipped }).emit();
            *known = published;
        }
        Ok(())
    }

    /// Emits the event of a failed fetch and passes the reason to the callers of `wait`.
    fn report_failure(&self, failure: FetchFailure, retry: Duration) {
        let source = self.source.url();
        let FetchFailure { url, reason, .. } = &failure;
        let (url, reason) = (url.clone(), reason.to_string());
        Event::new(Decision::RemoteKeysFailed { source: source.to_owned(), url, reason, retry }).emit();
        self.first_set.record_outcome(Err(failure.into_error(source)));
    }
}

impl FirstSet {
    /// Creates the state before the first fetch has finished.
    pub(super) fn pending(source: &KeySetSource) -> Self {
        let failure = FetchFailure::new(source.url(), "no response yet");
        let outcome = FirstOutcome { result: Err(failure.into_error(source.url())), is_known: false };
        Self { state: Mutex::new(outcome), changed: Condvar::new() }
    }

    /// Waits for the first key set, at most `timeout`.
    pub(super) fn wait(&self, timeout: Duration) -> Result<(), FetchError> {
        self.wait_while(timeout, |state| state.result.is_err())
    }

    /// Waits for the first fetch, at most `timeout`.
    pub(super) fn wait_for_outcome(&self, timeout: Duration) -> Result<(), FetchError> {
        self.wait_while(timeout, |state| !state.is_known)
    }

    fn wait_while(
        &self,
        timeout: Duration,
        condition: impl Fn(&FirstOutcome) -> bool,
    ) -> Result<(), FetchError> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(state, timeout, |state| condition(state));
        waited.unwrap_or_else(PoisonError::into_inner).0.result.clone()
    }

    /// Records the outcome of a fetch. Outcomes after the first success change nothing.
    fn record_outcome(&self, result: Result<(), FetchError>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.result.is_err() {
            *state = FirstOutcome { result, is_known: true };
            self.changed.notify_all();
        }
    }
}

/// Returns the id of a key that cannot be used, and the reason.
fn described(key: &SkippedKey) -> String {
    format!("{:?}: {}", key.id.as_deref().unwrap_or_default(), key.reason)
}

const FIRST_RETRY: Duration = Duration::from_secs(1);
