//! The session store in SQLite.

mod dialect;
mod sessions;

pub use sessions::SqliteSessions;
