//! What is measured, in rows that do the same work in different ways; `verification/` holds how.
//!
//! The rows are a library because two programs run them: the benchmark, and `count-allocations`, whose allocator
//! counts and would cost each row that allocates a little in every other figure.

mod asymmetric;
mod concurrency;
mod creating;
mod floor;
mod hs256;
mod peer;
mod revoked;
mod row;
mod sample;

pub use concurrency::two_threads_over_one;
pub use row::{Answer, Goal, Group, Length, Measure, Row};
pub use sample::install_gate;

/// Everything that is measured; the first row of each group is the anchor that the others are held against.
pub const GROUPS: [Group; 7] = [
    hs256::TEXTS,
    hs256::NUMBERS,
    revoked::REVOKED,
    creating::CREATING,
    asymmetric::ES256,
    asymmetric::RS256,
    asymmetric::EDDSA,
];
