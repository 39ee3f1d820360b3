//! Sessions in a table of an SQL database.
//!
//! `statements` holds what is said to every database, `dialect` what one does differently. `script` carries statements
//! out, `table` puts the operations of a store together from them, and `sessions` runs these as tasks. Each database has a
//! folder.

mod dialect;
mod script;
mod sessions;
mod statements;
mod table;

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "postgres")]
pub use postgres::PostgresSessions;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteSessions;
