//! Session stores in SQL databases.
//!
//! `statements` has the SQL that all databases share, and `dialect` is the trait for their differences. `pool` has the
//! connections, `transaction` runs statements atomically, `revoking` is a request to revoke something, for which databases wait
//! in different ways. `rows` reads what statements return, `sessions` and `step_up` compose the operations of a store from them,
//! `removal` the batches of a removal, and the macro of `sql_store` makes a `SessionStore` of these. Each database has a folder.

use crate::error::StoreError;

mod dialect;
mod layout;
mod pool;
mod refused_text;
mod removal;
mod revoking;
mod rows;
mod sessions;
mod sql_store;
mod statements;
mod step_up;
mod transaction;

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

impl From<sqlx::Error> for StoreError {
    fn from(cause: sqlx::Error) -> Self {
        Self::new(cause)
    }
}

#[cfg(feature = "postgres")]
pub use postgres::PostgresSessions;
pub(crate) use refused_text::is_refused_text;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteSessions;
