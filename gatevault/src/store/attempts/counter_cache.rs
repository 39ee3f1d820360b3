//! A bounded cache of counters.

use std::collections::BTreeMap;

use crate::store::segmented_map::SegmentedMap;
use crate::throttle::{AttemptKey, Counter};

/// A segmented cache: one half keeps the counters with the most attempts (LFU), the other the most recently used (LRU).
///
/// A counter that leaves the first half moves to the second. One that leaves the second is evicted. A counter is therefore
/// evicted only if half a cache of others was used after it, and half a cache of others had as many attempts.
///
/// LFU alone would not do: a full cache would evict each new counter before its second attempt.
pub(super) struct CounterCache {
    entries: SegmentedMap<AttemptKey, CacheEntry>,
    frequent: BTreeMap<(u32, u64), AttemptKey>,
    recent: BTreeMap<u64, AttemptKey>,
    half_capacity: usize,
    /// The number of uses so far. It orders the uses without a clock.
    uses: u64,
    /// The time up to which the sweep is on schedule. The schedule visits all counters within `forget_after`.
    swept_until: u64,
    /// The segment that the sweep visits next.
    next_segment: usize,
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
            entries: SegmentedMap::default(),
            frequent: BTreeMap::new(),
            recent: BTreeMap::new(),
            half_capacity: capacity.div_ceil(2).max(MIN_HALF_CAPACITY),
            uses: 0,
            swept_until: 0,
            next_segment: 0,
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
        let previous = if let Some(counter) = counter {
            self.uses = self.uses.saturating_add(1);
            let last_use = self.uses;
            self.frequent.insert((counter.attempts, last_use), key);
            self.entries.insert(key, CacheEntry { counter, last_use })
        } else {
            self.entries.remove(&key)
        };
        if let Some(previous) = previous {
            self.unrank(previous);
        }
        self.evict();
    }

    /// Removes the expired counters of a few segments, so that all segments are visited within `forget_after`, or later if
    /// calls are rare.
    ///
    /// An expired counter has no effect, removed or not: see [`Counter::with_attempt`].
    pub(super) fn sweep(&mut self, forget_after: u64, longest_pause: u64, now: u64) {
        self.longest_pause = self.longest_pause.max(longest_pause);
        self.forget_after = self.forget_after.max(forget_after);
        let segments = u64::try_from(self.entries.segments()).unwrap_or(u64::MAX);
        let interval = self.forget_after.checked_div(segments).unwrap_or(self.forget_after);
        for _ in 0..SEGMENTS_PER_SWEEP {
            // Either direction: a clock that was set back does not stop the sweep.
            if now.abs_diff(self.swept_until) < interval {
                return;
            }
            let earliest = now.saturating_sub(self.forget_after);
            self.swept_until = self.swept_until.saturating_add(interval).clamp(earliest, now);
            self.sweep_segment(now);
        }
    }

    fn sweep_segment(&mut self, now: u64) {
        let (longest_pause, forget_after) = (self.longest_pause, self.forget_after);
        let is_expired = |_: &AttemptKey, entry: &mut CacheEntry| {
            entry.counter.is_expired(forget_after, longest_pause, now)
        };
        for (_, entry) in self.entries.extract_from(self.next_segment, is_expired) {
            self.unrank(entry);
        }
        let next = self.next_segment.saturating_add(1);
        self.next_segment = if next < self.entries.segments() { next } else { 0 };
    }

    #[cfg(test)]
    pub(super) fn assert_consistent(&self) {
        assert_eq!(self.frequent.len().saturating_add(self.recent.len()), self.entries.len());
        for ((attempts, last_use), key) in &self.frequent {
            let entry = self.entries.get(key).unwrap();
            assert_eq!((entry.counter.attempts, entry.last_use), (*attempts, *last_use));
        }
        for (last_use, key) in &self.recent {
            assert_eq!(self.entries.get(key).unwrap().last_use, *last_use);
        }
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

/// The number of segments that a sweep visits at most.
const SEGMENTS_PER_SWEEP: usize = 4;
