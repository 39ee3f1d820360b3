//! The accounts. The database is the user store of logins.

use actix_web::http::StatusCode;
use gatevault::error::BoxError;
use gatevault::login::HashUpdate;
use gatevault::{AuthUser, UserId, UserStore};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};
use serde::Deserialize;

use crate::database::Database;
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
        let refused = |why| AppError::Refused(StatusCode::UNPROCESSABLE_ENTITY, why);
        if self.password.chars().count() < 8 {
            return Err(refused("a password needs at least 8 characters"));
        }
        NewName::parse(&self.username).map_err(refused)
    }
}

impl UserStore for Database {
    type User = Account;
    type Claims = User;

    async fn find_by_name(&self, name: &str) -> Result<Option<Account>, BoxError> {
        let name = names::canonical(name);
        Ok(self.run(move |db| find(db, "SELECT * FROM accounts WHERE name = ?1", name)).await?)
    }

    async fn find_by_id(&self, id: &UserId) -> Result<Option<Account>, BoxError> {
        let id = id.as_i64();
        Ok(self.run(move |db| find(db, "SELECT * FROM accounts WHERE id = ?1", id)).await?)
    }

    // A login calls it if the stored hash is weaker than the hasher's settings.
    async fn replace_hash(&self, update: HashUpdate) -> Result<bool, BoxError> {
        Ok(self.run(move |db| replace_hash(db, &update)).await?)
    }
}

fn find(db: &Connection, query: &str, key: impl ToSql) -> Result<Option<Account>, AppError> {
    let read = |row: &Row<'_>| {
        let role = if row.get("is_auditor")? { Role::Auditor } else { Role::Seller };
        Ok(Account { id: row.get("id")?, role, password_hash: row.get("password_hash")? })
    };
    Ok(db.query_row(query, [key], read).optional()?)
}

fn replace_hash(db: &Connection, update: &HashUpdate) -> Result<bool, AppError> {
    // The last condition keeps a password that was changed during the login.
    let query = "UPDATE accounts SET password_hash = ?1 WHERE id = ?2 AND password_hash = ?3";
    Ok(db.execute(query, params![update.replacement, update.user.as_i64(), update.outdated])? == 1)
}

pub(crate) fn add(db: &Connection, name: &NewName, password_hash: &str) -> Result<(), AppError> {
    // The unique columns decide. A query before the insertion would miss a registration at the same time.
    let query =
        "INSERT INTO accounts (name, skeleton, password_hash) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    match db.execute(query, [&name.canonical, &name.skeleton, password_hash])? {
        0 => Err(AppError::Refused(StatusCode::CONFLICT, "the name is taken, or looks like one that is")),
        _ => Ok(()),
    }
}

pub(crate) fn promote(db: &Connection, name: &str) -> Result<(), AppError> {
    match db.execute("UPDATE accounts SET is_auditor = TRUE WHERE name = ?1", [names::canonical(name)])? {
        0 => Err(AppError::Refused(StatusCode::NOT_FOUND, "unknown name")),
        _ => Ok(()),
    }
}
