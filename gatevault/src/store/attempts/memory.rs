//! `MemoryAttempts`.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::counter_cache::CounterCache;
use super::known_addresses::KnownAddresses;
use crate::future::StoreFuture;
use crate::throttle::{
    Admission, Attempt, AttemptOutcome, AttemptStore, AttemptTicket, CountedBy, Counter, CounterChange,
    millis,
};

/// An attempt store in the memory of the process, for a [`LoginThrottle`](crate::LoginThrottle). Clones share their
/// counters.
///
/// Each process counts for itself: an attacker who can choose between processes has the free attempts of all of them.
///
/// # Security
///
/// Memory is bounded by default to 100,000 counters of about 160 bytes each, and to the known addresses of as many
/// accounts, of 220 to 320 bytes each. [`holding`](Self::holding) sets another bound.
///
/// The counters are a segmented cache, half LFU and half LRU. A counter with `n` attempts is evicted early only if half a
/// cache of other counters was used after its last attempt and as many have `n` attempts or more. A flood of names that
/// each occur once evicts only counters of the flood. An attempt has up to seven counters, and an attacker with one IPv6 /48
/// has 320 attempts before it pauses: some 1,300 counters. Known addresses are kept for the accounts with the latest logins.
///
/// # Examples
///
/// ```
/// use gatevault::{LoginThrottle, MemoryAttempts};
///
/// let attempts = MemoryAttempts::new();
/// let throttle = LoginThrottle::new(attempts.clone());
/// assert_eq!(attempts.counters(), 0);
/// ```
#[derive(Clone)]
pub struct MemoryAttempts {
    table: Arc<Mutex<AttemptTable>>,
}

struct AttemptTable {
    counters: CounterCache,
    known: KnownAddresses,
}

impl MemoryAttempts {
    /// Creates a store for 100,000 counters, and for the known addresses of as many accounts.
    #[must_use]
    pub fn new() -> Self {
        Self::holding(DEFAULT_CAPACITY)
    }

    /// Creates a store for this number of counters, and for the known addresses of as many accounts.
    #[must_use]
    pub fn holding(counters: usize) -> Self {
        let table =
            AttemptTable { counters: CounterCache::new(counters), known: KnownAddresses::new(counters) };
        Self { table: Arc::new(Mutex::new(table)) }
    }

    /// Returns the number of counters, of accounts and of networks.
    #[must_use]
    pub fn counters(&self) -> usize {
        self.table().counters.len()
    }

    /// Locks the table. Poisoning is ignored: no code under the lock panics, and each counter would stay consistent.
    fn table(&self) -> MutexGuard<'_, AttemptTable> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AttemptStore for MemoryAttempts {
    fn begin(&self, attempt: Attempt) -> StoreFuture<'_, Admission> {
        Box::pin(async move { Ok(self.table().begin(&attempt)) })
    }

    fn record_outcome(
        &self,
        attempt: Attempt,
        ticket: AttemptTicket,
        outcome: AttemptOutcome,
    ) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            self.table().record_outcome(&attempt, ticket, outcome);
            Ok(())
        })
    }

    fn is_shared(&self) -> bool {
        false
    }
}

impl AttemptTable {
    fn begin(&mut self, attempt: &Attempt) -> Admission {
        let (now, forget_after) = (since_epoch(attempt.now), millis(attempt.forget_after));
        let choices = attempt.choices(self.is_known_address(attempt, now));
        let counters = choices.iter().flat_map(|choice| attempt.counters(*choice));
        let longest = counters.map(|(_, limit)| millis(limit.longest_pause())).max();
        self.counters.sweep(forget_after, longest.unwrap_or(0), now);
        let mut shortest = Duration::MAX;
        for counted_by in choices.iter().copied() {
            let pause = self.pause(attempt, counted_by, now);
            if pause.is_zero() {
                self.count(attempt, counted_by, now);
                return Admission::Admitted(AttemptTicket::new(counted_by, attempt.now));
            }
            shortest = shortest.min(pause);
        }
        Admission::RetryAfter(shortest)
    }

    /// Returns the longest remaining pause of the counters.
    fn pause(&mut self, attempt: &Attempt, counted_by: CountedBy, now: u64) -> Duration {
        let mut longest = Duration::ZERO;
        for (key, limit) in attempt.counters(counted_by) {
            if let Some(counter) = self.counters.get(key) {
                let clamped = counter.clamped(now);
                longest = longest.max(clamped.pause(limit, now));
                if clamped != counter {
                    self.counters.put(key, Some(clamped));
                }
            }
        }
        longest
    }

    fn count(&mut self, attempt: &Attempt, counted_by: CountedBy, now: u64) {
        let forget_after = millis(attempt.forget_after);
        for (key, limit) in attempt.counters(counted_by) {
            let increment = |counter: Counter| counter.with_attempt(limit, forget_after, now);
            let counter = self.counters.get(key).map_or_else(|| Counter::first(now), increment);
            self.counters.put(key, Some(counter));
        }
    }

    fn record_outcome(&mut self, attempt: &Attempt, ticket: AttemptTicket, outcome: AttemptOutcome) {
        for (key, change) in attempt.changes(ticket.counted_by, outcome) {
            if let Some(counter) = self.counters.get(key) {
                let changed = match change {
                    CounterChange::Delete => None,
                    CounterChange::Refund => counter.refunded(since_epoch(ticket.at)),
                };
                self.counters.put(key, changed);
            }
        }
        if outcome == AttemptOutcome::Succeeded
            && let Some(origin) = attempt.origin
        {
            let (remember_for, now) = (millis(attempt.remember_for), since_epoch(attempt.now));
            self.known.record_login(attempt.account, origin.account_at_address, remember_for, now);
        }
    }

    fn is_known_address(&self, attempt: &Attempt, now: u64) -> bool {
        let remember_for = millis(attempt.remember_for);
        attempt.origin.is_some_and(|origin| {
            self.known.contains(attempt.account, origin.account_at_address, remember_for, now)
        })
    }
}

impl Default for MemoryAttempts {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryAttempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryAttempts").field("counters", &self.counters()).finish_non_exhaustive()
    }
}

/// Returns the time in milliseconds: measured in seconds, a pause of one second could end at once.
fn since_epoch(time: SystemTime) -> u64 {
    millis(time.duration_since(UNIX_EPOCH).unwrap_or_default())
}

const DEFAULT_CAPACITY: usize = 100_000;
