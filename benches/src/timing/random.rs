//! The random choice of the class of each measurement.

use std::hash::{BuildHasher as _, RandomState};

/// A small pseudo-random generator (`SplitMix64`). The choice of a class needs no cryptographic one.
#[derive(Debug)]
pub(super) struct Random(u64);

impl Random {
    /// Creates a generator whose numbers differ in each run.
    pub(super) fn new() -> Self {
        Self::seeded(RandomState::new().hash_one(0))
    }

    pub(super) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns a number below the bound.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let number = (mixed ^ (mixed >> 31)).checked_rem(bound.into()).unwrap_or_default();
        u32::try_from(number).unwrap_or_default()
    }
}
