//! The accounts in SQLite, which are the user store of logins.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use gatevault::error::BoxError;
use gatevault::login::HashUpdate;
use gatevault::{AuthUser, SyncUserStore, UserId, hash_password};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, named_params, params};

use crate::functions::{Role, User};
use crate::names::{self, NewName};

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
                 name TEXT NOT NULL UNIQUE, -- the canonical spelling
                 skeleton TEXT NOT NULL UNIQUE, -- no two names look alike
                 is_admin INTEGER NOT NULL,
                 password_hash TEXT NOT NULL
             ) STRICT",
        )?;
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// Stores a new account with the hash of its password, never the password.
    pub fn register(&self, name: &str, password: &str, is_admin: bool) -> Result<i64, BoxError> {
        let NewName { canonical, skeleton } = NewName::parse(name)?;
        let password_hash = hash_password(password)?;
        let connection = self.connection();
        // The unique columns decide. A query before the insertion would miss a registration at the same time.
        let rows = connection.execute(
            "INSERT INTO accounts (name, skeleton, is_admin, password_hash)
             VALUES (:name, :skeleton, :is_admin, :password_hash) ON CONFLICT DO NOTHING",
            named_params! {
                ":name": canonical,
                ":skeleton": skeleton,
                ":is_admin": is_admin,
                ":password_hash": password_hash,
            },
        )?;
        match rows {
            0 => Err("the name is taken, or looks like one that is".into()),
            _ => Ok(connection.last_insert_rowid()),
        }
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
        Ok(self.find("SELECT * FROM accounts WHERE name = ?1", names::canonical(name))?)
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
