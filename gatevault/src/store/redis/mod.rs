//! Sessions, and attempts to log in, in Redis 6 or later, or Valkey. Each operation is one call of a script, and each script a file of its own here;
//! what becomes of a presented token is decided by `session::Record`, as for every store.

mod attempts;
mod connection;
mod keys;
mod listening;
mod own;
mod row;
mod script;
mod server;
mod sessions;
mod steps;

pub use attempts::RedisAttempts;
pub use sessions::RedisSessions;
