//! The channel on which guards request a fetch when a key is missing.
//!
//! Between two fetches at most one request is sent, and guards never block.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use super::super::ring::KeySource;

/// The sending half, held by the key ring. Dropping it with the last clone of the ring ends the thread.
pub(super) struct RefetchSignal {
    state: Arc<AtomicU8>,
    sender: SyncSender<()>,
}

/// The receiving half, held by the thread that fetches.
pub(super) struct RefetchReceiver {
    state: Arc<AtomicU8>,
    receiver: Receiver<()>,
    min_refetch: Duration,
}

/// Creates a channel in the state of a pending fetch, which is the first one. After each fetch the channel accepts no
/// request for `min_refetch`.
pub(super) fn refetch_channel(min_refetch: Duration) -> (RefetchSignal, RefetchReceiver) {
    let state = Arc::new(AtomicU8::new(PENDING));
    let (sender, receiver) = sync_channel(1);
    (RefetchSignal { state: state.clone(), sender }, RefetchReceiver { state, receiver, min_refetch })
}

impl RefetchSignal {
    /// Requests a fetch unless one is pending or has just finished. Returns whether a fetch is pending.
    fn notify(&self) -> bool {
        match self.state.compare_exchange(READY, PENDING, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => self.sender.try_send(()).is_ok(),
            Err(state) => state == PENDING,
        }
    }
}

impl KeySource for RefetchSignal {
    fn missed(&self) -> bool {
        self.notify()
    }
}

impl RefetchReceiver {
    /// Waits for `pause` after a fetch, or until a guard requests another one. Returns whether the ring still exists.
    pub(super) fn wait(&self, pause: Duration) -> bool {
        self.state.store(COOLDOWN, Ordering::Release);
        let cooldown = pause.min(self.min_refetch);
        // No request arrives in this state: anything but a timeout means that the last ring was dropped.
        if self.receiver.recv_timeout(cooldown) != Err(RecvTimeoutError::Timeout) {
            return false;
        }
        self.state.store(READY, Ordering::Release);
        let notified = self.receiver.recv_timeout(pause.saturating_sub(cooldown));
        let is_requested = self.state.swap(PENDING, Ordering::AcqRel) == PENDING;
        match notified {
            Ok(()) => true,
            // A guard that has just changed the state is about to send: take its request.
            Err(RecvTimeoutError::Timeout) => !is_requested || self.receiver.recv().is_ok(),
            Err(RecvTimeoutError::Disconnected) => false,
        }
    }
}

/// A fetch is in progress or about to begin.
const PENDING: u8 = 0;
/// A fetch finished less than `min_refetch` ago: a key that is missing now does not exist.
const COOLDOWN: u8 = 1;
/// The next missing key starts a fetch.
const READY: u8 = 2;
