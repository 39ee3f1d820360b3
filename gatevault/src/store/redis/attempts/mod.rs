//! The store of login attempts in Redis: one script counts an attempt, and one applies its outcome.

mod scripts;
mod store;

pub use store::RedisAttempts;

/// The sources of the scripts.
const SCRIPTS: &[&str] = &[include_str!("begin.lua"), include_str!("record_outcome.lua")];
