//! Stores under load: ends beside rotations, cleaning, pauses, and users with a long past.

mod attempts;
pub(crate) mod cleaning;
mod ends;
mod lists;
pub(crate) mod pauses;
mod revocation_list;

use std::time::Duration;

pub use cleaning::print_cleaning;
pub use ends::{print_ends, print_starving};
pub use lists::print_lists;
pub use pauses::print_pauses;

/// The sizes of the load.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// The time of each measurement of a rate.
    pub window: Duration,
    /// The sessions that parallel clients can end in that time.
    pub ended: u64,
    /// The sessions of a store that is cleaned, and of the memory store.
    pub sessions: u64,
    /// The old revocations in Redis.
    pub old_revocations: u64,
    /// The entries in the list of revoked sessions.
    pub entries: u64,
    /// The distinct names of login attempts.
    pub names: u32,
    /// The logins and logouts of one user, in memory and in Redis. In the databases there are a tenth.
    pub logins: u64,
}

impl Load {
    /// Enough for reliable figures.
    pub const FULL: Self = Self {
        window: Duration::from_secs(3),
        ended: 100_000,
        sessions: 1_000_000,
        old_revocations: 60_000,
        entries: 5_000_000,
        names: 1_000_000,
        logins: 100_000,
    };
    /// Little, to check that the benchmarks run.
    pub const QUICK: Self = Self {
        window: Duration::from_millis(50),
        ended: 1_000,
        sessions: 2_000,
        old_revocations: 2_500,
        entries: 10_000,
        names: 2_000,
        logins: 200,
    };
}
