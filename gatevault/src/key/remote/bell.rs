//! How guards tell the thread that a key is missing: one ring at most between two fetches, and nobody waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use super::super::ring::Feed;

/// The guards' end. It is dropped with the last ring, which the other end notices.
pub(super) struct Button {
    state: Arc<AtomicU8>,
    wire: SyncSender<()>,
}

/// The thread's end.
pub(super) struct Bell {
    state: Arc<AtomicU8>,
    wire: Receiver<()>,
    min_refetch: Duration,
}

/// Both ends, as they are while the first fetch is under way. After a fetch the bell is dead for `min_refetch`.
pub(super) fn bell(min_refetch: Duration) -> (Button, Bell) {
    let state = Arc::new(AtomicU8::new(PENDING));
    let (sender, receiver) = sync_channel(1);
    (Button { state: state.clone(), wire: sender }, Bell { state, wire: receiver, min_refetch })
}

impl Feed for Button {
    fn missed(&self) -> bool {
        match self.state.compare_exchange(READY, PENDING, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => self.wire.try_send(()).is_ok(),
            Err(state) => state == PENDING,
        }
    }
}

impl Bell {
    /// Waits for `pause` between two fetches, or until the bell rings; whether anybody is left to fetch for.
    pub(super) fn wait(&self, pause: Duration) -> bool {
        self.state.store(RESTING, Ordering::Release);
        let rest = pause.min(self.min_refetch);
        // Nobody rings now: what ends this early is that the last ring of keys has gone.
        if self.wire.recv_timeout(rest) != Err(RecvTimeoutError::Timeout) {
            return false;
        }
        self.state.store(READY, Ordering::Release);
        let rung = self.wire.recv_timeout(pause.saturating_sub(rest));
        let is_asked = self.state.swap(PENDING, Ordering::AcqRel) == PENDING;
        match rung {
            Ok(()) => true,
            // Whoever asked at this very moment is about to ring.
            Err(RecvTimeoutError::Timeout) => !is_asked || self.wire.recv().is_ok(),
            Err(RecvTimeoutError::Disconnected) => false,
        }
    }
}

/// A fetch is under way, or about to be.
const PENDING: u8 = 0;
/// There was a fetch a moment ago: a key that is missing now is missing.
const RESTING: u8 = 1;
/// The next key that is missing is worth a fetch.
const READY: u8 = 2;
