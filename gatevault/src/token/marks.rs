//! A set of marks that are looked up without a lock: open addressing over atomics, written by one thread at a time.

use std::iter;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// What is kept of something revoked: 63 bits of its hash, so that one in 10^13 lookups among a million finds what is
/// not there, and refuses a token for nothing.
#[derive(Clone, Copy)]
pub(super) struct Mark(u64);

/// A moment and whether it is that of a user; see `revocation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Note(pub(super) u64);

pub(super) struct Marks {
    slots: Box<[Slot]>,
    used: AtomicUsize,
}

/// Empty while the mark is zero.
#[derive(Default)]
struct Slot {
    mark: AtomicU64,
    note: AtomicU64,
}

impl Mark {
    pub(super) fn new(hash: u64) -> Self {
        Self(hash | 1)
    }
}

impl Marks {
    /// An empty set with place for `entries`, and as many again before it is full.
    pub(super) fn with_place_for(entries: usize) -> Self {
        let length = entries.saturating_mul(4).next_power_of_two().max(LEAST);
        Self { slots: (0..length).map(|_| Slot::default()).collect(), used: AtomicUsize::new(0) }
    }

    pub(super) fn len(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    pub(super) fn find(&self, mark: Mark) -> Option<Note> {
        for slot in self.from(mark) {
            match slot.mark.load(Ordering::Acquire) {
                0 => return None,
                found if found == mark.0 => return Some(Note(slot.note.load(Ordering::Relaxed))),
                _ => {}
            }
        }
        None
    }

    /// Adds a mark, or another note to one that is there; whether there was a place. One thread at a time.
    pub(super) fn add(&self, mark: Mark, note: Note) -> bool {
        for slot in self.from(mark) {
            match slot.mark.load(Ordering::Relaxed) {
                0 if self.len().saturating_mul(2) >= self.slots.len() => return false,
                0 => {
                    slot.note.store(note.0, Ordering::Relaxed);
                    slot.mark.store(mark.0, Ordering::Release);
                    self.used.fetch_add(1, Ordering::Relaxed);
                    return true;
                }
                found if found == mark.0 => {
                    slot.note.fetch_max(note.0, Ordering::Relaxed);
                    return true;
                }
                _ => {}
            }
        }
        false
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Mark, Note)> {
        let read = |slot: &Slot| (slot.mark.load(Ordering::Relaxed), slot.note.load(Ordering::Relaxed));
        self.slots
            .iter()
            .map(read)
            .filter(|(mark, _)| *mark != 0)
            .map(|(mark, note)| (Mark(mark), Note(note)))
    }

    /// The slots in the order in which a mark is looked for: from its own on, and around. At least half of them are empty.
    fn from(&self, Mark(mark): Mark) -> impl Iterator<Item = &Slot> {
        let last = self.slots.len().saturating_sub(1);
        // The upper half, for the lowest bit is always one.
        let mut place = usize::try_from(mark >> 32).unwrap_or_default();
        iter::from_fn(move || {
            let slot = self.slots.get(place & last);
            place = place.wrapping_add(1);
            slot
        })
    }
}

impl Default for Marks {
    fn default() -> Self {
        Self { slots: Box::default(), used: AtomicUsize::new(0) }
    }
}

const LEAST: usize = 64;
