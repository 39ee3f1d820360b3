//! The stores of sessions and of login attempts, a file or a folder for each backend.
//!
//! All of them pass the same contract tests (`tests/stores/contract`).

mod attempts;
#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
mod executor;
#[cfg(feature = "redis")]
mod in_place;
mod memory;
#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
mod record;
#[cfg(feature = "redis")]
mod redis;
mod segmented_map;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod sql;
#[cfg(any(feature = "postgres", feature = "redis"))]
mod subscription;

#[cfg(feature = "redis")]
pub use self::redis::{IntoRedisEndpoint, RedisAttempts, RedisEndpoint, RedisSessions};
pub use attempts::MemoryAttempts;
pub use memory::MemorySessions;
#[cfg(feature = "postgres")]
pub use sql::PostgresSessions;
#[cfg(feature = "sqlite")]
pub use sql::SqliteSessions;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(crate) use sql::is_refused_text;

/// Returns `false`: no database of this build refuses a text.
#[cfg(not(any(feature = "postgres", feature = "sqlite")))]
pub(crate) fn is_refused_text(_: &(dyn std::error::Error + 'static)) -> bool {
    false
}
