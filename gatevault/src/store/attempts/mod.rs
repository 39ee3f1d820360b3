//! The store of login attempts in the memory of the process.

mod counter_cache;
mod known_addresses;
mod memory;
#[cfg(test)]
mod tests;

pub use memory::MemoryAttempts;
