//! The stores of sessions and login attempts in Redis 6 or later, or Valkey.
//!
//! Each operation runs one Lua script, which Redis executes atomically. Each script is a file of its own. The decision about
//! a presented refresh token is `SessionRecord::evaluate`, as for every store.

mod attempts;
mod backend;
mod connection;
mod keys;
mod listening;
mod operations;
mod reconnecting;
mod replies;
mod scripts;
mod sessions;

pub use attempts::RedisAttempts;
pub use sessions::RedisSessions;
