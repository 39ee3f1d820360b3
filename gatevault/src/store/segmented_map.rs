//! A hash map whose growth and sweeps come in small steps.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher as _, Hash};
use std::mem;

use foldhash::quality::RandomState;

/// A hash map in segments, by linear hashing (Litwin, 1980): a map that has become too full splits one of its segments, so
/// that no insertion moves more entries than one segment holds.
///
/// An entry never moves to a lower segment: a sweep that visits one segment after the other visits every entry, even if
/// others are added meanwhile. Segments are never merged; an empty one takes 40 bytes.
pub(super) struct SegmentedMap<K, V> {
    segments: Vec<Segment<K, V>>,
    len: usize,
    /// Seeded, so that an attacker cannot choose keys that collide.
    hasher: RandomState,
}

type Segment<K, V> = HashMap<K, V, RandomState>;

impl<K: Hash + Eq, V> SegmentedMap<K, V> {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Returns the number of segments. It never falls.
    pub(super) fn segments(&self) -> usize {
        self.segments.len()
    }

    pub(super) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        note_visits(1);
        self.segments.get(self.segment_of(key))?.get(key)
    }

    pub(super) fn get_mut<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        note_visits(1);
        let segment = self.segment_of(key);
        self.segments.get_mut(segment)?.get_mut(key)
    }

    /// Inserts an entry. Returns the previous value of the key.
    pub(super) fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.make_room();
        note_visits(1);
        let segment = self.segment_of(&key);
        let previous = self.segments.get_mut(segment)?.insert(key, value);
        self.len = self.len.saturating_add(usize::from(previous.is_none()));
        previous
    }

    pub(super) fn remove<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        note_visits(1);
        let segment = self.segment_of(key);
        let entries = self.segments.get_mut(segment)?;
        let removed = entries.remove(key)?;
        shrink(entries);
        self.len = self.len.saturating_sub(1);
        Some(removed)
    }

    /// Removes and returns the entries of one segment that match.
    pub(super) fn extract_from(
        &mut self,
        segment: usize,
        mut matches: impl FnMut(&K, &mut V) -> bool,
    ) -> Vec<(K, V)> {
        let Some(entries) = self.segments.get_mut(segment) else { return Vec::new() };
        let visited = entries.len();
        let removed: Vec<_> = entries.extract_if(|key, value| matches(key, value)).collect();
        shrink(entries);
        self.len = self.len.saturating_sub(removed.len());
        note_visits(visited);
        removed
    }

    /// Adds a segment if the others are full. It takes half of the entries of one of them.
    fn make_room(&mut self) {
        let new = self.segments.len();
        if self.len < new.saturating_mul(SEGMENT_LEN) {
            return;
        }
        self.segments.push(HashMap::with_hasher(self.hasher.clone()));
        let Some(source) = without_highest_bit(new).and_then(|source| self.segments.get_mut(source)) else {
            return;
        };
        let entries = mem::replace(source, HashMap::with_hasher(self.hasher.clone()));
        let half = entries.len().div_ceil(2);
        source.reserve(half);
        self.segments.last_mut().into_iter().for_each(|added| added.reserve(half));
        note_visits(entries.len());
        for (key, value) in entries {
            let segment = self.segment_of(&key);
            self.segments.get_mut(segment).and_then(|segment| segment.insert(key, value));
        }
    }

    /// Returns the segment of a key: the number in the lowest bits of its hash, as many as the highest segment needs, or one
    /// bit less if there is no such segment yet.
    fn segment_of<Q: Hash + ?Sized>(&self, key: &Q) -> usize {
        // The map in a segment uses the lowest and the highest bits.
        let hash = usize::try_from(self.hasher.hash_one(key) >> 32).unwrap_or_default();
        let segments = self.segments.len();
        let index = hash & segments.next_power_of_two().wrapping_sub(1);
        if index < segments { index } else { without_highest_bit(index).unwrap_or_default() }
    }
}

impl<K: Hash + Eq, V: Default> SegmentedMap<K, V> {
    /// Returns the value of a key, inserting the default one.
    pub(super) fn get_or_default(&mut self, key: K) -> Option<&mut V> {
        self.make_room();
        note_visits(1);
        let segment = self.segment_of(&key);
        Some(match self.segments.get_mut(segment)?.entry(key) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                self.len = self.len.saturating_add(1);
                entry.insert(V::default())
            }
        })
    }
}

impl<K, V> Default for SegmentedMap<K, V> {
    fn default() -> Self {
        Self { segments: Vec::new(), len: 0, hasher: RandomState::default() }
    }
}

/// Removes the spare capacity of a segment that has become empty, or almost empty.
fn shrink<K: Hash + Eq, V>(entries: &mut Segment<K, V>) {
    if entries.is_empty() {
        entries.shrink_to_fit();
    } else if entries.capacity() > LEAST_CAPACITY && entries.capacity() > entries.len().saturating_mul(4) {
        entries.shrink_to(entries.len().saturating_mul(2));
    }
}

