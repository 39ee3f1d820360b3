//! One account, in memory.

use gatevault::error::{BoxError, HashingError};
use gatevault::{AuthUser, PasswordHasher, UserId, UserStore};

use crate::User;

#[derive(Debug, Clone)]
pub(crate) struct Account {
    id: u64,
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
        Self { user_id: account.id }
    }
}

/// The accounts: ada, with the password of the tests.
#[derive(Debug)]
pub(crate) struct Users(Account);

impl Users {
    pub(crate) fn new(hasher: &PasswordHasher) -> Result<Self, HashingError> {
        Ok(Self(Account { id: 1, password_hash: hasher.hash("correct horse & battery")? }))
    }
}

impl UserStore for Users {
    type User = Account;
    type Claims = User;

    async fn find_by_name(&self, name: &str) -> Result<Option<Account>, BoxError> {
        Ok((name == "ada").then(|| self.0.clone()))
    }

    async fn find_by_id(&self, id: &UserId) -> Result<Option<Account>, BoxError> {
        Ok((*id == self.0.id()).then(|| self.0.clone()))
    }
}
