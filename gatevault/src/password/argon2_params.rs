//! `Argon2Params`.

use crate::error::ConfigError;

/// The cost parameters of argon2id hashes (RFC 9106 section 3.1), for new hashes or as the ceiling for stored ones.
///
/// The default is the minimum that OWASP recommends: 19 MiB, 2 iterations, 1 lane.
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
    /// The memory of one hash in KiB, at least 8 for each lane.
    pub memory_kib: u32,
    /// The number of passes over the memory, at least 1.
    pub iterations: u32,
    /// The number of lanes, 1 to 16777215. They are computed one after another, so more lanes take no more time.
    pub parallelism: u32,
}

impl Argon2Params {
    /// One of the equivalent settings in OWASP's Password Storage Cheat Sheet.
    pub(super) const DEFAULT: Self = Self { memory_kib: 19 * 1024, iterations: 2, parallelism: 1 };

    /// The maximum that RFC 9106 defines.
    const MAX: Self = Self { memory_kib: u32::MAX, iterations: u32::MAX, parallelism: 0x00ff_ffff };

    /// Validates the parameters against the ceiling.
    pub(super) fn validated_within(self, ceiling: Self) -> Result<Self, ConfigError> {
        self.validated(ceiling, ["memory_kib", "iterations", "parallelism"])
    }

    /// Validates the parameters as a ceiling, which must admit at least one setting.
    pub(super) fn validated_ceiling(self) -> Result<Self, ConfigError> {
        let names = ["argon2_ceiling.memory_kib", "argon2_ceiling.iterations", "argon2_ceiling.parallelism"];
        self.validated(Self::MAX, names)
    }

    fn validated(self, max: Self, names: [&'static str; 3]) -> Result<Self, ConfigError> {
        let [memory_kib, iterations, parallelism] = names;
        let least_memory = self.parallelism.saturating_mul(8);
        ConfigError::number_within(parallelism, self.parallelism, 1, max.parallelism)?;
        ConfigError::number_within(memory_kib, self.memory_kib, least_memory, max.memory_kib)?;
        ConfigError::number_within(iterations, self.iterations, 1, max.iterations)?;
        Ok(self)
    }

    /// Returns the number of blocks of 1 KiB that a hash fills, which determines its time.
    pub(super) fn work(self) -> u64 {
        u64::from(self.memory_kib).saturating_mul(self.iterations.into())
    }

    /// Returns whether a hash with these parameters has less work or less memory than one with `other`.
    pub(super) fn are_weaker_than(self, other: Self) -> bool {
        self.memory_kib < other.memory_kib || self.work() < other.work()
    }

    /// Raises memory and iterations until they are not weaker than `other`.
    pub(super) fn strengthened_to(self, other: Self) -> Self {
        let memory_kib = self.memory_kib.max(other.memory_kib);
        let (memory, work) = (memory_kib.into(), self.work().max(other.work()));
        let blocks = work.checked_next_multiple_of(memory);
        let iterations = blocks.and_then(|blocks| blocks.checked_div(memory)).and_then(to_u32);
        Self { memory_kib, iterations: iterations.unwrap_or(u32::MAX), ..self }
    }

    /// Returns parameters whose total work is the work of these minus `spent`: whole passes over the memory, and one pass
    /// over a part of it. The error is less than eight blocks.
    pub(super) fn remaining_after(self, spent: u64) -> impl Iterator<Item = Self> {
        let (due, memory) = (self.work().saturating_sub(spent), self.memory_kib.into());
        let whole = due.checked_div(memory).and_then(to_u32);
        let part = due.checked_rem(memory).and_then(to_u32);
        [
            Self { iterations: whole.unwrap_or(0), ..self },
            Self { memory_kib: part.unwrap_or(0), iterations: 1, parallelism: 1 },
        ]
        .into_iter()
        .filter(|params| params.validated_within(Self::MAX).is_ok())
    }
}

impl Default for Argon2Params {
    fn default() -> Self {
        Self::DEFAULT
    }
}

fn to_u32(number: u64) -> Option<u32> {
    number.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spent_and_remaining_work_add_up_to_one_verification() {
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
    fn a_strengthened_hash_is_outdated_for_neither_of_two_servers() {
        // Two servers with different settings must not replace each other's hashes endlessly.
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
        params.remaining_after(spent).map(Argon2Params::work).sum()
    }
}
