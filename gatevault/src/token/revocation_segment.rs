//! A hash table with lock-free lookups: open addressing over atomics. Only one thread writes at a time.

use std::iter;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// A 63-bit hash of a revoked id.
///
/// With a million entries, one lookup in 10^13 finds another id's entry and rejects a valid token.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fingerprint(u64);

/// A time and its meaning, packed into one word by `revocation`. The larger of two entries for one fingerprint wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry(pub(super) u64);

/// A part of the table. The default one has no slots.
#[derive(Default)]
pub(super) struct Segment {
    slots: Box<[Slot]>,
    used: AtomicUsize,
}

/// A slot is empty while its fingerprint is zero.
#[derive(Default)]
struct Slot {
    fingerprint: AtomicU64,
    entry: AtomicU64,
}

impl Fingerprint {
    /// Creates a fingerprint from a hash. It is never zero.
    pub(super) fn new(hash: u64) -> Self {
        Self(hash | 1)
    }

    /// Returns bits that do not choose the slot.
    #[inline]
    pub(super) fn low_bits(self) -> usize {
        usize::try_from(self.0 >> 1 & u64::from(u16::MAX)).unwrap_or_default()
    }
}

impl Segment {
    /// Creates an empty segment that holds twice as many `entries` before it is full.
    fn with_capacity(entries: usize) -> Self {
        let length = entries.saturating_mul(4).next_power_of_two().max(LEAST);
        Self { slots: (0..length).map(|_| Slot::default()).collect(), used: AtomicUsize::new(0) }
    }

    /// Copies the entries that match into a segment with room for as many more.
    pub(super) fn copy_if(&self, is_needed: impl Fn(Entry) -> bool) -> Self {
        let needed = || self.iter().filter(|(_, entry)| is_needed(*entry));
        let copy = Self::with_capacity(needed().count());
        for (fingerprint, entry) in needed() {
            copy.add(fingerprint, entry);
        }
        copy
    }

    pub(super) fn len(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    pub(super) fn slots(&self) -> usize {
        self.slots.len()
    }

    /// Returns the entry of a fingerprint.
    pub(super) fn find(&self, fingerprint: Fingerprint) -> Option<Entry> {
        for slot in self.probe(fingerprint) {
            match slot.fingerprint.load(Ordering::Acquire) {
                0 => return None,
                found if found == fingerprint.0 => return Some(Entry(slot.entry.load(Ordering::Relaxed))),
                _ => {}
            }
        }
        None
    }

    /// Adds an entry, or raises an existing one. Returns `false` if the segment is full.
    ///
    /// Only one thread may call this at a time.
    pub(super) fn add(&self, fingerprint: Fingerprint, entry: Entry) -> bool {
        for slot in self.probe(fingerprint) {
            match slot.fingerprint.load(Ordering::Relaxed) {
                0 if self.len().saturating_mul(2) >= self.slots.len() => return false,
                0 => {
                    // The entry first: a reader that sees the fingerprint must see the entry too.
                    slot.entry.store(entry.0, Ordering::Relaxed);
                    slot.fingerprint.store(fingerprint.0, Ordering::Release);
                    self.used.fetch_add(1, Ordering::Relaxed);
                    return true;
                }
                found if found == fingerprint.0 => {
                    slot.entry.fetch_max(entry.0, Ordering::Relaxed);
                    return true;
                }
                _ => {}
            }
        }
        false
    }

    /// Returns all entries with their fingerprints.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Fingerprint, Entry)> {
        let read =
            |slot: &Slot| (slot.fingerprint.load(Ordering::Relaxed), slot.entry.load(Ordering::Relaxed));
        self.slots
            .iter()
            .map(read)
            .filter(|(fingerprint, _)| *fingerprint != 0)
            .map(|(fingerprint, entry)| (Fingerprint(fingerprint), Entry(entry)))
    }

    /// Returns the slots in probing order (linear probing, without an end). At least half of the slots are empty.
    fn probe(&self, Fingerprint(fingerprint): Fingerprint) -> impl Iterator<Item = &Slot> {
        let last = self.slots.len().saturating_sub(1);
        // The upper half: the lower one chooses the segment.
        let mut position = usize::try_from(fingerprint >> 32).unwrap_or_default();
        iter::from_fn(move || {
            let slot = self.slots.get(position & last);
            position = position.wrapping_add(1);
            slot
        })
    }
}

/// The fewest slots of a segment that has entries.
const LEAST: usize = 16;

#[cfg(test)]
mod tests {
    use std::hash::BuildHasher as _;

    use foldhash::quality::FixedState;

    use super::{Entry, Fingerprint, Segment};

    #[test]
    fn the_entries_of_a_full_segment_are_spread_so_that_a_search_visits_few_slots() {
        let segment = Segment::with_capacity(1000);
        let fingerprints = (0..).map(|number: u64| Fingerprint::new(FixedState::default().hash_one(number)));
        let added: Vec<_> = fingerprints.take_while(|each| segment.add(*each, Entry(0))).collect();
        assert_eq!(added.len(), segment.slots() / 2);
        let visited = |fingerprint: &Fingerprint| {
            let is_found =
                |slot: &super::Slot| slot.fingerprint.load(super::Ordering::Relaxed) == fingerprint.0;
            segment.probe(*fingerprint).position(is_found).unwrap()
        };
        // On average half a slot besides its own (Knuth, section 6.4, for linear probing in a table that is half full).
        let besides: usize = added.iter().map(visited).sum();
        assert!(besides < added.len(), "{besides} for {} searches", added.len());
    }
}
