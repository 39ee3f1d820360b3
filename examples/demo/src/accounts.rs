//! The accounts in SQLite, the user store over them, and registration.

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use gatevault::error::BoxError;
use gatevault::login::HashUpdate;
use gatevault::{AuthUser, UserId, UserStore, async_hash_password};
use http::StatusCode;
use serde::Deserialize;
use sqlx::FromRow;
use sqlx::sqlite::SqlitePool;

use crate::policies::User;

#[derive(FromRow)]
pub(crate) struct Account {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) team: String,
    pub(crate) is_admin: bool,
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

#[derive(Clone)]
pub(crate) struct Accounts {
    database: SqlitePool,
}

impl Accounts {
    pub(crate) async fn open(database: SqlitePool) -> sqlx::Result<Self> {
        let table = "CREATE TABLE IF NOT EXISTS accounts (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            team TEXT NOT NULL,
            is_admin INTEGER NOT NULL,
            password_hash TEXT NOT NULL
        ) STRICT";
        sqlx::query(table).execute(&database).await?;
        Ok(Self { database })
    }

    pub(crate) fn routes(self) -> Router {
        Router::new().route("/accounts", post(register)).with_state(self)
    }

    async fn add(&self, new: &Registration, password_hash: &str) -> sqlx::Result<bool> {
        let insert = "INSERT INTO accounts (name, team, is_admin, password_hash) VALUES (?, ?, ?, ?) \
                      ON CONFLICT DO NOTHING";
        let insert =
            sqlx::query(insert).bind(&new.username).bind(&new.team).bind(new.is_admin).bind(password_hash);
        Ok(insert.execute(&self.database).await?.rows_affected() == 1)
    }
}

impl UserStore for Accounts {
    type User = Account;
    type Claims = User;

    async fn find_by_name(&self, name: &str) -> Result<Option<Account>, BoxError> {
        let query = sqlx::query_as("SELECT * FROM accounts WHERE name = ?").bind(name);
        Ok(query.fetch_optional(&self.database).await?)
    }

    async fn find_by_id(&self, id: &UserId) -> Result<Option<Account>, BoxError> {
        let query = sqlx::query_as("SELECT * FROM accounts WHERE id = ?").bind(id.as_i64());
        Ok(query.fetch_optional(&self.database).await?)
    }

    // A login calls it if the stored hash is weaker than the hasher's settings.
    async fn replace_hash(&self, update: HashUpdate) -> Result<bool, BoxError> {
        // The last condition keeps a password that was changed during the login.
        let query = sqlx::query("UPDATE accounts SET password_hash = ? WHERE id = ? AND password_hash = ?");
        let query = query.bind(update.replacement).bind(update.user.as_i64()).bind(update.outdated);
        Ok(query.execute(&self.database).await?.rows_affected() == 1)
    }
}

/// A registration. In this demo visitors choose their own team and role.
#[derive(Deserialize)]
struct Registration {
    username: String,
    password: String,
    team: String,
    is_admin: bool,
}

type Refusal = (StatusCode, &'static str);

async fn register(
    State(accounts): State<Accounts>,
    Json(new): Json<Registration>,
) -> Result<StatusCode, Refusal> {
    if new.username.trim().is_empty() || new.username.chars().count() > 40 {
        return Err((StatusCode::UNPROCESSABLE_ENTITY, "A name needs 1 to 40 characters."));
    }
    // bcrypt reads 72 bytes at most, and a password must not be truncated.
    if new.password.chars().count() < 8 || new.password.len() > 72 {
        return Err((
            StatusCode::UNPROCESSABLE_ENTITY,
            "A password needs at least 8 characters and at most 72 bytes.",
        ));
    }
    let password_hash = async_hash_password(new.password.as_str()).await.map_err(failed)?;
    if accounts.add(&new, &password_hash).await.map_err(failed)? {
        Ok(StatusCode::CREATED)
    } else {
        Err((StatusCode::CONFLICT, "The name is taken."))
    }
}

fn failed(error: impl Into<BoxError>) -> Refusal {
    tracing::error!(error = %error.into(), "registration failed");
    (StatusCode::SERVICE_UNAVAILABLE, "Temporarily unavailable. Try again.")
}
