//! The accounts, the user store over them, and their routes.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gatevault::error::BoxError;
use gatevault::login::HashUpdate;
use gatevault::{AuthUser, UserId, UserStore, Verified, protected};
use serde::Deserialize;
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{FromRow, Row as _};

use crate::names::{self, NewName};
use crate::{App, AppError, Role, User};

#[derive(AuthUser)]
pub(crate) struct Account {
    id: i64,
    role: Role,
    password_hash: String,
}

impl FromRow<'_, SqliteRow> for Account {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let role = if row.try_get("is_admin")? { Role::Admin } else { Role::Member };
        Ok(Self { id: row.try_get("id")?, role, password_hash: row.try_get("password_hash")? })
    }
}

impl From<&Account> for User {
    fn from(account: &Account) -> Self {
        let scope = Some("account notes:read notes:write".to_owned());
        Self { user_id: account.id, role: account.role, scope }
    }
}

/// The accounts as a login finds them.
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

    // A login calls it if the stored hash is weaker than the hasher's settings.
    async fn replace_hash(&self, update: HashUpdate) -> Result<bool, BoxError> {
        // The last condition keeps a password that was changed during the login.
        let query = sqlx::query("UPDATE accounts SET password_hash = ? WHERE id = ? AND password_hash = ?");
        let query = query.bind(update.replacement).bind(update.user.as_i64()).bind(update.outdated);
        Ok(query.execute(&self.db).await?.rows_affected() == 1)
    }
}

impl App {
    /// Makes a user an admin, from their next login or refresh on.
    ///
    /// # Errors
    ///
    /// An unknown name, and errors of the database.
    pub async fn promote(&self, name: &str) -> Result<(), AppError> {
        let query =
            sqlx::query("UPDATE accounts SET is_admin = TRUE WHERE name = ?").bind(names::canonical(name));
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
    let name = NewName::parse(&new.username)
        .map_err(|why| AppError::Refused(StatusCode::UNPROCESSABLE_ENTITY, why))?;
    let password_hash = app.auth.hash_new_password(&new.password).await?;
    // The unique columns decide. A query before the insertion would miss a registration at the same time.
    let query = sqlx::query(
        "INSERT INTO accounts (name, skeleton, password_hash) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
    );
    let query = query.bind(name.canonical).bind(name.skeleton).bind(password_hash);
    match query.execute(&app.db).await?.rows_affected() {
        0 => Err(AppError::Refused(StatusCode::CONFLICT, "the name is taken, or looks like one that is")),
        _ => Ok(StatusCode::CREATED),
    }
}

#[protected(handler, payload = _: User, role = Role::Admin)]
pub(crate) async fn list(State(app): State<App>) -> Result<Json<Vec<String>>, AppError> {
    Ok(Json(sqlx::query_scalar("SELECT name FROM accounts ORDER BY id").fetch_all(&app.db).await?))
}

/// Changes the password and revokes the user's other sessions. It requires a recent login, which is throttled; asking for the old
/// password here would not be.
#[protected(handler, scope = "account", max_age = "5m")]
pub(crate) async fn change_password(
    State(app): State<App>,
    Json(password): Json<String>,
    user: Verified<User>,
) -> Result<StatusCode, AppError> {
    let password_hash = app.auth.hash_new_password(&password).await?;
    let query = sqlx::query("UPDATE accounts SET password_hash = ? WHERE id = ?");
    query.bind(password_hash).bind(user.user_id).execute(&app.db).await?;
    app.auth.logout_others(user.user_id, user.session_id().unwrap_or_default()).await?;
    Ok(StatusCode::NO_CONTENT)
}
