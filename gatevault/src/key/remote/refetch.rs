//! The channel on which guards report missing keys to the thread that fetches.
//!
//! A missing key is pending until a fetch that began after its report has finished. If that fetch succeeds and does not
//! bring the key, the key is absent until the cooldown ends. A report concerns no other key, so tokens with invented
//! key ids cannot turn a new key into an absent one. Guards take a lock for a lookup and never wait for a fetch.

use std::collections::BTreeSet;
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::super::ring::KeySource;

/// The sending half, held by the key ring. Dropping it with the last clone of the ring ends the thread.
pub(super) struct RefetchSignal(Arc<Channel>);

/// The receiving half, held by the thread that fetches.
pub(super) struct RefetchReceiver {
    channel: Arc<Channel>,
    min_refetch: Duration,
}

/// The result of a fetch, as far as it answers reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FetchOutcome {
    /// The ring has the issuer's current keys.
    Stored,
    /// The fetch failed and says nothing about any key.
    Failed,
}

#[derive(Default)]
struct Channel {
    reports: Mutex<Reports>,
    changed: Condvar,
}

/// Hashes of what tokens name as their key. Each set is bounded.
#[derive(Default)]
struct Reports {
    /// Reported since the last fetch began. The next fetch answers them.
    waiting: BTreeSet<u64>,
    /// Reported before the current fetch began, which answers them.
    fetching: BTreeSet<u64>,
    /// Not brought by the last fetch, which succeeded. Empty when the cooldown is over.
    absent: BTreeSet<u64>,
    is_closed: bool,
}

/// Creates a channel in the state of a fetch in progress, which is the first one. After each fetch there is no other one
/// for `min_refetch`, except the regular ones.
pub(super) fn refetch_channel(min_refetch: Duration) -> (RefetchSignal, RefetchReceiver) {
    let channel = Arc::new(Channel::default());
    (RefetchSignal(channel.clone()), RefetchReceiver { channel, min_refetch })
}

impl KeySource for RefetchSignal {
    fn missed(&self, wanted: u64) -> bool {
        let mut reports = self.0.lock();
        if reports.absent.contains(&wanted) {
            return false;
        }
        let is_new = !reports.fetching.contains(&wanted) && !reports.waiting.contains(&wanted);
        // Reports beyond the bound are not stored: they stay pending, and a fetch follows anyway.
        if is_new && reports.waiting.len() < MAX_REPORTS {
            reports.waiting.insert(wanted);
            self.0.changed.notify_one();
        }
        true
    }
}

impl Drop for RefetchSignal {
    fn drop(&mut self) {
        self.0.lock().is_closed = true;
        self.0.changed.notify_one();
    }
}

impl RefetchReceiver {
    /// Waits for `pause` after a fetch, or until the cooldown is over and a key is missing. Returns whether the ring
    /// still exists.
    pub(super) fn wait(&self, outcome: FetchOutcome, pause: Duration) -> bool {
        let cooldown = pause.min(self.min_refetch);
        let mut reports = self.channel.lock();
        reports.record(outcome);
        let mut reports = self.channel.wait_while(reports, cooldown, |reports| !reports.is_closed);
        reports.absent.clear();
        let is_idle = |reports: &Reports| !reports.is_closed && reports.waiting.is_empty();
        let mut reports = self.channel.wait_while(reports, pause.saturating_sub(cooldown), is_idle);
        reports.fetching = mem::take(&mut reports.waiting);
        !reports.is_closed
    }
}

impl Reports {
    /// Records what a fetch says about the keys that were reported before it began.
    fn record(&mut self, outcome: FetchOutcome) {
        let answered = mem::take(&mut self.fetching);
        match outcome {
            FetchOutcome::Stored => self.absent = answered,
            FetchOutcome::Failed => {
                let room = MAX_REPORTS.saturating_sub(self.waiting.len());
                self.waiting.extend(answered.into_iter().take(room));
            }
        }
    }
}

impl Channel {
    // A poisoned lock is safe to use: no step between two changes of the sets can panic.
    fn lock(&self) -> MutexGuard<'_, Reports> {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits while a condition holds, at most `timeout`.
    fn wait_while<'r>(
        &self,
        reports: MutexGuard<'r, Reports>,
        timeout: Duration,
        condition: impl Fn(&Reports) -> bool,
    ) -> MutexGuard<'r, Reports> {
        let waited = self.changed.wait_timeout_while(reports, timeout, |reports| condition(reports));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// The maximum size of a set, far more than the keys of any issuer.
const MAX_REPORTS: usize = 1024;
