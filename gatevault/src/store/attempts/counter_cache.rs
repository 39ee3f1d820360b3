//! A bounded cache of counters.

use std::collections::{BTreeMap, HashMap};

use crate::throttle::{AttemptKey, Counter};

/// A segmented cache: one half keeps the counters with the most attempts (LFU), the other the most recently used (LRU).
///
/// A counter that leaves the first half moves to the second. One that leaves the second is evicted. A counter is therefore
/// evicted only if half a cache of others was used after it, and half a cache of others had as many attempts.
///
/// LFU alone would not do: a full cache would evict each new counter before its second attempt.
pub(super) struct CounterCache {
    entries: HashMap<AttemptKey, CacheEntry>,
    frequent: BTreeMap<(u32, u64), AttemptKey>,
    recent: BTreeMap<u64, AttemptKey>,
    half_capacity: usize,
    /// The number of uses so far. It orders the uses without a clock.
    uses: u64,
    swept_at: u64,
    /// The longest pause that any of the counters can have.
    longest_pause: u64,
    /// The longest quiet time of the throttles that share the cache.
    forget_after: u64,
}

#[derive(Clone, Copy)]
struct CacheEntry {
    counter: Counter,
    /// The number of the last use.
    last_use: u64,
}

impl CounterCache {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            entries: HashMap::new(),
            frequent: BTreeMap::new(),
            recent: BTreeMap::new(),
            half_capacity: capacity.div_ceil(2).max(MIN_HALF_CAPACITY),
            uses: 0,
            swept_at: 0,
            longest_pause: 0,
            forget_after: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn get(&self, key: AttemptKey) -> Option<Counter> {
        self.entries.get(&key).map(|entry| entry.counter)
    }

    /// Replaces the counter of `key`, or removes it if `counter` is `None`.
    pub(super) fn put(&mut self, key: AttemptKey, counter: Option<Counter>) {
        if let Some(previous) = self.entries.remove(&key) {
            self.unrank(previous);
        }
        if let Some(counter) = counter {
            self.uses = self.uses.saturating_add(1);
            let last_use = self.uses;
            self.entries.insert(key, CacheEntry { counter, last_use });
            self.frequent.insert((counter.attempts, last_use), key);
            self.evict();
        }
    }

    /// Removes expired counters, at most once per `forget_after`.
    pub(super) fn sweep(&mut self, forget_after: u64, longest_pause: u64, now: u64) {
        self.longest_pause = self.longest_pause.max(longest_pause);
        self.forget_after = self.forget_after.max(forget_after);
        let (longest_pause, forget_after) = (self.longest_pause, self.forget_after);
        if now.abs_diff(self.swept_at) < forget_after {
            return;
        }
        self.swept_at = now;
        let is_expired = |_: &AttemptKey, entry: &mut CacheEntry| {
            entry.counter.is_expired(forget_after, longest_pause, now)
        };
        let expired: Vec<_> = self.entries.extract_if(is_expired).collect();
        for (_, entry) in expired {
            self.unrank(entry);
        }
        self.entries.shrink_to(self.entries.len().saturating_mul(2));
    }

    fn evict(&mut self) {
        if self.frequent.len() > self.half_capacity
            && let Some(((_, last_use), key)) = self.frequent.pop_first()
        {
            self.recent.insert(last_use, key);
        }
        if self.recent.len() > self.half_capacity
            && let Some((_, key)) = self.recent.pop_first()
        {
            self.entries.remove(&key);
        }
    }

    fn unrank(&mut self, entry: CacheEntry) {
        if self.frequent.remove(&(entry.counter.attempts, entry.last_use)).is_none() {
            self.recent.remove(&entry.last_use);
        }
    }
}

/// The smallest cache has room for the counters of an attempt: of a name, of the account found, and of three networks.
const MIN_HALF_CAPACITY: usize = 4;
