//! The session store in SQLite.

mod dialect;
mod migration;
mod sessions;

pub use sessions::SqliteSessions;
