//! Accounts and messages in the memory of the process, which is the user store of logins.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gatevault::error::BoxError;
use gatevault::{AuthUser, UserId, UserStore};
use rocket::serde::Serialize;

use crate::names::{self, NewName};
use crate::{AppError, Role, User};

#[derive(Clone)]
pub(crate) struct Account {
    name: String,
    role: Role,
    password_hash: String,
}

impl AuthUser for Account {
    fn id(&self) -> UserId {
        self.name.as_str().into()
    }

    fn hashed_password(&self) -> Option<&str> {
        Some(&self.password_hash)
    }
}

impl From<&Account> for User {
    fn from(account: &Account) -> Self {
        Self { user_id: account.name.clone(), role: account.role }
    }
}

#[derive(Clone, Serialize)]
#[serde(crate = "rocket::serde")]
pub(crate) struct Message {
    pub(crate) author: String,
    pub(crate) text: String,
}

#[derive(Default)]
struct Accounts {
    by_name: BTreeMap<String, Account>,
    skeletons: BTreeSet<String>,
}

/// The memory of the board. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Memory {
    accounts: Arc<Mutex<Accounts>>,
    messages: Arc<Mutex<Vec<Message>>>,
}

impl Memory {
    pub(crate) fn register(&self, name: NewName, role: Role, password_hash: String) -> Result<(), AppError> {
        let NewName { canonical: name, skeleton } = name;
        let mut accounts = locked(&self.accounts);
        // Equal names have equal skeletons, so this finds the same name as well as its lookalikes.
        if !accounts.skeletons.insert(skeleton) {
            return Err(AppError::NameTaken);
        }
        accounts.by_name.insert(name.clone(), Account { name, role, password_hash });
        Ok(())
    }

    fn account(&self, name: &str) -> Option<Account> {
        locked(&self.accounts).by_name.get(name).cloned()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        locked(&self.accounts).by_name.keys().cloned().collect()
    }

    pub(crate) fn messages(&self) -> Vec<Message> {
        locked(&self.messages).clone()
    }

    pub(crate) fn write(&self, message: Message) {
        locked(&self.messages).push(message);
    }

    pub(crate) fn take_back(&self, author: &str) {
        locked(&self.messages).retain(|message| message.author != author);
    }
}

impl UserStore for Memory {
    type User = Account;
    type Claims = User;

    async fn find_by_name(&self, name: &str) -> Result<Option<Account>, BoxError> {
        Ok(self.account(&names::canonical(name)))
    }

    async fn find_by_id(&self, id: &UserId) -> Result<Option<Account>, BoxError> {
        Ok(id.as_str().and_then(|name| self.account(name)))
    }
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
