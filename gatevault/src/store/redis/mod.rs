//! The stores of sessions and login attempts in Redis 6 or later, or Valkey.
//!
//! Each operation runs a Lua script, which Redis executes atomically. Each script is a file of its own, and accesses only keys
//! that its caller declares. `EvaluateSession` decides about a presented refresh token and about a step-up, as for every store.

use crate::error::StoreError;

mod attempts;
mod backend;
mod connection;
mod endpoint;
mod keys;
mod listed;
mod listening;
mod opening;
mod operations;
mod reconnecting;
mod removal;
mod requirements;
mod revocations;
mod rows;
mod scripts;
mod sentinel;
mod sessions;
mod step_up;

impl From<redis::RedisError> for StoreError {
    fn from(cause: redis::RedisError) -> Self {
        Self::new(cause)
    }
}

impl From<redis::ParsingError> for StoreError {
    fn from(cause: redis::ParsingError) -> Self {
        Self::new(cause)
    }
}

pub use attempts::RedisAttempts;
pub use endpoint::{IntoRedisEndpoint, RedisEndpoint};
pub use sessions::RedisSessions;
