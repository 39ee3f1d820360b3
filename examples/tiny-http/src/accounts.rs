//! The database with the accounts, which is the user store of logins.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gatevault::error::BoxError;
use gatevault::login::HashUpdate;
use gatevault::{AuthUser, SyncUserStore, UserId};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};
use serde::Deserialize;

use crate::names::{self, NewName};
use crate::{AppError, Role, User};

pub(crate) struct Account {
    id: i64,
    role: Role,
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

impl From<&Account> for User {
    fn from(account: &Account) -> Self {
        Self { user_id: account.id, role: account.role }
    }
}

// Without `Debug`, so that no log can contain a password.
#[derive(Deserialize)]
pub(crate) struct Credentials {
    pub(crate) username: String,
    pub(crate) password: String,
}

impl Credentials {
    /// Returns the name, if name and password can be registered.
    pub(crate) fn require_acceptable(&self) -> Result<NewName, AppError> {
        if self.password.chars().count() < 8 {
            return Err(AppError::Refused(422, "a password needs at least 8 characters"));
        }
        NewName::parse(&self.username).map_err(|why| AppError::Refused(422, why))
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

    fn find(&self, query: &str, key: impl ToSql) -> rusqlite::Result<Option<Account>> {
        let read = |row: &Row<'_>| {
            let role = if row.get("is_admin")? { Role::Admin } else { Role::Member };
            Ok(Account { id: row.get("id")?, role, password_hash: row.get("password_hash")? })
        };
        self.connection().query_row(query, [key], read).optional()
    }

    pub(crate) fn names(&self) -> rusqlite::Result<Vec<String>> {
        let db = self.connection();
        let mut query = db.prepare_cached("SELECT name FROM accounts ORDER BY id")?;
        query.query_map([], |row| row.get(0))?.collect()
    }

    pub(crate) fn add(&self, name: &NewName, password_hash: &str) -> Result<(), AppError> {
        // The unique columns decide. A query before the insertion would miss a registration at the same time.
        let query =
            "INSERT INTO accounts (name, skeleton, password_hash) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        match self.connection().execute(query, [&name.canonical, &name.skeleton, password_hash])? {
            0 => Err(AppError::Refused(409, "the name is taken, or looks like one that is")),
            _ => Ok(()),
        }
    }

    pub(crate) fn promote(&self, name: &str) -> Result<(), AppError> {
        let query = "UPDATE accounts SET is_admin = TRUE WHERE name = ?1";
        match self.connection().execute(query, [names::canonical(name)])? {
            0 => Err(AppError::Refused(404, "unknown name")),
            _ => Ok(()),
        }
    }
}

impl SyncUserStore for Database {
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
