//! The accounts in SQLite, the user store over them, and registration.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use gatevault::error::BoxError;
use gatevault::login::HashUpdate;
use gatevault::{AuthUser, UserId, UserStore, async_hash_password, generate_secret};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{FromRow, Row as _};

use crate::error::AppError;
use crate::names::{self, NewName};
use crate::policies::User;

pub(crate) struct Account {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) team: String,
    pub(crate) is_admin: bool,
    /// A random string that authenticators store with a passkey. It says nothing about the user.
    pub(crate) passkey_handle: String,
    password_hash: String,
}

impl FromRow<'_, SqliteRow> for Account {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            team: row.try_get("team")?,
            is_admin: row.try_get("is_admin")?,
            passkey_handle: row.try_get("passkey_handle")?,
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
    pub(crate) database: SqlitePool,
}

impl Accounts {
    /// Creates the tables and the accounts of the page's first step.
    pub(crate) async fn open(database: SqlitePool) -> Result<Self, BoxError> {
        let tables = "CREATE TABLE IF NOT EXISTS accounts (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE, -- the canonical spelling
            skeleton TEXT NOT NULL UNIQUE, -- no two names look alike
            team TEXT NOT NULL,
            is_admin INTEGER NOT NULL,
            passkey_handle TEXT NOT NULL UNIQUE,
            password_hash TEXT NOT NULL
        ) STRICT;
        CREATE TABLE IF NOT EXISTS passkeys (
            id BLOB PRIMARY KEY, -- the credential id, which belongs to one account only (WebAuthn, section 7.1)
            account INTEGER NOT NULL REFERENCES accounts (id),
            passkey TEXT NOT NULL -- the public key, the counter and flags, as JSON
        ) STRICT";
        sqlx::raw_sql(tables).execute(&database).await?;
        let accounts = Self { database };
        // Their password is public, so one hash for all gives nothing away.
        let password_hash = async_hash_password(EXAMPLE_PASSWORD).await?;
        for (username, team, is_admin) in EXAMPLES {
            accounts.add(NewName::parse(username)?, team, is_admin, &password_hash).await?;
        }
        Ok(accounts)
    }

    pub(crate) fn routes(self) -> Router {
        Router::new().route("/accounts", get(examples).post(register)).with_state(self)
    }

    pub(crate) async fn find(&self, id: i64) -> sqlx::Result<Option<Account>> {
        sqlx::query_as("SELECT * FROM accounts WHERE id = ?").bind(id).fetch_optional(&self.database).await
    }

    /// Adds an account. Returns false if its name is taken, or looks like one that is.
    async fn add(&self, name: NewName, team: &str, is_admin: bool, hash: &str) -> Result<bool, BoxError> {
        // The unique columns decide. A query before the insertion would miss a registration at the same time.
        let insert = "INSERT INTO accounts (name, skeleton, team, is_admin, passkey_handle, password_hash) \
                      VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
        let insert = sqlx::query(insert).bind(name.canonical).bind(name.skeleton).bind(team).bind(is_admin);
        let insert = insert.bind(generate_secret()?).bind(hash);
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
        let Some(id) = id.as_i64() else { return Ok(None) };
        Ok(self.find(id).await?)
    }

    // A login calls it if the stored hash is weaker than the hasher's settings.
    async fn replace_hash(&self, update: HashUpdate) -> Result<bool, BoxError> {
        // The last condition keeps a password that was changed during the login.
        let query = sqlx::query("UPDATE accounts SET password_hash = ? WHERE id = ? AND password_hash = ?");
        let query = query.bind(update.replacement).bind(update.user.as_i64()).bind(update.outdated);
        Ok(query.execute(&self.database).await?.rows_affected() == 1)
    }
}

/// The accounts with which visitors begin: name, team, and whether the user is an admin.
const EXAMPLES: [(&str, &str, bool); 3] =
    [("ada", "north", false), ("root", "north", true), ("bob", "south", false)];

/// The password of these accounts. The page shows it.
const EXAMPLE_PASSWORD: &str = "correct horse battery";

#[derive(Serialize)]
struct Example {
    username: &'static str,
    password: &'static str,
    team: &'static str,
    is_admin: bool,
}

async fn examples() -> Json<Vec<Example>> {
    let example =
        |(username, team, is_admin)| Example { username, password: EXAMPLE_PASSWORD, team, is_admin };
    Json(EXAMPLES.into_iter().map(example).collect())
}

/// A registration. In this demo visitors choose their own team and role.
#[derive(Deserialize)]
struct Registration {
    username: String,
    password: String,
    team: String,
    is_admin: bool,
}

async fn register(
    State(accounts): State<Accounts>,
    Json(new): Json<Registration>,
) -> Result<StatusCode, AppError> {
    let name = NewName::parse(&new.username).map_err(|why| {
        AppError::refused(StatusCode::UNPROCESSABLE_ENTITY, format!("This is not possible: {why}."))
    })?;
    // bcrypt reads 72 bytes at most, and a password must not be truncated.
    if new.password.chars().count() < 8 || new.password.len() > 72 {
        let why = "A password needs at least 8 characters and at most 72 bytes.";
        return Err(AppError::refused(StatusCode::UNPROCESSABLE_ENTITY, why));
    }
    let password_hash = async_hash_password(new.password.as_str()).await?;
    if accounts.add(name, &new.team, new.is_admin, &password_hash).await.map_err(AppError::Failed)? {
        Ok(StatusCode::CREATED)
    } else {
        Err(AppError::refused(StatusCode::CONFLICT, "The name is taken, or looks like one that is."))
    }
}
