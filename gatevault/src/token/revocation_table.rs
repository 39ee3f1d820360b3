//! The table of the revocation list, in segments: growth and removal copy one of them at a time.

use std::iter;
use std::sync::Arc;

use super::revocation_segment::{Entry, Fingerprint, Segment};

/// A hash table with lock-free lookups. To replace segments, a writer creates a table that shares the others.
pub(super) struct RevocationTable {
    segments: Box<[Arc<Segment>]>,
}

impl RevocationTable {
    pub(super) fn len(&self) -> usize {
        self.segments.iter().map(|segment| segment.len()).sum()
    }

    /// Returns the entry of a fingerprint.
    #[inline]
    pub(super) fn find(&self, fingerprint: Fingerprint) -> Option<Entry> {
        self.segment(fingerprint)?.find(fingerprint)
    }

    /// Adds an entry, or raises an existing one. Returns `false` if the segment is full.
    ///
    /// Only one thread may call this at a time.
    pub(super) fn add(&self, fingerprint: Fingerprint, entry: Entry) -> bool {
        self.segment(fingerprint).is_some_and(|segment| segment.add(fingerprint, entry))
    }

    /// Returns a table with the entry, and with room for others in its segment, which keeps the entries that match.
    pub(super) fn with(
        &self,
        fingerprint: Fingerprint,
        entry: Entry,
        is_needed: impl Fn(Entry) -> bool,
    ) -> Self {
        let mut segments = self.segments.clone();
        if let Some(segment) = segments.get_mut(fingerprint.low_bits() % SEGMENTS) {
            let larger = segment.copy_if(is_needed);
            larger.add(fingerprint, entry);
            *segment = Arc::new(larger);
        }
        Self { segments }
    }

    /// Returns a table without the entries that do not match, if there are any, and the number of the next segment.
    ///
    /// Begins with the segment `first` and stops after the last one, or when it has visited `most` slots.
    pub(super) fn sweep(
        &self,
        first: usize,
        most: usize,
        is_needed: impl Fn(Entry) -> bool,
    ) -> (Option<Self>, usize) {
        let mut changed = None;
        let (mut next, mut visited) = (first, 0_usize);
        for segment in self.segments.iter().skip(first) {
            if visited >= most {
                break;
            }
            visited = visited.saturating_add(segment.slots());
            if segment.iter().any(|(_, entry)| !is_needed(entry)) {
                let segments = changed.get_or_insert_with(|| self.segments.clone());
                if let Some(swept) = segments.get_mut(next) {
                    let copy = segment.copy_if(&is_needed);
                    *swept = Arc::new(if copy.len() == 0 { Segment::default() } else { copy });
                }
            }
            next = next.saturating_add(1);
        }
        (changed.map(|segments| Self { segments }), next % SEGMENTS)
    }

    #[inline]
    fn segment(&self, fingerprint: Fingerprint) -> Option<&Segment> {
        self.segments.get(fingerprint.low_bits() % SEGMENTS).map(|segment| &**segment)
    }
}

impl Default for RevocationTable {
    fn default() -> Self {
        let empty = Arc::new(Segment::default());
        Self { segments: iter::repeat_n(empty, SEGMENTS).collect() }
    }
}

/// The number of segments, a power of two. At five million entries, one has a megabyte.
const SEGMENTS: usize = 256;

#[cfg(test)]
mod tests {
    use std::hash::BuildHasher as _;

    use foldhash::quality::FixedState;

    use super::{Entry, Fingerprint, RevocationTable, SEGMENTS};

    fn fingerprint(number: u64) -> Fingerprint {
        Fingerprint::new(FixedState::default().hash_one(number))
    }

    fn filled(entries: u64) -> RevocationTable {
        let mut table = RevocationTable::default();
        for number in 0..entries {
            if !table.add(fingerprint(number), Entry(number)) {
                table = table.with(fingerprint(number), Entry(number), |_| true);
            }
        }
        table
    }

    #[test]
    fn entries_are_found_after_growth_and_no_segment_has_twice_its_share() {
        let table = filled(300_000);
        assert_eq!(table.len(), 300_000);
        assert!((0..300_000).all(|number| table.find(fingerprint(number)) == Some(Entry(number))));
        let largest = table.segments.iter().map(|segment| segment.len()).max().unwrap();
        assert!(largest < 2 * 300_000 / SEGMENTS, "{largest} entries in a segment");
    }

    #[test]
    fn a_round_of_sweeps_visits_every_segment_and_few_slots_at_once() {
        let mut table = filled(100_000);
        let (mut next, mut rounds) = (0, 0);
        loop {
            let slots: usize = table.segments.iter().map(|segment| segment.slots()).max().unwrap();
            let before = table.len();
            let (swept, after) = table.sweep(next, 4096, |Entry(number)| number % 10 == 0);
            table = swept.unwrap();
            assert!(before - table.len() <= 4096 + slots, "at once");
            (next, rounds) = (after, rounds + 1);
            if next == 0 {
                break;
            }
        }
        assert!(rounds > 16, "{rounds}");
        assert_eq!(table.len(), 10_000);
        assert!((0..100_000).all(|number| table.find(fingerprint(number)).is_some() == (number % 10 == 0)));
        assert!(table.sweep(0, usize::MAX, |_| true).0.is_none(), "nothing to remove");
        let empty = table.sweep(0, usize::MAX, |_| false).0.unwrap();
        assert_eq!(empty.segments.iter().map(|segment| segment.slots()).sum::<usize>(), 0);
    }
}
