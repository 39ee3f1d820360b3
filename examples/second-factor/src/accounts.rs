//! The accounts, and the user store over them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gatevault::error::BoxError;
use gatevault::{AuthUser, Claims, GuardError, UserId, UserStore};
use serde::Deserialize;
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{FromRow, Row as _};

use crate::names::{self, NewName};
use crate::{App, AppError};

pub(crate) struct Account {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) stamp: i64,
    pub(crate) totp_secret: Option<Vec<u8>>,
    pub(crate) totp_new_secret: Option<Vec<u8>>,
    pub(crate) attempts: i64,
    pub(crate) wrong_codes: i64,
    pub(crate) next_attempt_at: i64,
    password_hash: String,
}

impl AuthUser for Account {
    fn id(&self) -> UserId {
        self.id.into()
    }

    fn hashed_password(&self) -> Option<&str> {
        Some(&self.password_hash)
    }

    // A session that began with the password alone must not outlive the day on which the account gets a second factor.
    fn security_stamp(&self) -> String {
        self.stamp.to_string()
    }
}

impl FromRow<'_, SqliteRow> for Account {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            stamp: row.try_get("stamp")?,
            totp_secret: row.try_get("totp_secret")?,
            totp_new_secret: row.try_get("totp_new_secret")?,
            attempts: row.try_get("attempts")?,
            wrong_codes: row.try_get("wrong_codes")?,
            next_attempt_at: row.try_get("next_attempt_at")?,
            password_hash: row.try_get("password_hash")?,
        })
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

/// The accounts as a login finds them.
#[derive(Debug, Clone)]
pub(crate) struct Users {
    pub(crate) db: SqlitePool,
}

impl UserStore for Users {
    type User = Account;
    type Claims = User;

    async fn find_by_name(&self, name: &str) -> Result<Option<Account>, BoxError> {
        let query = sqlx::query_as("SELECT * FROM accounts WHERE name = ?").bind(names::canonical(name));
        Ok(query.fetch_optional(&self.db).await?)
    }

    async fn find_by_id(&self, id: &UserId) -> Result<Option<Account>, BoxError> {
        let query = sqlx::query_as("SELECT * FROM accounts WHERE id = ?").bind(id.as_i64());
        Ok(query.fetch_optional(&self.db).await?)
    }
}

impl App {
    /// Returns an account as it is now.
    pub(crate) async fn account(&self, id: i64) -> Result<Account, AppError> {
        let account = self.users.find_by_id(&id.into()).await.map_err(GuardError::unavailable)?;
        account.ok_or(AppError::Refused(StatusCode::NOT_FOUND, "the account was deleted"))
    }
}

// Without `Debug`, so that no log can contain a password.
#[derive(Deserialize)]
pub(crate) struct Credentials {
    pub(crate) username: String,
    pub(crate) password: String,
}

pub(crate) async fn register(
    State(app): State<App>,
    Json(new): Json<Credentials>,
) -> Result<StatusCode, AppError> {
    let unprocessable = |why| AppError::Refused(StatusCode::UNPROCESSABLE_ENTITY, why);
    let name = NewName::parse(&new.username).map_err(unprocessable)?;
    if new.password.chars().count() < 8 {
        return Err(unprocessable("a password needs at least 8 characters"));
    }
    let password_hash = app.hasher.async_hash(new.password).await?;
    let query = sqlx::query(
        "INSERT INTO accounts (name, skeleton, password_hash) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
    );
    let query = query.bind(name.canonical).bind(name.skeleton).bind(password_hash);
    match query.execute(&app.users.db).await?.rows_affected() {
        0 => Err(AppError::Refused(StatusCode::CONFLICT, "the name is taken, or looks like one that is")),
        _ => Ok(StatusCode::CREATED),
    }
}
