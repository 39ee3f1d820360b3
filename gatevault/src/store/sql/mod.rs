//! Session stores in SQL databases.
//!
//! `statements` has the SQL that all databases share, and `dialect` is the trait for their differences. `transaction` runs
//! statements atomically, `sessions` composes the operations of a store from them, and the macro of `sql_store` makes a
//! `SessionStore` of these. Each database has a folder.

mod dialect;
mod sessions;
mod sql_store;
mod statements;
mod transaction;

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "postgres")]
pub use postgres::PostgresSessions;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteSessions;
