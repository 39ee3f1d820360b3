//! The session store in `PostgreSQL`.

mod dialect;
mod listening;
mod sessions;

pub use sessions::PostgresSessions;
