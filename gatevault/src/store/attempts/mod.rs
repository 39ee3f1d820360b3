//! Where attempts to log in are counted.

mod counters;
mod known;
mod memory;

pub use memory::MemoryAttempts;
