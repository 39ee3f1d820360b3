//! bcrypt, with the checks that its implementation leaves to the caller: passwords are never truncated, and a stored
//! hash that is malformed or above the ceiling causes no computation.

use std::hint::black_box;
use std::ops::{Range, RangeInclusive};

use bcrypt::HashParts;

use super::unreadable::UnreadableHash;
use crate::error::{ConfigError, HashingError};

/// The scheme with its settings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bcrypt {
    pub(super) cost: u32,
    pub(super) ceiling: u32,
}

impl Bcrypt {
    pub(super) const DEFAULT: Self = Self { cost: 12, ceiling: 16 };

    /// Returns itself. The builder sets bcrypt through this method, whether bcrypt is the only scheme or one of two.
    pub(super) fn bcrypt_mut(&mut self) -> &mut Self {
        self
    }

    /// Validates the settings.
    pub(super) fn validated(self) -> Result<Self, ConfigError> {
        let (least, most) = (*COSTS.start(), *COSTS.end());
        ConfigError::number_within("cost_ceiling", self.ceiling, least, most)?;
        ConfigError::number_within("cost", self.cost, least, self.ceiling)?;
        Ok(self)
    }

    /// Hashes a password with a random salt.
    pub(super) fn hash(self, plain: &str) -> Result<String, HashingError> {
        require_hashable(plain)?;
        bcrypt::hash(plain, self.cost).map_err(|error| HashingError::Failed(error.into()))
    }

    /// Returns a hash at the configured cost. It takes as long to verify as any other, and no known password matches it.
    pub(super) fn dummy_hash(self) -> String {
        dummy_of(self.cost)
    }

    /// Parses a stored hash. Returns `None` if its prefix is not bcrypt's, and an error if it is malformed or above the
    /// ceiling.
    pub(super) fn read(self, text: &str) -> Option<Result<BcryptHash<'_>, UnreadableHash>> {
        let [b'$', b'2', version @ (b'a' | b'b' | b'y'), b'$', ..] = text.as_bytes() else {
            return None;
        };
        Some(BcryptHash::parse(text, *version != b'b').and_then(|stored| self.within_ceiling(stored)))
    }

    fn within_ceiling(self, stored: BcryptHash<'_>) -> Result<BcryptHash<'_>, UnreadableHash> {
        if stored.cost <= self.ceiling {
            return Ok(stored);
        }
        Err(UnreadableHash::AboveCeiling {
            scheme: "bcrypt",
            parameter: "cost",
            given: stored.cost.into(),
            most: self.ceiling.into(),
            setting: "cost_ceiling",
        })
    }

    /// Returns whether bcrypt hashes this password.
    #[expect(clippy::unused_self, reason = "the same call as of two schemes, whose settings decide")]
    pub(super) fn accepts(self, plain: &str) -> bool {
        require_hashable(plain).is_ok()
    }

    /// Returns an error if bcrypt does not hash this password.
    #[expect(clippy::unused_self, reason = "the same call as of two schemes, whose settings decide")]
    pub(super) fn require_hashable(self, plain: &str) -> Result<(), HashingError> {
        require_hashable(plain)
    }

    /// Returns whether a stored hash can have this password.
    pub(super) fn can_verify(self, plain: &str) -> bool {
        self.accepts(plain)
    }

    /// Hashes the password again if the stored hash has a lower cost than the settings or an old prefix.
    ///
    /// A hash with a higher cost is kept: an update must not weaken it, and two servers with different settings during
    /// a deployment would overwrite each other's hashes at every login.
    pub(super) fn renew(self, plain: &str, stored: &BcryptHash<'_>) -> Option<Result<String, HashingError>> {
        let cost = self.cost.max(stored.cost);
        (cost > stored.cost || stored.has_old_prefix).then(|| Self { cost, ..self }.hash(plain))
    }

    /// Computes dummy work, so that a verification of `spent` takes as long as one at the configured cost.
    ///
    /// A password that bcrypt does not accept needs none: it is rejected without work for every hash.
    pub(super) fn equalize_time(self, plain: &str, spent: Option<&BcryptHash<'_>>) {
        if require_hashable(plain).is_err() {
            return;
        }
        for cost in self.remaining_costs(spent.map(|stored| stored.cost)) {
            let _ = black_box(bcrypt::verify(plain, &dummy_of(cost)));
        }
    }

    /// Returns the costs of the dummy verifications. Since 2^c + 2^c + 2^(c+1) + .. + 2^(n-1) = 2^n, the total is one
    /// verification at the configured cost, and an old, cheaper hash does not reveal that its user exists.
    fn remaining_costs(self, spent: Option<u32>) -> Range<u32> {
        spent.unwrap_or(self.cost)..self.cost.saturating_add(u32::from(spent.is_none()))
    }
}

