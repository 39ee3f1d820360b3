//! The accounts, and the user store over them.

use axum::http::StatusCode;
use gatevault::error::BoxError;
use gatevault::{AuthUser, Claims, PasswordHasher, UserId, UserStore};
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{FromRow, Row as _};

use crate::{AppError, addresses};

pub(crate) struct Account {
    pub(crate) id: i64,
    pub(crate) address: String,
    pub(crate) password_hash: String,
}

impl AuthUser for Account {
    fn id(&self) -> UserId {
        self.id.into()
    }

    fn hashed_password(&self) -> Option<&str> {
        Some(&self.password_hash)
    }
}

impl FromRow<'_, SqliteRow> for Account {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let (id, address) = (row.try_get("id")?, row.try_get("address")?);
        Ok(Self { id, address, password_hash: row.try_get("password_hash")? })
    }
}

/// The claims of an access token.
#[derive(Debug, Clone, Claims)]
pub(crate) struct User {
    pub(crate) user_id: i64,
}

impl From<&Account> for User {
    fn from(account: &Account) -> Self {
        Self { user_id: account.id }
    }
}

/// The accounts as a login finds them. Each has a verified address: until then there is no account.
#[derive(Debug, Clone)]
pub(crate) struct Users {
    pub(crate) db: SqlitePool,
}

impl UserStore for Users {
    type User = Account;
    type Claims = User;

    async fn find_by_name(&self, address: &str) -> Result<Option<Account>, BoxError> {
        let query = sqlx::query_as("SELECT * FROM accounts WHERE address = ?");
        Ok(query.bind(addresses::canonical(address)).fetch_optional(&self.db).await?)
    }

    async fn find_by_id(&self, id: &UserId) -> Result<Option<Account>, BoxError> {
        let query = sqlx::query_as("SELECT * FROM accounts WHERE id = ?").bind(id.as_i64());
        Ok(query.fetch_optional(&self.db).await?)
    }
}

impl Users {
    /// Creates an account. Returns whether the address had none: of two calls at the same time, one is the first.
    pub(crate) async fn create(&self, address: &str, password_hash: &str) -> Result<bool, AppError> {
        let query = "INSERT INTO accounts (address, password_hash) VALUES (?, ?) ON CONFLICT DO NOTHING";
        let query = sqlx::query(query).bind(address).bind(password_hash);
        Ok(query.execute(&self.db).await?.rows_affected() == 1)
    }

    /// Replaces the password hash if it is still `old`. Returns whether it was: of two calls with the same `old`, one wins.
    pub(crate) async fn replace_password(&self, id: i64, old: &str, new: &str) -> Result<bool, AppError> {
        let query = "UPDATE accounts SET password_hash = ? WHERE id = ? AND password_hash = ?";
        let query = sqlx::query(query).bind(new).bind(id).bind(old);
        Ok(query.execute(&self.db).await?.rows_affected() == 1)
    }
}

/// Hashes a new password.
pub(crate) async fn hash(hasher: &PasswordHasher, password: String) -> Result<String, AppError> {
    if password.chars().count() < 8 {
        return Err(AppError::Refused(
            StatusCode::UNPROCESSABLE_ENTITY,
            "a password needs at least 8 characters",
        ));
    }
    Ok(hasher.async_hash(password).await?)
}
