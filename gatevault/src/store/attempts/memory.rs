//! Attempts counted in the memory of the process.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::counters::Counters;
use super::known::Known;
use crate::future::StoreFuture;
use crate::throttle::{
    Admission, Attempt, AttemptOutcome, AttemptStore, AttemptTicket, CountedBy, Counter, millis,
};

/// Counts attempts to log in in the memory of the process, for a [`LoginThrottle`](crate::LoginThrottle). Clones share
/// their counts.
///
/// Several processes count apart: whoever can choose between them has the attempts of all.
///
/// # Security
///
/// It is bounded: at most 100,000 counters, of about 160 bytes each, and the known addresses of as many accounts, of 220 to
/// 320 bytes each, or as many as [`holding`](Self::holding) says. A counter of `n` attempts goes before its time only when
/// half as many others as there may be were used since its last attempt, and as many had `n` or more. A flood of
/// names that each come once pushes out nothing but each other. Known addresses are those of the accounts that have logged
/// in last.
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
    table: Arc<Mutex<Table>>,
}

struct Table {
    counters: Counters,
    known: Known,
}

impl MemoryAttempts {
    /// A place for 100,000 counters, and for the known addresses of as many accounts.
    #[must_use]
    pub fn new() -> Self {
        Self::holding(MOST)
    }

    /// A place for so many counters, and for the known addresses of as many accounts.
    #[must_use]
    pub fn holding(counters: usize) -> Self {
        let table = Table { counters: Counters::new(counters), known: Known::new(counters) };
        Self { table: Arc::new(Mutex::new(table)) }
    }

    /// How many counters there are, of accounts and of addresses.
    #[must_use]
    pub fn counters(&self) -> usize {
        self.table().counters.len()
    }

    /// Nothing in there panics; if it did, each counter is whole all the same.
    fn table(&self) -> MutexGuard<'_, Table> {
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

impl Table {
    fn begin(&mut self, attempt: &Attempt) -> Admission {
        let (now, forget_after) = (since_epoch(attempt.now), millis(attempt.forget_after));
        let counted_by = self.counted_by(attempt, now);
        let limits = || attempt.counters(counted_by).map(|(_, limit)| millis(limit.longest_pause()));
        self.counters.sweep(forget_after, limits().max().unwrap_or(0), now);
        let mut longest = Duration::ZERO;
        for (key, limit) in attempt.counters(counted_by) {
            if let Some(counter) = self.counters.get(key) {
                let believed = counter.believed(now);
                longest = longest.max(believed.pause(limit, now));
                if believed != counter {
                    self.counters.put(key, Some(believed));
                }
            }
        }
        if !longest.is_zero() {
            return Admission::RetryAfter(longest);
        }
        for (key, limit) in attempt.counters(counted_by) {
            let another = |counter: Counter| counter.with_another(limit, forget_after, now);
            let counter = self.counters.get(key).map_or_else(|| Counter::first(now), another);
            self.counters.put(key, Some(counter));
        }
        Admission::Admitted(AttemptTicket { counted_by, at: attempt.now })
    }

    fn record_outcome(&mut self, attempt: &Attempt, ticket: AttemptTicket, outcome: AttemptOutcome) {
        let mut counters = attempt.counters(ticket.counted_by).map(|(key, _)| key);
        if outcome == AttemptOutcome::Succeeded {
            if let Some(account) = counters.next() {
                self.counters.put(account, None);
            }
            if let Some(origin) = attempt.origin {
                let (remember_for, now) = (millis(attempt.remember_for), since_epoch(attempt.now));
                self.known.remember(attempt.account, origin.account_at_address, remember_for, now);
            }
        }
        for key in counters {
            if let Some(counter) = self.counters.get(key) {
                self.counters.put(key, counter.without(since_epoch(ticket.at)));
            }
        }
    }

    fn counted_by(&self, attempt: &Attempt, now: u64) -> CountedBy {
        let is_known = attempt.origin.is_some_and(|origin| {
            let remember_for = millis(attempt.remember_for);
            self.known.holds(attempt.account, origin.account_at_address, remember_for, now)
        });
        if is_known { CountedBy::AccountAtAddress } else { CountedBy::Account }
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

/// In milliseconds: a pause of a second that was measured in seconds could be over at once.
fn since_epoch(moment: SystemTime) -> u64 {
    millis(moment.duration_since(UNIX_EPOCH).unwrap_or_default())
}

const MOST: usize = 100_000;
