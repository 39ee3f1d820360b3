//! The accounts in SQLite, which are the user store of logins.

use std::path::Path;

use gatevault::error::BoxError;
use gatevault::login::HashUpdate;
use gatevault::{Auth, AuthUser, UserId, UserStore};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqliteRow};
use sqlx::{FromRow, Row as _};

use crate::functions::{Role, User};
use crate::names::{self, NewName};

/// One row of the table.
#[derive(AuthUser)]
pub struct Account {
    id: i64,
    is_admin: bool,
    password_hash: String,
}

impl FromRow<'_, SqliteRow> for Account {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let password_hash = row.try_get("password_hash")?;
        Ok(Self { id: row.try_get("id")?, is_admin: row.try_get("is_admin")?, password_hash })
    }
}

impl From<&Account> for User {
    fn from(account: &Account) -> Self {
        let role = if account.is_admin { Role::Admin } else { Role::Member };
        Self { user_id: account.id, role }
    }
}

/// The table of accounts.
pub struct Accounts(SqlitePool);

impl Accounts {
    pub async fn open(path: &Path) -> sqlx::Result<Self> {
        let file = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        let db = SqlitePool::connect_with(file).await?;
        let table = "CREATE TABLE accounts (
                         id INTEGER PRIMARY KEY,
                         name TEXT NOT NULL UNIQUE, -- the canonical spelling
                         skeleton TEXT NOT NULL UNIQUE, -- no two names look alike
                         is_admin INTEGER NOT NULL,
                         password_hash TEXT NOT NULL
                     ) STRICT";
        sqlx::query(table).execute(&db).await?;
        Ok(Self(db))
    }
}

/// Stores a new account with the hash of its password, never the password.
pub async fn register(
    auth: &Auth<Accounts>,
    name: &str,
    password: &str,
    is_admin: bool,
) -> Result<i64, BoxError> {
    let name = NewName::parse(name)?;
    let hash = auth.hash_new_password(password).await?;
    // The unique columns decide. A query before the insertion would miss a registration at the same time.
    let query = sqlx::query_scalar(
        "INSERT INTO accounts (name, skeleton, is_admin, password_hash) VALUES (?, ?, ?, ?)
         ON CONFLICT DO NOTHING RETURNING id",
    );
    let query = query.bind(name.canonical).bind(name.skeleton).bind(is_admin).bind(hash);
    let id = query.fetch_optional(&auth.users().0).await?;
    id.ok_or_else(|| "the name is taken, or looks like one that is".into())
}

impl UserStore for Accounts {
    type User = Account;
    type Claims = User;

    async fn find_by_name(&self, name: &str) -> Result<Option<Account>, BoxError> {
        let query = sqlx::query_as("SELECT * FROM accounts WHERE name = ?").bind(names::canonical(name));
        Ok(query.fetch_optional(&self.0).await?)
    }

    async fn find_by_id(&self, id: &UserId) -> Result<Option<Account>, BoxError> {
        let query = sqlx::query_as("SELECT * FROM accounts WHERE id = ?").bind(id.as_i64());
        Ok(query.fetch_optional(&self.0).await?)
    }

    // A login calls it if the stored hash is weaker than the hasher's settings.
    async fn replace_hash(&self, update: HashUpdate) -> Result<bool, BoxError> {
        // The last condition keeps a password that was changed during the login.
        let query = sqlx::query("UPDATE accounts SET password_hash = ? WHERE id = ? AND password_hash = ?");
        let query = query.bind(update.replacement).bind(update.user.as_i64()).bind(update.outdated);
        Ok(query.execute(&self.0).await?.rows_affected() == 1)
    }
}
