//! Sessions in SQLite.

mod dialect;
mod sessions;

pub use sessions::SqliteSessions;
