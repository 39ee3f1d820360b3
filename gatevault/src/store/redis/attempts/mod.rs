//! The store of login attempts in Redis: one script counts an attempt, and one applies its outcome.

mod scripts;
mod store;

pub use store::RedisAttempts;
