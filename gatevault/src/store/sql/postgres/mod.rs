//! The session store in `PostgreSQL`.

mod dialect;
mod listening;
mod literal;
mod mark;
mod migration;
mod route;
mod sessions;

pub use sessions::PostgresSessions;
