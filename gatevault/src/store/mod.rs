//! The stores of sessions and of login attempts, a file or a folder for each backend.
//!
//! All of them pass the same contract tests (`tests/stores/contract`).

mod attempts;
#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
mod executor;
mod memory;
#[cfg(feature = "redis")]
mod redis;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod sql;
#[cfg(any(feature = "postgres", feature = "redis"))]
mod subscription;

#[cfg(feature = "redis")]
pub use self::redis::{RedisAttempts, RedisSessions};
pub use attempts::MemoryAttempts;
pub use memory::MemorySessions;
#[cfg(feature = "postgres")]
pub use sql::PostgresSessions;
#[cfg(feature = "sqlite")]
pub use sql::SqliteSessions;
