//! The accounts and their passkeys, and the user store over them.

use axum::http::StatusCode;
use gatevault::error::BoxError;
use gatevault::{AuthUser, UserId, UserStore};
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{FromRow, Row as _};
use webauthn_rs::prelude::{AuthenticationResult, Passkey, Uuid};

use crate::{AppError, User};

pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) name: String,
}

impl FromRow<'_, SqliteRow> for Account {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        Ok(Self { id: row.try_get("id")?, name: row.try_get("name")? })
    }
}

impl AuthUser for Account {
    fn id(&self) -> UserId {
        self.id.as_str().into()
    }

    fn hashed_password(&self) -> Option<&str> {
        None
    }
}

impl From<&Account> for User {
    fn from(account: &Account) -> Self {
        Self { user_id: account.id.clone() }
    }
}

/// The accounts as a refresh finds them.
#[derive(Debug, Clone)]
pub(crate) struct Users {
    pub(crate) db: SqlitePool,
}

impl UserStore for Users {
    type User = Account;
    type Claims = User;

    // There are no passwords, so no name logs in.
    async fn find_by_name(&self, _: &str) -> Result<Option<Account>, BoxError> {
        Ok(None)
    }

    async fn find_by_id(&self, id: &UserId) -> Result<Option<Account>, BoxError> {
        Ok(self.find(id.as_str().unwrap_or_default()).await?)
    }
}

impl Users {
    pub(crate) async fn find(&self, id: &str) -> Result<Option<Account>, sqlx::Error> {
        sqlx::query_as("SELECT id, name FROM accounts WHERE id = ?").bind(id).fetch_optional(&self.db).await
    }

    /// Creates an account and its first passkey, both or neither.
    pub(crate) async fn create(
        &self,
        id: Uuid,
        name: String,
        passkey: &Passkey,
    ) -> Result<Account, AppError> {
        let account = Account { id: id.to_string(), name };
        let mut transaction = self.db.begin().await?;
        let query = sqlx::query("INSERT INTO accounts (id, name) VALUES (?, ?)");
        query.bind(&account.id).bind(&account.name).execute(&mut *transaction).await?;
        insert_passkey(&mut *transaction, &account.id, passkey).await?;
        transaction.commit().await?;
        Ok(account)
    }

    pub(crate) async fn add_passkey(&self, account: &str, passkey: &Passkey) -> Result<(), AppError> {
        insert_passkey(&self.db, account, passkey).await
    }

    pub(crate) async fn passkeys(&self, account: &str) -> Result<Vec<Passkey>, AppError> {
        let query = sqlx::query_scalar("SELECT passkey FROM passkeys WHERE account = ?").bind(account);
        let stored: Vec<String> = query.fetch_all(&self.db).await?;
        Ok(stored.iter().map(|passkey| serde_json::from_str(passkey)).collect::<Result<_, _>>()?)
    }

    /// Finds a passkey among those of one account: the passkey of another one proves nothing.
    pub(crate) async fn passkey(&self, account: &str, id: &[u8]) -> Result<Option<StoredPasskey>, AppError> {
        let query = sqlx::query_scalar("SELECT passkey FROM passkeys WHERE id = ? AND account = ?");
        let stored: Option<String> = query.bind(id).bind(account).fetch_optional(&self.db).await?;
        let parse = |stored: String| Ok(StoredPasskey { passkey: serde_json::from_str(&stored)?, stored });
        stored.map(parse).transpose()
    }

    /// Writes what a login has changed, such as the counter that shows a copied authenticator.
    ///
    /// The condition lets one of two logins with the same counter win.
    pub(crate) async fn update(
        &self,
        mut known: StoredPasskey,
        result: &AuthenticationResult,
    ) -> Result<(), AppError> {
        if known.passkey.update_credential(result) != Some(true) {
            return Ok(());
        }
        let query = sqlx::query("UPDATE passkeys SET passkey = ? WHERE id = ? AND passkey = ?");
        let query = query.bind(serde_json::to_string(&known.passkey)?).bind(&**known.passkey.cred_id());
        match query.bind(known.stored).execute(&self.db).await?.rows_affected() {
            0 => Err(AppError::Refused(StatusCode::CONFLICT, "the passkey was used at the same time")),
            _ => Ok(()),
        }
    }
}

/// A passkey, and the text that it was read from.
pub(crate) struct StoredPasskey {
    pub(crate) passkey: Passkey,
    stored: String,
}

async fn insert_passkey(
    db: impl sqlx::SqliteExecutor<'_>,
    account: &str,
    passkey: &Passkey,
) -> Result<(), AppError> {
    let query =
        sqlx::query("INSERT INTO passkeys (id, account, passkey) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
    let query = query.bind(&**passkey.cred_id()).bind(account).bind(serde_json::to_string(passkey)?);
    match query.execute(db).await?.rows_affected() {
        0 => Err(AppError::Refused(StatusCode::CONFLICT, "the passkey is registered already")),
        _ => Ok(()),
    }
}
