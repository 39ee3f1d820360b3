//! The accounts and their routes.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gatevault::login::HashUpdate;
use gatevault::{AuthUser, Bearer, UserId, Verified, protected};
use serde::Deserialize;
use sqlx::SqlitePool;

use crate::{App, AppError, Role, User};

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

type Row = (i64, bool, String);

impl From<Row> for Account {
    fn from((id, is_admin, password_hash): Row) -> Self {
        Self { id, role: if is_admin { Role::Admin } else { Role::Member }, password_hash }
    }
}

pub(crate) async fn named(db: SqlitePool, name: String) -> sqlx::Result<Option<Account>> {
    let query = sqlx::query_as("SELECT id, is_admin, password_hash FROM accounts WHERE name = ?").bind(name);
    Ok(query.fetch_optional(&db).await?.map(|row: Row| row.into()))
}

pub(crate) async fn identified(db: SqlitePool, id: Option<i64>) -> sqlx::Result<Option<Account>> {
    let query = sqlx::query_as("SELECT id, is_admin, password_hash FROM accounts WHERE id = ?").bind(id);
    Ok(query.fetch_optional(&db).await?.map(|row: Row| row.into()))
}

/// Stores a stronger hash, unless the password has changed meanwhile.
pub(crate) async fn replace_hash(db: SqlitePool, update: HashUpdate) -> sqlx::Result<bool> {
    let query = sqlx::query("UPDATE accounts SET password_hash = ? WHERE id = ? AND password_hash = ?");
    let query = query.bind(update.replacement).bind(update.user.as_i64()).bind(update.outdated);
    Ok(query.execute(&db).await?.rows_affected() == 1)
}

impl App {
    /// Makes a user an admin, from their next login or refresh on.
    ///
    /// # Errors
    ///
    /// An unknown name, and errors of the database.
    pub async fn promote(&self, name: &str) -> Result<(), AppError> {
        let query = sqlx::query("UPDATE accounts SET is_admin = TRUE WHERE name = ?").bind(name);
        match query.execute(&self.db).await?.rows_affected() {
            0 => Err(AppError::Refused(StatusCode::NOT_FOUND, "unknown name")),
            _ => Ok(()),
        }
    }
}

// Without `Debug`, so that no log can contain a password.
#[derive(Deserialize)]
pub(crate) struct Credentials {
    username: String,
    password: String,
}

pub(crate) async fn register(
    State(app): State<App>,
    Json(new): Json<Credentials>,
) -> Result<StatusCode, AppError> {
    if !(1..=64).contains(&new.username.len()) {
        return Err(AppError::Refused(StatusCode::UNPROCESSABLE_ENTITY, "a name needs 1 to 64 bytes"));
    }
    let password_hash = hash(&app, new.password).await?;
    let query =
        sqlx::query("INSERT INTO accounts (name, password_hash) VALUES (?, ?) ON CONFLICT DO NOTHING");
    match query.bind(new.username).bind(password_hash).execute(&app.db).await?.rows_affected() {
        0 => Err(AppError::Refused(StatusCode::CONFLICT, "the name is taken")),
        _ => Ok(StatusCode::CREATED),
    }
}

#[protected(gate = app.tokens, role = Role::Admin)]
pub(crate) async fn list(
    State(app): State<App>,
    token: Bearer,
    payload: User,
) -> Result<Json<Vec<String>>, AppError> {
    Ok(Json(sqlx::query_scalar("SELECT name FROM accounts ORDER BY id").fetch_all(&app.db).await?))
}

/// Changes the password and revokes the user's other sessions. It requires a recent login, which is throttled; asking for the old
/// password here would not be.
#[protected(gate = app.tokens, max_age = "5m")]
pub(crate) async fn change_password(
    State(app): State<App>,
    token: Bearer,
    Json(password): Json<String>,
    payload: Verified<User>,
) -> Result<StatusCode, AppError> {
    let password_hash = hash(&app, password).await?;
    let query = sqlx::query("UPDATE accounts SET password_hash = ? WHERE id = ?");
    query.bind(password_hash).bind(payload.user_id).execute(&app.db).await?;
    app.oauth.async_logout_others(payload.user_id, payload.session_id().unwrap_or_default()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn hash(app: &App, password: String) -> Result<String, AppError> {
    if password.chars().count() < 8 {
        return Err(AppError::Refused(
            StatusCode::UNPROCESSABLE_ENTITY,
            "a password needs at least 8 characters",
        ));
    }
    Ok(app.hasher.async_hash(password).await?)
}
