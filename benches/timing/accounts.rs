//! Accounts with hashes of several kinds, found by the first letter of a name.

use std::sync::Arc;

use gatevault::{AuthUser, Payload, UserId};

/// An account with its stored hash.
#[derive(Clone)]
pub(crate) struct Account {
    id: UserId,
    hash: Option<Arc<str>>,
}

impl Account {
    pub(crate) fn new(hash: Option<&str>) -> Self {
        Self { id: 1.into(), hash: hash.map(Arc::from) }
    }
}

impl AuthUser for Account {
    fn id(&self) -> UserId {
        self.id.clone()
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
pub(crate) struct Accounts {
    kinds: Vec<(char, Account)>,
    id_of: fn(u64) -> UserId,
}

impl Accounts {
    /// Creates accounts with this hash for the letter of unknown names, which are looked up and not found.
    pub(crate) fn new(hash: &str) -> Self {
        Self { kinds: Vec::new(), id_of: UserId::from }.with(UNKNOWN, Some(hash))
    }

    /// Sets the id of the account with this number, by default the number.
    pub(crate) fn identified_by(self, id_of: fn(u64) -> UserId) -> Self {
        Self { id_of, ..self }
    }

    /// Adds the accounts whose names begin with this letter.
    pub(crate) fn with(mut self, letter: char, hash: Option<&str>) -> Self {
        self.kinds.push((letter, Account::new(hash)));
        self
    }

    /// Returns the account with this name. The search and its copy of an account take as long for an unknown name, because the
    /// time of the application's own lookup is not measured.
    pub(crate) fn find(&self, name: &str) -> Option<Account> {
        let id = (self.id_of)(name.get(1..4).and_then(|number| number.parse().ok()).unwrap_or_default());
        let found = self.kinds.iter().fold(None, |found, (letter, account)| {
            let is_found = name.starts_with(*letter);
            if is_found { Some((*letter, Account { id: id.clone(), ..account.clone() })) } else { found }
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
