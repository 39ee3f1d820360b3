//! The thread that keeps a ring's keys what their issuer says they are.

use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::time::Duration;

use super::super::ring::{Keys, Shared};
use super::super::{JwkSet, KeyRing, RingKey};
use super::address::Scheme;
use super::bell::Bell;
use super::source::{Fetch, Source};
use crate::clock::{Clock, Timestamp};
use crate::error::{BoxError, FetchError};

/// What the thread owns. It holds the ring weakly and ends with it.
pub(super) struct Refresher {
    pub(super) ring: Weak<Shared>,
    pub(super) source: Source,
    pub(super) scheme: Scheme,
    pub(super) fetch: Box<Fetch>,
    pub(super) bell: Bell,
    pub(super) clock: Box<dyn Clock>,
    pub(super) refresh_interval: Duration,
    pub(super) max_stale: Duration,
    pub(super) first_set: Arc<FirstSet>,
}

/// Whether a set of keys has come yet, for who waits for it; until then, why not.
pub(super) struct FirstSet {
    state: Mutex<Result<(), FetchError>>,
    changed: Condvar,
}

impl Refresher {
    /// Fetches until nobody holds the ring.
    pub(super) fn run(mut self) {
        let mut retry = FIRST_RETRY;
        let mut known = String::new();
        loop {
            let fetched = self.source.read(self.scheme, &mut *self.fetch);
            let Some(shared) = self.ring.upgrade() else {
                return;
            };
            let ring = KeyRing { shared };
            let stored = fetched.and_then(|keys| self.store(&ring, &keys, &mut known));
            // What is held while waiting could not end.
            drop(ring);
            let pause = match stored {
                Ok(()) => {
                    retry = FIRST_RETRY;
                    self.refresh_interval
                }
                Err(reason) => {
                    let pause = retry.min(self.refresh_interval);
                    retry = pause.saturating_mul(2);
                    self.fail(reason, pause);
                    pause
                }
            };
            if !self.bell.wait(pause) {
                return;
            }
        }
    }

    /// Replaces all keys of the ring; each verifies until the set is too old to be believed.
    fn store(&self, ring: &KeyRing, set: &JwkSet, known: &mut String) -> Result<(), BoxError> {
        let until = Timestamp::now(&*self.clock)?.after(self.max_stale);
        let mut fresh: Vec<RingKey> = set.keys().iter().cloned().map(RingKey::from).collect();
        for key in &mut fresh {
            key.until = Some(until);
        }
        let fresh = Keys::verifying(fresh)?;
        ring.change(|keys| {
            *keys = fresh;
            Ok(())
        })?;
        self.first_set.settle(Ok(()));
        let published = set.to_json();
        if *known != published {
            let (keys, skipped) = (set.keys(), set.skipped());
            tracing::info!(target: "gatevault", url = ?self.source.url(), ?keys, ?skipped, "keys changed");
            *known = published;
        }
        Ok(())
    }

    fn fail(&self, reason: BoxError, retry: Duration) {
        let url = self.source.url();
        // Escaped, since a server can have a say in it.
        let text = reason.to_string();
        tracing::warn!(target: "gatevault", ?url, reason = ?text, ?retry, "keys could not be fetched");
        self.first_set.settle(Err(FetchError { url: url.to_owned(), reason: reason.into() }));
    }
}

impl FirstSet {
    pub(super) fn awaited_from(source: &Source) -> Self {
        let reason = BoxError::from("there is no answer yet");
        let error = FetchError { url: source.url().to_owned(), reason: reason.into() };
        Self { state: Mutex::new(Err(error)), changed: Condvar::new() }
    }

    /// Waits until it is there, or for `timeout`.
    pub(super) fn wait(&self, timeout: Duration) -> Result<(), FetchError> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(state, timeout, |state| state.is_err());
        waited.unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    /// What a fetch has come to. Once there was a set, it has come.
    fn settle(&self, outcome: Result<(), FetchError>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.is_err() {
            *state = outcome;
            self.changed.notify_all();
        }
    }
}

const FIRST_RETRY: Duration = Duration::from_secs(1);
