//! What an argon2 hash costs.

use crate::error::ConfigError;

/// The cost parameters of an argon2id hash (RFC 9106 section 3.1), or the most that a stored one may ask for.
///
/// The default is what OWASP asks for at least: 19 MiB, 2 iterations, 1 lane.
///
/// # Examples
///
/// ```
/// use gatevault::password::Argon2Params;
/// use gatevault::PasswordHasher;
///
/// let params = Argon2Params { memory_kib: 64, iterations: 3, ..Argon2Params::default() };
/// let hasher = PasswordHasher::builder().argon2id_with(params).build()?;
/// assert!(hasher.hash("correct horse")?.starts_with("$argon2id$v=19$m=64,t=3,p=1$"));
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argon2Params {
    /// Memory that each hashing fills, in KiB: at least 8 for each lane.
    pub memory_kib: u32,
    /// Passes over the memory, at least 1.
    pub iterations: u32,
    /// Lanes of the memory, 1 to 16777215. They are computed one after another: more of them take no longer here.
    pub parallelism: u32,
}

impl Argon2Params {
    /// One of the equals in OWASP's Password Storage Cheat Sheet.
    pub(super) const DEFAULT: Self = Self { memory_kib: 19 * 1024, iterations: 2, parallelism: 1 };

    /// The most that RFC 9106 defines.
    const MOST: Self = Self { memory_kib: u32::MAX, iterations: u32::MAX, parallelism: 0x00ff_ffff };

    /// The parameters, if they can work and none is over its ceiling.
    pub(super) fn validated_within(self, ceiling: Self) -> Result<Self, ConfigError> {
        self.validated(ceiling, ["memory_kib", "iterations", "parallelism"])
    }

    /// The ceiling itself, if there are parameters within it.
    pub(super) fn validated_ceiling(self) -> Result<Self, ConfigError> {
        let names = ["argon2_ceiling.memory_kib", "argon2_ceiling.iterations", "argon2_ceiling.parallelism"];
        self.validated(Self::MOST, names)
    }

    fn validated(self, most: Self, names: [&'static str; 3]) -> Result<Self, ConfigError> {
        let [memory_kib, iterations, parallelism] = names;
        let least_memory = self.parallelism.saturating_mul(8);
        ConfigError::number_within(parallelism, self.parallelism, 1, most.parallelism)?;
        ConfigError::number_within(memory_kib, self.memory_kib, least_memory, most.memory_kib)?;
        ConfigError::number_within(iterations, self.iterations, 1, most.iterations)?;
        Ok(self)
    }

    /// How many blocks of a KiB are filled, which is what the time goes into.
    pub(super) fn work(self) -> u64 {
        u64::from(self.memory_kib).saturating_mul(self.iterations.into())
    }

    /// Whether a hash of these is easier to guess than one of `other`, in time or in memory.
    pub(super) fn are_weaker_than(self, other: Self) -> bool {
        self.memory_kib < other.memory_kib || self.work() < other.work()
    }

    /// These, with as much more memory and as many more iterations as it takes not to be weaker than `other`.
    pub(super) fn strengthened_to(self, other: Self) -> Self {
        let memory_kib = self.memory_kib.max(other.memory_kib);
        let (memory, work) = (memory_kib.into(), self.work().max(other.work()));
        let blocks = work.checked_next_multiple_of(memory);
        let iterations = blocks.and_then(|blocks| blocks.checked_div(memory)).and_then(narrowed);
        Self { memory_kib, iterations: iterations.unwrap_or(u32::MAX), ..self }
    }

    /// Parameters whose work together is what these take beyond `spent`, to fewer than eight blocks: whole
    /// passes over the memory, and one over a part of it.
    pub(super) fn beyond(self, spent: u64) -> impl Iterator<Item = Self> {
        let (due, memory) = (self.work().saturating_sub(spent), self.memory_kib.into());
        let whole = due.checked_div(memory).and_then(narrowed);
        let part = due.checked_rem(memory).and_then(narrowed);
        [
            Self { iterations: whole.unwrap_or(0), ..self },
            Self { memory_kib: part.unwrap_or(0), iterations: 1, parallelism: 1 },
        ]
        .into_iter()
        .filter(|params| params.validated_within(Self::MOST).is_ok())
    }
}

impl Default for Argon2Params {
    fn default() -> Self {
        Self::DEFAULT
    }
}

fn narrowed(number: u64) -> Option<u32> {
    number.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spent_and_what_is_beyond_it_are_one_verification() {
        for params in [of(19_456, 2), of(64, 3), of(8, 1), of(1000, 7)] {
            assert_eq!(total(params, 0), params.work());
            for spent in [of(8, 1), of(8, 3), of(64, 2), of(999, 1), of(999, 6), of(12_288, 3)] {
                let together = spent.work() + total(params, spent.work());
                let due = params.work().max(spent.work());
                assert!(together <= due && due - together < 8, "{spent:?} beside {params:?}");
            }
        }
    }

    #[test]
    fn whoever_strengthens_a_hash_is_content_with_it_and_so_is_the_other() {
        // Two servers of different settings must not replace each other's hashes for ever.
        let all = [of(19_456, 2), of(47_104, 1), of(12_288, 3), of(7168, 5), of(65_536, 2), of(16_384, 10)];
        for first in all {
            for second in all {
                let strengthened = first.strengthened_to(second);
                assert!(!strengthened.are_weaker_than(first) && !strengthened.are_weaker_than(second));
                assert!(strengthened.work() < first.work().max(second.work()) + 65_536);
                assert!(strengthened.iterations <= first.iterations.max(second.iterations));
            }
            assert_eq!(first.strengthened_to(of(8, 1)), first);
        }
    }

    fn of(memory_kib: u32, iterations: u32) -> Argon2Params {
        Argon2Params { memory_kib, iterations, parallelism: 1 }
    }

    fn total(params: Argon2Params, spent: u64) -> u64 {
        params.beyond(spent).map(Argon2Params::work).sum()
    }
}
