//! Accounts with hashes of several kinds, found by the first letter of a name.

use std::sync::Arc;

use gatevault::{AuthUser, Payload, UserId};

/// An account with its stored hash.
#[derive(Clone)]
pub(crate) struct Account {
    id: u64,
    hash: Option<Arc<str>>,
}

impl Account {
    pub(crate) fn new(hash: Option<&str>) -> Self {
        Self { id: 1, hash: hash.map(Arc::from) }
    }
}

impl AuthUser for Account {
    fn id(&self) -> UserId {
        self.id.into()
    }
    fn hashed_password(&self) -> Option<&str> {
        self.hash.as_deref()
    }
}

impl From<&Account> for Payload {
    fn from(account: &Account) -> Self {
        Self::new(account.id())
    }
}

/// The accounts of a handler. Their names begin with a letter for the kind of the hash.
#[derive(Clone)]
pub(crate) struct Accounts(Vec<(char, Account)>);

impl Accounts {
    /// Creates accounts with this hash for the letter of unknown names, which are looked up and not found.
    pub(crate) fn new(hash: &str) -> Self {
        Self(Vec::new()).with(UNKNOWN, Some(hash))
    }

    /// Adds the accounts whose names begin with this letter.
    pub(crate) fn with(mut self, letter: char, hash: Option<&str>) -> Self {
        self.0.push((letter, Account::new(hash)));
        self
    }

    /// Returns the account with this name. The search and its copy of an account take as long for an unknown name, because the
    /// time of the application's own lookup is not measured.
    pub(crate) fn find(&self, name: &str) -> Option<Account> {
        let id = name.get(1..).and_then(|number| number.parse().ok()).unwrap_or_default();
        let found = self.0.iter().fold(None, |found, (letter, account)| {
            if name.starts_with(*letter) { Some((*letter, Account { id, ..account.clone() })) } else { found }
        });
        found.filter(|(letter, _)| *letter != UNKNOWN).map(|(_, account)| account)
    }
}

/// Returns names of a kind, all of one length.
pub(crate) fn names(letter: char, count: u8) -> Vec<String> {
    (0..count).map(|number| format!("{letter}{number:03}")).collect()
}

/// The first letter of the names of no account.
pub(crate) const UNKNOWN: char = 'u';
