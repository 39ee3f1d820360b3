//! The measured rows: each group does the same work in different ways. `verification/` contains the measurement.
//!
//! [`timing`] compares the times of two classes of inputs instead, for the benchmark of that name.
//!
//! The rows are a library because two programs run them: the benchmark and `count-allocations`. The latter has a
//! counting allocator, which would distort the benchmark's figures for every row that allocates.

mod alternatives;
mod asymmetric;
mod concurrency;
mod creating;
mod floor;
mod hs256;
pub mod instructions;
mod issuers;
mod peer;
mod revoked;
mod rings;
mod row;
mod sample;
pub mod timing;

pub use concurrency::two_threads_over_one;
pub use row::{Answer, Goal, Group, Length, Measure, Row};
pub use sample::install_gate;

/// All groups. The first row of each group is its anchor, which the other rows are compared with.
pub const GROUPS: [Group; 12] = [
    hs256::STRINGS,
    hs256::NUMBERS,
    revoked::REVOKED,
    creating::CREATING,
    asymmetric::ES256,
    asymmetric::RS256,
    asymmetric::EDDSA,
    rings::HS256,
    rings::ES256,
    issuers::HS256,
    issuers::ES256,
    alternatives::ALTERNATIVES,
];
