//! What is measured of sessions; `main.rs` prints it.
#![expect(clippy::print_stdout, reason = "the figures are what this is for")]

mod bare;
mod list;
mod place;
mod rotation;
mod saturation;
mod spreading;
mod summary;

use std::error::Error;

pub use list::print_list;
pub use place::Places;
pub use rotation::print_rotations;
pub use saturation::print_saturation;
pub use spreading::{FOLLOWER, follow, print_spreading};

/// What may fail while something is measured.
pub type Answer<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// How often things are done.
#[derive(Debug, Clone, Copy)]
pub struct Rounds {
    /// Rotations of each client.
    pub rotations: u32,
    /// Sessions whose end is waited for in another process.
    pub ends: u32,
    /// Guarded calls beside logins.
    pub calls: u32,
    /// Entries in the list of what was revoked.
    pub entries: u32,
}

impl Rounds {
    /// For figures that can be trusted.
    pub const FULL: Self = Self { rotations: 1000, ends: 20, calls: 2_000_000, entries: 1_000_000 };
    /// To see that it runs.
    pub const QUICK: Self = Self { rotations: 20, ends: 1, calls: 2_000, entries: 10_000 };
}
