//! The accounts in SQLite, the user store over them, and registration.

use std::borrow::Cow;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use gatevault::error::BoxError;
use gatevault::login::HashUpdate;
use gatevault::{AuthUser, UserId, UserStore, async_hash_password};
use http::StatusCode;
use serde::Deserialize;
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{FromRow, Row as _};

use crate::names::{self, NewName};
use crate::policies::User;

pub(crate) struct Account {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) team: String,
    pub(crate) is_admin: bool,
    password_hash: String,
}

impl FromRow<'_, SqliteRow> for Account {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            team: row.try_get("team")?,
            is_admin: row.try_get("is_admin")?,
            password_hash: row.try_get("password_hash")?,
        })
    }
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
            name TEXT NOT NULL UNIQUE, -- the canonical spelling
            skeleton TEXT NOT NULL UNIQUE, -- no two names look alike
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

    async fn add(&self, name: NewName, new: &Registration, password_hash: &str) -> sqlx::Result<bool> {
        // The unique columns decide. A query before the insertion would miss a registration at the same time.
        let insert = "INSERT INTO accounts (name, skeleton, team, is_admin, password_hash) \
                      VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
        let insert = sqlx::query(insert).bind(name.canonical).bind(name.skeleton);
        let insert = insert.bind(&new.team).bind(new.is_admin).bind(password_hash);
        Ok(insert.execute(&self.database).await?.rows_affected() == 1)
    }
}

impl UserStore for Accounts {
    type User = Account;
    type Claims = User;

    async fn find_by_name(&self, name: &str) -> Result<Option<Account>, BoxError> {
        let query = sqlx::query_as("SELECT * FROM accounts WHERE name = ?").bind(names::canonical(name));
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

type Refusal = (StatusCode, Cow<'static, str>);

async fn register(
    State(accounts): State<Accounts>,
    Json(new): Json<Registration>,
) -> Result<StatusCode, Refusal> {
    let name = NewName::parse(&new.username)
        .map_err(|why| (StatusCode::UNPROCESSABLE_ENTITY, format!("This is not possible: {why}.").into()))?;
    // bcrypt reads 72 bytes at most, and a password must not be truncated.
    if new.password.chars().count() < 8 || new.password.len() > 72 {
        return Err((
            StatusCode::UNPROCESSABLE_ENTITY,
            "A password needs at least 8 characters and at most 72 bytes.".into(),
        ));
    }
    let password_hash = async_hash_password(new.password.as_str()).await.map_err(failed)?;
    if accounts.add(name, &new, &password_hash).await.map_err(failed)? {
        Ok(StatusCode::CREATED)
    } else {
        Err((StatusCode::CONFLICT, "The name is taken, or looks like one that is.".into()))
    }
}

fn failed(error: impl Into<BoxError>) -> Refusal {
    tracing::error!(error = %error.into(), "registration failed");
    (StatusCode::SERVICE_UNAVAILABLE, "Temporarily unavailable. Try again.".into())
}
