//! The time until which the list of revocations may be trusted: the earliest one of the feeds that deny tokens when they are stale.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::clock::Timestamp;
use crate::token::TokenManager;

/// The trust in a list of revocations, which its feeds limit.
pub(super) struct Trust {
    /// The last second of the feed that limits it most; `u64::MAX` if none has ever limited it. Guards read only this.
    last: AtomicU64,
    limits: Mutex<Limits>,
}

#[derive(Default)]
struct Limits {
    /// The numbers of the feeds, and the last second of each.
    feeds: Vec<(u64, u64)>,
    next_number: u64,
}

impl Trust {
    /// Returns the last second in which the list may be trusted.
    #[inline]
    pub(super) fn last(&self) -> u64 {
        self.last.load(Ordering::Relaxed)
    }

    /// Adds a feed that has not answered yet, and returns its number.
    fn add(&self) -> u64 {
        self.change(|limits| {
            let number = limits.next_number;
            limits.next_number = number.saturating_add(1);
            limits.feeds.push((number, Timestamp::FIRST_SECOND.seconds()));
            number
        })
    }

    fn set(&self, number: u64, last: Timestamp) {
        self.change(|limits| {
            let feed = limits.feeds.iter_mut().find(|(feed, _)| *feed == number);
            if let Some((_, until)) = feed {
                *until = last.seconds();
            }
        });
    }

    fn remove(&self, number: u64) {
        self.change(|limits| limits.feeds.retain(|(feed, _)| *feed != number));
    }

    /// Applies a change to the limits and publishes the earliest one. The limit of the last feed stays when the feed is removed: without a
    /// feed, the list becomes too old.
    fn change<T>(&self, change: impl FnOnce(&mut Limits) -> T) -> T {
        let mut limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        let result = change(&mut limits);
        if let Some(earliest) = limits.feeds.iter().map(|(_, last)| *last).min() {
            self.last.store(earliest, Ordering::Relaxed);
        }
        result
    }
}

impl Default for Trust {
    fn default() -> Self {
        Self { last: AtomicU64::new(u64::MAX), limits: Mutex::default() }
    }
}

/// A guard: the limit that one feed sets to the trust of a manager in its revocations. Dropping it removes the limit if other
/// feeds set theirs.
pub(crate) struct TrustLimit {
    tokens: TokenManager,
    number: u64,
}

impl TrustLimit {
    /// Sets the limit. The manager rejects every token after this second, until the next call.
    pub(crate) fn extend_to(&self, last: Timestamp) {
        self.tokens.revocations().trust.set(self.number, last);
    }
}

impl Drop for TrustLimit {
    fn drop(&mut self) {
        self.tokens.revocations().trust.remove(self.number);
    }
}

impl TokenManager {
    /// Adds a limit of the trust in the revocations, of a feed. The manager rejects every token until the feed extends its limit.
    pub(crate) fn limit_trust(&self) -> TrustLimit {
        TrustLimit { tokens: self.clone(), number: self.revocations().trust.add() }
    }
}
