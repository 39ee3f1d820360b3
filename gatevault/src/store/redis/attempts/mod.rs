//! Attempts to log in, counted in Redis: one call of a script counts an attempt, and one settles it.

mod call;
mod store;

pub use store::RedisAttempts;
