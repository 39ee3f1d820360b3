//! The costs of hashes: those that permit thousands of logins, and the defaults.

use crate::wrong::INPUTS;

/// The costs of bcrypt: configured, and of stored hashes.
pub(crate) struct Costs {
    pub(crate) configured: u32,
    pub(crate) cheaper: u32,
    pub(crate) costlier: u32,
    /// The measurements of a pair.
    pub(crate) measurements: u32,
    /// The names of a class. Each is checked by a login before the measurement.
    pub(crate) names: u8,
}

/// Cheap hashes by bcrypt.
pub(crate) const BCRYPT: Costs =
    Costs { configured: 5, cheaper: 4, costlier: 6, measurements: 4000, names: INPUTS };
/// Hashes by bcrypt with the default cost, where hashing dominates all other work.
pub(crate) const BCRYPT_BY_DEFAULT: Costs =
    Costs { configured: 12, cheaper: 10, costlier: 13, measurements: 120, names: 4 };
/// Cheap hashes by argon2id: the memory in KiB, with two passes. Stored hashes have half and twice as much.
pub(crate) const ARGON2ID: Costs =
    Costs { configured: 64, cheaper: 32, costlier: 128, measurements: 20_000, names: INPUTS };
/// Hashes by argon2id with the default memory.
pub(crate) const ARGON2ID_BY_DEFAULT: Costs =
    Costs { configured: 19_456, cheaper: 9728, costlier: 38_912, measurements: 400, names: 4 };

pub(crate) const PASSWORD: &str = "correct horse";
