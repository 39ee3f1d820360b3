//! The accounts in SQLite, which are the user store of logins.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use gatevault::error::BoxError;
use gatevault::login::HashUpdate;
use gatevault::{AuthUser, SyncUserStore, UserId, hash_password};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, named_params, params};

use crate::functions::{Role, User};

/// One row of the table.
pub struct Account {
    id: i64,
    is_admin: bool,
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

impl Account {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            is_admin: row.get("is_admin")?,
            password_hash: row.get("password_hash")?,
        })
    }
}

impl From<&Account> for User {
    fn from(account: &Account) -> Self {
        let role = if account.is_admin { Role::Admin } else { Role::Member };
        Self { user_id: account.id, role }
    }
}

/// The table of accounts.
pub struct Accounts {
    connection: Mutex<Connection>,
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
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// Stores a new account with the hash of its password, never the password.
    pub fn register(&self, name: &str, password: &str, is_admin: bool) -> Result<i64, BoxError> {
        let password_hash = hash_password(password)?;
        let connection = self.connection();
        connection.execute(
            "INSERT INTO accounts (name, is_admin, password_hash) VALUES (:name, :is_admin, :password_hash)",
            named_params! { ":name": name, ":is_admin": is_admin, ":password_hash": password_hash },
        )?;
        Ok(connection.last_insert_rowid())
    }

    fn find(&self, query: &str, key: impl ToSql) -> rusqlite::Result<Option<Account>> {
        self.connection().query_row(query, [key], Account::from_row).optional()
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SyncUserStore for Accounts {
    type User = Account;
    type Claims = User;

    fn find_by_name(&self, name: &str) -> Result<Option<Account>, BoxError> {
        Ok(self.find("SELECT * FROM accounts WHERE name = ?1", name)?)
    }

    fn find_by_id(&self, id: &UserId) -> Result<Option<Account>, BoxError> {
        Ok(self.find("SELECT * FROM accounts WHERE id = ?1", id.as_i64())?)
    }

    // A login calls it if the stored hash is weaker than the hasher's settings.
    fn replace_hash(&self, update: HashUpdate) -> Result<bool, BoxError> {
        // The last condition keeps a password that was changed during the login.
        let query = "UPDATE accounts SET password_hash = ?1 WHERE id = ?2 AND password_hash = ?3";
        let values = params![update.replacement, update.user.as_i64(), update.outdated];
        Ok(self.connection().execute(query, values)? == 1)
    }
}