/// Returns the index without its highest bit. Returns `None` for zero, which has none.
fn without_highest_bit(index: usize) -> Option<usize> {
    Some(index ^ 1_usize.checked_shl(index.checked_ilog2()?)?)
}

#[cfg(not(test))]
fn note_visits(_: usize) {}

#[cfg(test)]
fn note_visits(entries: usize) {
    VISITED.set(VISITED.get().saturating_add(entries));
}

#[cfg(test)]
impl<K, V> SegmentedMap<K, V> {
    pub(super) fn values_of(&self, segment: usize) -> impl Iterator<Item = &V> {
        self.segments.get(segment).into_iter().flat_map(HashMap::values)
    }

    /// Returns the number of entries for which memory is allocated.
    pub(super) fn capacity(&self) -> usize {
        self.segments.iter().map(HashMap::capacity).sum()
    }
}

/// Returns the number of entries that this thread has visited or moved, for tests.
#[cfg(test)]
pub(super) fn visited() -> usize {
    VISITED.get()
}

#[cfg(test)]
thread_local! {
    static VISITED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// The mean number of entries of a segment. The fullest have about twice as many, which fit into 512 buckets.
pub(super) const SEGMENT_LEN: usize = 192;

/// The capacity up to which a segment that is not empty keeps its memory.
const LEAST_CAPACITY: usize = 14;

#[cfg(test)]
mod tests {
    use super::*;

    /// The most entries that one operation may visit: those of the fullest segment.
    const MOST_VISITED: usize = SEGMENT_LEN * 4;

    fn filled(entries: usize) -> SegmentedMap<usize, usize> {
        let mut map = SegmentedMap::default();
        (0..entries).for_each(|key| assert_eq!(map.insert(key, key), None));
        map
    }

    #[test]
    fn every_entry_is_found_after_any_number_of_splits() {
        let mut map = filled(100_000);
        assert_eq!((map.len(), map.segments()), (100_000, 100_000_usize.div_ceil(SEGMENT_LEN)));
        for key in 0..100_000 {
            assert_eq!(map.get(&key), Some(&key));
            *map.get_mut(&key).unwrap() += 1;
            *map.get_or_default(key).unwrap() += 1;
            assert_eq!(
                (map.insert(key, 0), map.remove(&key), map.remove(&key)),
                (Some(key + 2), Some(0), None)
            );
        }
        assert_eq!((map.len(), map.get(&0)), (0, None));
        assert_eq!(map.get_or_default(7), Some(&mut 0));
        assert_eq!(map.len(), 1);
    }

    #[test]
    fn no_operation_visits_more_than_a_few_entries() {
        let mut map = SegmentedMap::<usize, usize>::default();
        let mut visits = |operation: &mut dyn FnMut(&mut SegmentedMap<usize, usize>)| {
            let before = visited();
            operation(&mut map);
            visited() - before
        };
        for key in 0..200_000 {
            assert!(visits(&mut |map| assert_eq!(map.insert(key, key), None)) <= MOST_VISITED);
        }
        for key in 0..200_000 {
            assert_eq!(visits(&mut |map| assert!(map.get(&key).is_some())), 1);
        }
        for segment in 0..200_000_usize.div_ceil(SEGMENT_LEN) {
            assert!(
                visits(&mut |map| assert!(map.extract_from(segment, |_, _| false).is_empty()))
                    <= MOST_VISITED
            );
        }
        for key in 0..200_000 {
            assert_eq!(visits(&mut |map| assert!(map.remove(&key).is_some())), 1);
        }
    }

    #[test]
    fn a_sweep_visits_every_entry_that_was_there_though_others_are_added() {
        let mut map = filled(10_000);
        let (mut segment, mut added, mut visited) = (0, 10_000, Vec::new());
        while segment < map.segments() {
            visited.extend(map.extract_from(segment, |key, _| *key < 10_000));
            segment += 1;
            for _ in 0..SEGMENT_LEN / 2 {
                map.insert(added, added);
                added += 1;
            }
        }
        visited.sort_unstable();
        assert!(visited.into_iter().map(|(key, _)| key).eq(0..10_000));
        assert_eq!(map.len(), added - 10_000);
    }

    #[test]
    fn an_empty_map_takes_no_memory_and_an_emptied_one_releases_it() {
        assert_eq!(SegmentedMap::<u8, u8>::default().segments.capacity(), 0);
        let mut map = filled(10_000);
        assert!(map.capacity() < 30_000, "{}", map.capacity());
        (0..10_000).for_each(|key| assert_eq!(map.remove(&key), Some(key)));
        assert_eq!(map.capacity(), 0);
        let mut map = filled(10_000);
        (0..map.segments()).for_each(|segment| drop(map.extract_from(segment, |key, _| *key != 0)));
        assert!(map.capacity() <= LEAST_CAPACITY);
        assert_eq!((map.len(), map.get(&0)), (1, Some(&0)));
    }
}