/// A stored hash with the prefix `$2a$`, `$2b$` or `$2y$`, in its canonical form. `$2x$` marks a broken implementation.
#[derive(Clone, Copy)]
pub(super) struct BcryptHash<'a> {
    text: &'a str,
    cost: u32,
    has_old_prefix: bool,
}

impl<'a> BcryptHash<'a> {
    /// Parses a hash that begins with one of the three prefixes.
    fn parse(text: &'a str, has_old_prefix: bool) -> Result<Self, UnreadableHash> {
        let malformed = |problem| Err(UnreadableHash::Malformed { scheme: "bcrypt", problem });
        // RUSTSEC-2026-0199: earlier releases of the parser below panic on text that is not ASCII.
        if !text.is_ascii() {
            return malformed("a character is not ASCII");
        }
        if text.trim_end() != text {
            return malformed("white space at its end");
        }
        if text.len() != LENGTH {
            return malformed("its length is not 60 characters");
        }
        // The `bcrypt` crate accepts a cost such as `+4`.
        let [_, _, _, _, b'0'..=b'9', b'0'..=b'9', b'$', ..] = text.as_bytes() else {
            return malformed("its cost is not of two digits");
        };
        // It decodes salt and digest strictly: 53 digits of bcrypt's alphabet, with zero spare bits.
        let Ok(parts) = text.parse::<HashParts>() else {
            return malformed(problem_of(text));
        };
        let cost = parts.get_cost();
        if !COSTS.contains(&cost) {
            return malformed("its cost is not in 4 to 31");
        }
        Ok(Self { text, cost, has_old_prefix })
    }

    /// Returns whether `plain` is the password of this hash.
    pub(super) fn verify(&self, plain: &str) -> bool {
        require_hashable(plain).is_ok() && bcrypt::verify(plain, self.text).unwrap_or(false)
    }
}

/// Returns a well-formed hash: 53 zero digits are a valid salt and digest.
fn dummy_of(cost: u32) -> String {
    format!("$2b${cost:02}${:.<53}", "")
}

/// Rejects passwords that bcrypt would truncate, at 72 bytes or at a NUL character.
fn require_hashable(plain: &str) -> Result<(), HashingError> {
    HashingError::require_at_most(72, plain)?;
    if plain.contains('\0') {
        return Err(HashingError::ContainsNul);
    }
    Ok(())
}

/// Returns which part the parser of the `bcrypt` crate rejects: the salt, if it does so beside a valid digest too.
fn problem_of(text: &str) -> &'static str {
    let head = text.get(..LENGTH.saturating_sub(DIGEST)).unwrap_or_default();
    match format!("{head}{:.<DIGEST$}", "").parse::<HashParts>() {
        Ok(_) => "its digest has a foreign character or spare bits that are not zero",
        Err(_) => "its salt has a foreign character or spare bits that are not zero",
    }
}

/// Characters of a hash, and of its digest at the end.
const LENGTH: usize = 60;
const DIGEST: usize = 31;

/// The costs that bcrypt defines (log2 of the rounds).
const COSTS: RangeInclusive<u32> = 4..=31;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mismatch_costs_the_same_for_every_affordable_stored_hash_and_for_none() {
        let bcrypt = Bcrypt { cost: 12, ceiling: 16 };
        let rounds = |costs: Range<u32>| costs.map(|cost| 1_u64 << cost).sum::<u64>();
        assert_eq!(rounds(bcrypt.remaining_costs(None)), 1 << 12);
        for stored in 4..=12 {
            assert_eq!(
                (1 << stored) + rounds(bcrypt.remaining_costs(Some(stored))),
                1 << 12,
                "stored at {stored}"
            );
        }
        assert_eq!(rounds(bcrypt.remaining_costs(Some(13))), 0);
    }

    #[test]
    fn the_dummy_hash_of_every_cost_is_well_formed() {
        for cost in COSTS {
            assert_eq!(BcryptHash::parse(&dummy_of(cost), false).unwrap().cost, cost);
        }
    }
}
