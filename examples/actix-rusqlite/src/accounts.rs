//! The accounts.

use actix_web::http::StatusCode;
use gatevault::{AuthUser, UserId};
use rusqlite::{Connection, OptionalExtension, Row, ToSql};
use serde::Deserialize;

use crate::{AppError, Role};

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

// Without `Debug`, so that no log can contain a password.
#[derive(Deserialize)]
pub(crate) struct Credentials {
    pub(crate) username: String,
    pub(crate) password: String,
}

impl Credentials {
    pub(crate) fn require_acceptable(&self) -> Result<(), AppError> {
        let refuse = |why| Err(AppError::Refused(StatusCode::UNPROCESSABLE_ENTITY, why));
        match (self.username.len(), self.password.chars().count()) {
            (1..=64, 8..) => Ok(()),
            (1..=64, _) => refuse("a password needs at least 8 characters"),
            _ => refuse("a name needs 1 to 64 bytes"),
        }
    }
}

pub(crate) fn named(db: &Connection, name: &str) -> Result<Option<Account>, AppError> {
    find(db, "SELECT id, is_auditor, password_hash FROM accounts WHERE name = ?1", name)
}

pub(crate) fn identified(db: &Connection, id: Option<i64>) -> Result<Option<Account>, AppError> {
    find(db, "SELECT id, is_auditor, password_hash FROM accounts WHERE id = ?1", id)
}

fn find(db: &Connection, query: &str, key: impl ToSql) -> Result<Option<Account>, AppError> {
    let read = |row: &Row<'_>| {
        let role = if row.get(1)? { Role::Auditor } else { Role::Seller };
        Ok(Account { id: row.get(0)?, role, password_hash: row.get(2)? })
    };
    Ok(db.query_row(query, [key], read).optional()?)
}

pub(crate) fn add(db: &Connection, name: &str, password_hash: &str) -> Result<(), AppError> {
    let query = "INSERT INTO accounts (name, password_hash) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    match db.execute(query, [name, password_hash])? {
        0 => Err(AppError::Refused(StatusCode::CONFLICT, "the name is taken")),
        _ => Ok(()),
    }
}

pub(crate) fn promote(db: &Connection, name: &str) -> Result<(), AppError> {
    match db.execute("UPDATE accounts SET is_auditor = TRUE WHERE name = ?1", [name])? {
        0 => Err(AppError::Refused(StatusCode::NOT_FOUND, "unknown name")),
        _ => Ok(()),
    }
}
