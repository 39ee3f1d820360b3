//! The database with the accounts.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gatevault::{AuthUser, UserId};
use rusqlite::{Connection, OptionalExtension, Row, ToSql};
use serde::Deserialize;

use crate::{AppError, Role};

pub(crate) struct Account {
    pub(crate) id: i64,
    pub(crate) role: Role,
    password_hash: String,
}

impl AuthUser for Account {
    fn id(&self) -> UserId {
        self.id.into()
    }

    fn hashed_password(&self) -> Option<&str> {
        Some(&self.password_hash)
    }
}

// Without `Debug`, so that no log can contain a password.
#[derive(Deserialize)]
pub(crate) struct Credentials {
    pub(crate) username: String,
    pub(crate) password: String,
}

impl Credentials {
    pub(crate) fn require_acceptable(&self) -> Result<(), AppError> {
        match (self.username.len(), self.password.chars().count()) {
            (1..=64, 8..) => Ok(()),
            (1..=64, _) => Err(AppError::Refused(422, "a password needs at least 8 characters")),
            _ => Err(AppError::Refused(422, "a name needs 1 to 64 bytes")),
        }
    }
}

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

    pub(crate) fn connection(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn named(&self, name: &str) -> rusqlite::Result<Option<Account>> {
        self.find("SELECT id, is_admin, password_hash FROM accounts WHERE name = ?1", name)
    }

    pub(crate) fn identified(&self, id: Option<i64>) -> rusqlite::Result<Option<Account>> {
        self.find("SELECT id, is_admin, password_hash FROM accounts WHERE id = ?1", id)
    }

    fn find(&self, query: &str, key: impl ToSql) -> rusqlite::Result<Option<Account>> {
        let read = |row: &Row<'_>| {
            let role = if row.get(1)? { Role::Admin } else { Role::Member };
            Ok(Account { id: row.get(0)?, role, password_hash: row.get(2)? })
        };
        self.connection().query_row(query, [key], read).optional()
    }

    pub(crate) fn names(&self) -> rusqlite::Result<Vec<String>> {
        let db = self.connection();
        let mut query = db.prepare_cached("SELECT name FROM accounts ORDER BY id")?;
        query.query_map([], |row| row.get(0))?.collect()
    }

    pub(crate) fn add(&self, name: &str, password_hash: &str) -> Result<(), AppError> {
        let query = "INSERT INTO accounts (name, password_hash) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        match self.connection().execute(query, [name, password_hash])? {
            0 => Err(AppError::Refused(409, "the name is taken")),
            _ => Ok(()),
        }
    }

    pub(crate) fn promote(&self, name: &str) -> Result<(), AppError> {
        match self.connection().execute("UPDATE accounts SET is_admin = TRUE WHERE name = ?1", [name])? {
            0 => Err(AppError::Refused(404, "unknown name")),
            _ => Ok(()),
        }
    }
}
