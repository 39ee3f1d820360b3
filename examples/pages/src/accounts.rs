//! The accounts. An application keeps them in its database.

use gatevault::error::BoxError;
use gatevault::{AuthUser, UserId, UserStore, hash_password};

use crate::User;

/// An account.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    id: u64,
    name: String,
    hash: String,
}

impl AuthUser for Account {
    fn id(&self) -> UserId {
        self.id.into()
    }

    fn hashed_password(&self) -> Option<&str> {
        Some(&self.hash)
    }
}

impl From<&Account> for User {
    fn from(account: &Account) -> Self {
        Self { user_id: account.id, name: account.name.clone() }
    }
}

/// One account, `ada`.
#[derive(Debug)]
pub(crate) struct Users(Account);

impl Users {
    pub(crate) fn new() -> Result<Self, BoxError> {
        let hash = hash_password("correct horse battery staple")?;
        Ok(Self(Account { id: 1, name: "ada".to_owned(), hash }))
    }
}

impl UserStore for Users {
    type User = Account;
    type Claims = User;

    async fn find_by_name(&self, name: &str) -> Result<Option<Account>, BoxError> {
        Ok((name == self.0.name).then(|| self.0.clone()))
    }

    async fn find_by_id(&self, id: &UserId) -> Result<Option<Account>, BoxError> {
        Ok((*id == self.0.id()).then(|| self.0.clone()))
    }
}
