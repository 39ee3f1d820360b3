//! bcrypt, with what its implementation leaves to the caller: nothing is truncated, and nothing is
//! computed for a stored text that is not wholly well-formed and affordable.

use std::hint::black_box;
use std::ops::{Range, RangeInclusive};

use bcrypt::HashParts;

use crate::error::{ConfigError, HashingError};

/// The scheme with its settings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bcrypt {
    pub(super) cost: u32,
    pub(super) ceiling: u32,
}

impl Bcrypt {
    pub(super) const DEFAULT: Self = Self { cost: 12, ceiling: 16 };

    /// Itself: the builder asks for bcrypt among all schemes, of which it may be the only one.
    pub(super) fn bcrypt_mut(&mut self) -> &mut Self {
        self
    }

    /// The settings, if they can work.
    pub(super) fn validated(self) -> Result<Self, ConfigError> {
        let (least, most) = (*COSTS.start(), *COSTS.end());
        ConfigError::number_within("cost_ceiling", self.ceiling, least, most)?;
        ConfigError::number_within("cost", self.cost, least, self.ceiling)?;
        Ok(self)
    }

    pub(super) fn hash(self, plain: &str) -> Result<String, HashingError> {
        require_hashable(plain)?;
        bcrypt::hash(plain, self.cost).map_err(|error| HashingError::Failed(error.into()))
    }

    /// A stored hash that may be worked on; `None` when it is malformed or over the ceiling.
    pub(super) fn read(self, text: &str) -> Option<StoredHash<'_>> {
        StoredHash::parse(text).filter(|stored| stored.cost <= self.ceiling)
    }

    /// A hash to store instead, when the old one is weaker than the settings or bears an old prefix.
    ///
    /// A costlier one is left as it is: an update must not weaken it, and two servers that are configured
    /// differently during a deployment would overwrite each other's hashes at every login.
    pub(super) fn renew(self, plain: &str, stored: &StoredHash<'_>) -> Option<Result<String, HashingError>> {
        let cost = self.cost.max(stored.cost);
        (cost > stored.cost || stored.has_old_prefix).then(|| Self { cost, ..self }.hash(plain))
    }

    /// Computes what a verification at the configured cost would still take after `spent` on a stored hash.
    ///
    /// Nothing for a password that bcrypt does not take: it is refused by every hash, and without work.
    pub(super) fn spend_rest(self, plain: &str, spent: Option<&StoredHash<'_>>) {
        if require_hashable(plain).is_err() {
            return;
        }
        for cost in self.rest(spent.map(|stored| stored.cost)) {
            // 53 zero digits are a salt and a digest like any other, and take as long.
            let _ = black_box(bcrypt::verify(plain, &format!("$2b${cost:02}${:.<53}", "")));
        }
    }

    /// The costs to run through; since 2^c + 2^c + 2^(c+1) + .. + 2^(n-1) = 2^n, the sum is always one
    /// verification at the configured cost, and a hash from cheaper days does not show that its user exists.
    fn rest(self, spent: Option<u32>) -> Range<u32> {
        spent.unwrap_or(self.cost)..self.cost.saturating_add(u32::from(spent.is_none()))
    }
}

/// A stored hash of `$2a$`, `$2b$` or `$2y$` in its only spelling.
#[derive(Clone, Copy)]
pub(super) struct StoredHash<'a> {
    text: &'a str,
    cost: u32,
    has_old_prefix: bool,
}

impl<'a> StoredHash<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        // The implementation would take `$2x$`, which marks hashes of a broken one, and a cost of `+4`.
        let [b'$', b'2', version @ (b'a' | b'b' | b'y'), b'$', b'0'..=b'9', b'0'..=b'9', b'$', ..] =
            text.as_bytes()
        else {
            return None;
        };
        // RUSTSEC-2026-0199: earlier releases of the parser below panicked on other text.
        if !text.is_ascii() {
            return None;
        }
        // It decodes salt and digest strictly: 53 digits of bcrypt's alphabet, spare bits zero.
        let cost = text.parse::<HashParts>().ok()?.get_cost();
        COSTS.contains(&cost).then_some(Self { text, cost, has_old_prefix: *version != b'b' })
    }

    pub(super) fn verify(&self, plain: &str) -> bool {
        require_hashable(plain).is_ok() && bcrypt::verify(plain, self.text).unwrap_or(false)
    }
}

/// Refuses what bcrypt would not read to the end: beyond 72 bytes and behind a NUL, everything matches.
fn require_hashable(plain: &str) -> Result<(), HashingError> {
    HashingError::require_at_most(72, plain)?;
    if plain.contains('\0') {
        return Err(HashingError::ContainsNul);
    }
    Ok(())
}

/// The costs that bcrypt defines.
const COSTS: RangeInclusive<u32> = 4..=31;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mismatch_costs_the_same_for_every_affordable_stored_hash_and_for_none() {
        let bcrypt = Bcrypt { cost: 12, ceiling: 16 };
        let rounds = |costs: Range<u32>| costs.map(|cost| 1_u64 << cost).sum::<u64>();
        assert_eq!(rounds(bcrypt.rest(None)), 1 << 12);
        for stored in 4..=12 {
            assert_eq!((1 << stored) + rounds(bcrypt.rest(Some(stored))), 1 << 12, "stored at {stored}");
        }
        assert_eq!(rounds(bcrypt.rest(Some(13))), 0);
    }

    #[test]
    fn the_dummy_hash_of_every_cost_is_well_formed() {
        for cost in COSTS {
            let text = format!("$2b${cost:02}${:.<53}", "");
            assert_eq!(StoredHash::parse(&text).map(|stored| stored.cost), Some(cost));
        }
    }
}
