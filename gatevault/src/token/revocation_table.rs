//! A hash table with lock-free lookups: open addressing over atomics. Only one thread writes at a time.

use std::iter;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// A 63-bit hash of a revoked id.
///
/// With a million entries, one lookup in 10^13 finds another id's entry and rejects a valid token.
#[derive(Clone, Copy)]
pub(super) struct Fingerprint(u64);

/// A time and its meaning, packed into one word by `revocation`. The larger of two entries for one fingerprint wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry(pub(super) u64);

pub(super) struct RevocationTable {
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
}

impl RevocationTable {
    /// Creates an empty table that holds twice as many `entries` before it is full.
    pub(super) fn with_capacity(entries: usize) -> Self {
        let length = entries.saturating_mul(4).next_power_of_two().max(LEAST);
        Self { slots: (0..length).map(|_| Slot::default()).collect(), used: AtomicUsize::new(0) }
    }

    pub(super) fn len(&self) -> usize {
        self.used.load(Ordering::Relaxed)
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

    /// Adds an entry, or raises an existing one. Returns `false` if the table is full.
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
        // The upper half, because the lowest bit is always one.
        let mut position = usize::try_from(fingerprint >> 32).unwrap_or_default();
        iter::from_fn(move || {
            let slot = self.slots.get(position & last);
            position = position.wrapping_add(1);
            slot
        })
    }
}

impl Default for RevocationTable {
    fn default() -> Self {
        Self { slots: Box::default(), used: AtomicUsize::new(0) }
    }
}

const LEAST: usize = 64;
