//! The database, and the threads on which its queries block.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::web;
use gatevault::GuardError;
use rusqlite::Connection;

use crate::AppError;

/// One connection, because `SQLite` has one writer. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Database(Arc<Mutex<Connection>>);

impl Database {
    pub(crate) fn open(path: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.execute_batch(include_str!("schema.sql"))?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Runs a blocking query on a thread of the blocking pool.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let connection = Arc::clone(&self.0);
        let working = web::block(move || work(&connection.lock().unwrap_or_else(PoisonError::into_inner)));
        working.await.map_err(GuardError::unavailable)?
    }
}
