//! The session store in `PostgreSQL`.

mod batch;
mod batch_statement;
mod dialect;
mod listening;
mod literal;
mod mark;
mod migration;
mod queue;
mod removal;
mod route;
mod sessions;

pub use sessions::PostgresSessions;
