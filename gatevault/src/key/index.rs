//! An index of the keys of a large ring: by the encoded header of their tokens, and by their id.

use std::collections::HashMap;
use std::hash::BuildHasher as _;

use foldhash::quality::RandomState;

use super::ring::RingKey;

/// The positions of keys in a ring. It is built at the first lookup, because a ring may change many times before.
#[derive(Default)]
pub(super) struct KeyIndex {
    hasher: RandomState,
    /// The keys by the hash of a precomputed header with its dot.
    by_header: HashMap<u64, Vec<usize>, RandomState>,
    /// The keys by the hash of their id. Keys without one have the id `None`.
    by_id: HashMap<u64, Vec<usize>, RandomState>,
}

impl KeyIndex {
    pub(super) fn new(keys: &[RingKey]) -> Self {
        let mut index = Self::default();
        for (position, key) in keys.iter().enumerate() {
            for header in key.verifying().headers().all() {
                let hash = index.hasher.hash_one(header);
                index.by_header.entry(hash).or_default().push(position);
            }
            let hash = index.hasher.hash_one(key.verifying().id());
            index.by_id.entry(hash).or_default().push(position);
        }
        index
    }

    /// Returns the positions of the keys that may have this header. Different headers can share a hash.
    pub(super) fn of_header(&self, header: &str) -> &[usize] {
        self.by_header.get(&self.hasher.hash_one(header)).map_or(&[], Vec::as_slice)
    }

    /// Returns the positions of the keys that may have this id. Different ids can share a hash.
    pub(super) fn of_id(&self, id: Option<&str>) -> &[usize] {
        self.by_id.get(&self.hasher.hash_one(id)).map_or(&[], Vec::as_slice)
    }
}
