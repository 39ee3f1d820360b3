//! The accounts, in SQLite.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use gatevault::{AuthUser, UserId, hash_password};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

/// One row of the table.
pub struct Account {
    pub id: i64,
    pub is_admin: bool,
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

/// The table of accounts. Clones share it.
#[derive(Clone)]
pub struct Accounts {
    connection: Arc<Mutex<Connection>>,
}

impl Accounts {
    pub fn open(path: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        connection.execute_batch(
            "CREATE TABLE accounts (
                 id INTEGER PRIMARY KEY,
                 name TEXT NOT NULL UNIQUE,
                 is_admin INTEGER NOT NULL,
                 password_hash TEXT NOT NULL
             ) STRICT",
        )?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    /// Stores a new account with the hash of its password, never the password.
    pub fn register(
        &self,
        name: &str,
        password: &str,
        is_admin: bool,
    ) -> Result<i64, crate::scenario::AnyError> {
        let password_hash = hash_password(password)?;
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        connection.execute(
            "INSERT INTO accounts (name, is_admin, password_hash) VALUES (:name, :is_admin, :password_hash)",
            named_params! { ":name": name, ":is_admin": is_admin, ":password_hash": password_hash },
        )?;
        Ok(connection.last_insert_rowid())
    }

    pub fn by_name(&self, name: &str) -> rusqlite::Result<Option<Account>> {
        self.find("SELECT id, is_admin, password_hash FROM accounts WHERE name = ?1", name)
    }

    pub fn by_id(&self, id: &UserId) -> rusqlite::Result<Option<Account>> {
        let Some(id) = id.as_i64() else { return Ok(None) };
        self.find("SELECT id, is_admin, password_hash FROM accounts WHERE id = ?1", id)
    }

    fn find(&self, query: &str, key: impl rusqlite::ToSql) -> rusqlite::Result<Option<Account>> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        connection.query_row(query, [key], Account::from_row).optional()
    }
}

impl Account {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { id: row.get(0)?, is_admin: row.get(1)?, password_hash: row.get(2)? })
    }
}
