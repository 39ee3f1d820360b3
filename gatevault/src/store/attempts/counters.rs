//! A bounded table of counters, and which of them go when it is full.

use std::collections::{BTreeMap, HashMap};

use crate::throttle::{AttemptKey, Counter};

/// Half of the counters are there for their attempts, the other half for having been used last: what one half gives up
/// goes to the other, and from there away. So a counter goes only when, since it was used last, half a table of others was,
/// and when half a table of others had as many attempts as it has.
///
/// To keep those with the most attempts alone would let a full table forget each new one before its second attempt.
pub(super) struct Counters {
    entries: HashMap<AttemptKey, Entry>,
    frequent: BTreeMap<(u32, u64), AttemptKey>,
    recent: BTreeMap<u64, AttemptKey>,
    most_in_half: usize,
    /// How often a counter was used: what was used last is known by its number, not by a clock.
    uses: u64,
    swept_at: u64,
    /// The longest pause that any of the counters can have.
    longest_pause: u64,
}

#[derive(Clone, Copy)]
struct Entry {
    counter: Counter,
    /// The number of its last use.
    used: u64,
}

impl Counters {
    pub(super) fn new(most: usize) -> Self {
        Self {
            entries: HashMap::new(),
            frequent: BTreeMap::new(),
            recent: BTreeMap::new(),
            most_in_half: most.div_ceil(2).max(LEAST_IN_HALF),
            uses: 0,
            swept_at: 0,
            longest_pause: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn get(&self, key: AttemptKey) -> Option<Counter> {
        self.entries.get(&key).map(|entry| entry.counter)
    }

    /// Keeps the counter in the place of the former one, if it is not to be forgotten.
    pub(super) fn put(&mut self, key: AttemptKey, counter: Option<Counter>) {
        if let Some(former) = self.entries.remove(&key) {
            self.unrank(former);
        }
        if let Some(counter) = counter {
            self.uses = self.uses.saturating_add(1);
            let used = self.uses;
            self.entries.insert(key, Entry { counter, used });
            self.frequent.insert((counter.attempts, used), key);
            self.make_room();
        }
    }

    /// Forgets what a quiet time has taken, each quiet time once.
    pub(super) fn sweep(&mut self, forget_after: u64, longest_pause: u64, now: u64) {
        self.longest_pause = self.longest_pause.max(longest_pause);
        let longest_pause = self.longest_pause;
        if now.abs_diff(self.swept_at) < forget_after {
            return;
        }
        self.swept_at = now;
        let is_forgotten =
            |_: &AttemptKey, entry: &mut Entry| entry.counter.is_forgotten(forget_after, longest_pause, now);
        let forgotten: Vec<_> = self.entries.extract_if(is_forgotten).collect();
        for (_, entry) in forgotten {
            self.unrank(entry);
        }
        self.entries.shrink_to(self.entries.len().saturating_mul(2));
    }

    fn make_room(&mut self) {
        if self.frequent.len() > self.most_in_half
            && let Some(((_, used), key)) = self.frequent.pop_first()
        {
            self.recent.insert(used, key);
        }
        if self.recent.len() > self.most_in_half
            && let Some((_, key)) = self.recent.pop_first()
        {
            self.entries.remove(&key);
        }
    }

    fn unrank(&mut self, entry: Entry) {
        if self.frequent.remove(&(entry.counter.attempts, entry.used)).is_none() {
            self.recent.remove(&entry.used);
        }
    }
}

/// Both counters of an attempt must have a place.
const LEAST_IN_HALF: usize = 2;
