//! The accounts, and the user store over them.

use gatevault::error::BoxError;
use gatevault::{AuthUser, UserId, UserStore};
use sqlx::sqlite::SqlitePool;

use crate::User;

pub(crate) struct Account {
    id: i64,
}

impl AuthUser for Account {
    fn id(&self) -> UserId {
        self.id.into()
    }

    fn hashed_password(&self) -> Option<&str> {
        None
    }
}

impl From<&Account> for User {
    fn from(account: &Account) -> Self {
        Self { user_id: account.id }
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
        let query = sqlx::query_scalar("SELECT id FROM accounts WHERE id = ?").bind(id.as_i64());
        let id: Option<i64> = query.fetch_optional(&self.db).await?;
        Ok(id.map(|id| Account { id }))
    }
}

impl Users {
    /// Returns the account of a user at a provider; creates it at the first login.
    pub(crate) async fn of(&self, issuer: &str, subject: &str) -> Result<Account, sqlx::Error> {
        // Takes the lock of writers first, so that two first logins at the same time create one account.
        let mut transaction = self.db.begin_with("BEGIN IMMEDIATE").await?;
        let query = sqlx::query_scalar("SELECT account FROM identities WHERE issuer = ? AND subject = ?");
        let known = query.bind(issuer).bind(subject).fetch_optional(&mut *transaction).await?;
        let id = if let Some(id) = known {
            id
        } else {
            let query = sqlx::query_scalar("INSERT INTO accounts DEFAULT VALUES RETURNING id");
            let id: i64 = query.fetch_one(&mut *transaction).await?;
            let query = sqlx::query("INSERT INTO identities (issuer, subject, account) VALUES (?, ?, ?)");
            query.bind(issuer).bind(subject).bind(id).execute(&mut *transaction).await?;
            id
        };
        transaction.commit().await?;
        Ok(Account { id })
    }

    /// Returns the issuer and the subject of each identity of an account.
    pub(crate) async fn identities(&self, account: i64) -> Result<Vec<(String, String)>, sqlx::Error> {
        let query = sqlx::query_as("SELECT issuer, subject FROM identities WHERE account = ?").bind(account);
        query.fetch_all(&self.db).await
    }
}
