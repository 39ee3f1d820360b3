//! The benchmarks of sessions: `main.rs` runs those of single operations, `load` those of many,
//! `scale` those over stores of several sizes, and `soak` mixed work.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod baseline;
mod beginning;
mod clients;
mod figures;
mod filling;
pub mod load;
mod memory;
mod node;
mod operations;
mod propagation;
mod rotation;
mod saturation;
pub mod scale;
mod servers;
pub mod soak;

use std::error::Error;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

pub use beginning::print_beginnings;
pub use memory::print_memory;
pub use propagation::{FOLLOWER, follow, print_propagation};
pub use rotation::print_rotations;
pub use saturation::print_saturation;
pub use servers::Servers;

/// The result of a benchmark.
pub type BenchResult<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Starts a runtime with this number of worker threads.
///
/// # Errors
///
/// Returns an error if the threads cannot be spawned.
pub fn runtime(threads: usize) -> BenchResult<Runtime> {
    Ok(Builder::new_multi_thread().worker_threads(threads).enable_all().build()?)
}

/// The number of repetitions of each benchmark.
#[derive(Debug, Clone, Copy)]
pub struct Rounds {
    /// The time for which a store is measured before it is the baseline's turn.
    pub turn: Duration,
    /// The turns of each.
    pub turns: u32,
    /// The users that log in and refresh.
    pub users: u32,
    /// The sessions whose revocation is awaited in another process.
    pub revocations: u32,
    /// The guarded calls during the logins.
    pub calls: u32,
    /// The entries in the list of revoked sessions.
    pub entries: u32,
}

impl Rounds {
    /// Enough repetitions for reliable figures.
    pub const FULL: Self = Self {
        turn: Duration::from_millis(300),
        turns: 7,
        users: 1000,
        revocations: 20,
        calls: 2_000_000,
        entries: 1_000_000,
    };
    /// Few repetitions, to check that the benchmarks run.
    pub const QUICK: Self = Self {
        turn: Duration::from_millis(20),
        turns: 1,
        users: 20,
        revocations: 1,
        calls: 2_000,
        entries: 10_000,
    };
}
