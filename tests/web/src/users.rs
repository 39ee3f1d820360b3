//! The users of the site: `ada`, `bob`, and those who register.

use std::sync::{LazyLock, Mutex};

use gatevault::error::BoxError;
use gatevault::login::HashUpdate;
use gatevault::{AuthUser as _, ChangePasswords, RegisterUsers, SyncUserStore, UserId, UserStore};
use gatevault_tests::Account;

use super::{PASSWORD, User};

/// The users of the site. Not `Clone`, as a store over a connection need not be.
#[derive(Debug)]
pub struct Users;

impl UserStore for Users {
    type User = Account;
    type Claims = User;

    async fn find_by_name(&self, name: &str) -> Result<Option<Account>, BoxError> {
        tokio::task::yield_now().await;
        Ok(named(name))
    }

    async fn find_by_id(&self, id: &UserId) -> Result<Option<Account>, BoxError> {
        tokio::task::yield_now().await;
        Ok(identified(id))
    }
}

impl SyncUserStore for Users {
    type User = Account;
    type Claims = User;

    fn find_by_name(&self, name: &str) -> Result<Option<Account>, BoxError> {
        Ok(named(name))
    }

    fn find_by_id(&self, id: &UserId) -> Result<Option<Account>, BoxError> {
        Ok(identified(id))
    }
}

impl RegisterUsers for Users {
    async fn add(&self, name: &str, hash: &str) -> Result<bool, BoxError> {
        let mut accounts = ACCOUNTS.lock().map_err(|_| "poisoned")?;
        if accounts.iter().any(|(taken, _)| taken == name) {
            return Ok(false);
        }
        let account = Account { id: u64::try_from(accounts.len() + 1)?.into(), hash: hash.to_owned() };
        accounts.push((name.to_owned(), account));
        Ok(true)
    }
}

impl ChangePasswords for Users {
    async fn change_password(&self, update: HashUpdate) -> Result<bool, BoxError> {
        let mut accounts = ACCOUNTS.lock().map_err(|_| "poisoned")?;
        let is_current =
            |account: &&mut Account| account.id() == update.user && account.hash == update.outdated;
        let stored = accounts.iter_mut().map(|(_, account)| account).find(is_current);
        Ok(stored.map(|account| account.hash = update.replacement).is_some())
    }
}

static ACCOUNTS: LazyLock<Mutex<Vec<(String, Account)>>> = LazyLock::new(|| {
    let account = |id, name: &str| (name.to_owned(), Account::new(id, PASSWORD));
    Mutex::new(vec![account(1, "ada"), account(2, "bob")])
});

pub(crate) fn named(name: &str) -> Option<Account> {
    let accounts = ACCOUNTS.lock().unwrap();
    accounts.iter().find(|(other, _)| other == name).map(|(_, account)| account.clone())
}

pub(crate) fn identified(id: &UserId) -> Option<Account> {
    let accounts = ACCOUNTS.lock().unwrap();
    accounts.iter().find(|(_, account)| account.id == *id).map(|(_, account)| account.clone())
}
