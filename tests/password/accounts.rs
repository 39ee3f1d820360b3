//! A table of accounts, and a login over it in each form of the handler.

use std::collections::HashMap;
use std::future::ready;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use gatevault::error::BoxError;
use gatevault::login::HashUpdate;
use gatevault::{
    AuthUser, Claims, GuardError, OAuthHandler, PasswordHasher, SyncUserStore, TokenPair, UserId, UserStore,
};
use gatevault_tests::tokens;
use tokio::runtime::Builder;

#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) id: u64,
    pub(crate) hash: String,
}

impl AuthUser for Row {
    fn id(&self) -> UserId {
        self.id.into()
    }
    fn hashed_password(&self) -> Option<&str> {
        Some(&self.hash)
    }
}

#[derive(Debug, Claims)]
pub(crate) struct Member {
    user_id: u64,
}

impl From<&Row> for Member {
    fn from(row: &Row) -> Self {
        Self { user_id: row.id }
    }
}

/// Accounts by name, with compare and set, and the number of replaced hashes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Accounts(Arc<Mutex<HashMap<String, Row>>>, Arc<AtomicUsize>);

impl Accounts {
    pub(crate) fn with(name: &str, id: u64, hash: &str) -> Self {
        let accounts = Self::default();
        accounts.0.lock().unwrap().insert(name.to_owned(), Row { id, hash: hash.to_owned() });
        accounts
    }

    pub(crate) fn hash_of(&self, name: &str) -> String {
        self.by_name(name).unwrap().hash
    }

    pub(crate) fn set(&self, name: &str, hash: &str) {
        self.0.lock().unwrap().get_mut(name).unwrap().hash = hash.into();
    }

    pub(crate) fn replaced(&self) -> usize {
        self.1.load(SeqCst)
    }

    fn by_name(&self, name: &str) -> Option<Row> {
        self.0.lock().unwrap().get(name).cloned()
    }

    fn by_id(&self, id: &UserId) -> Option<Row> {
        self.0.lock().unwrap().values().find(|row| *id == row.id()).cloned()
    }

    fn replace(&self, update: HashUpdate) -> bool {
        let mut rows = self.0.lock().unwrap();
        let stored = rows.values_mut().find(|row| row.id() == update.user && row.hash == update.outdated);
        let is_replaced = stored.map(|row| row.hash = update.replacement).is_some();
        self.1.fetch_add(usize::from(is_replaced), SeqCst);
        is_replaced
    }
}

impl SyncUserStore for Accounts {
    type User = Row;
    type Claims = Member;

    fn find_by_name(&self, name: &str) -> Result<Option<Row>, BoxError> {
        Ok(self.by_name(name))
    }
    fn find_by_id(&self, id: &UserId) -> Result<Option<Row>, BoxError> {
        Ok(self.by_id(id))
    }
    fn replace_hash(&self, update: HashUpdate) -> Result<bool, BoxError> {
        Ok(self.replace(update))
    }
}

/// The same table as an async store.
pub(crate) struct AsyncAccounts(pub(crate) Accounts);

impl UserStore for AsyncAccounts {
    type User = Row;
    type Claims = Member;

    async fn find_by_name(&self, name: &str) -> Result<Option<Row>, BoxError> {
        Ok(self.0.by_name(name))
    }
    async fn find_by_id(&self, id: &UserId) -> Result<Option<Row>, BoxError> {
        Ok(self.0.by_id(id))
    }
    async fn replace_hash(&self, update: HashUpdate) -> Result<bool, BoxError> {
        Ok(self.0.replace(update))
    }
}

/// A login by name and password.
pub(crate) type Login = Box<dyn Fn(&str, &str) -> Result<TokenPair, GuardError>>;

/// Returns a login in each form of the handler over the accounts, with the name of its constructor.
pub(crate) fn logins(accounts: &Accounts, hasher: &PasswordHasher) -> [(&'static str, Login); 4] {
    let handler = OAuthHandler::with_sync_users(tokens(), accounts.clone()).hasher(hasher.clone());
    let users: Login = Box::new(move |name, password| handler.login(name, password));

    let (by_name, replace) = (accounts.clone(), accounts.clone());
    let handler = OAuthHandler::new(tokens(), move |name: &str| by_name.by_name(name))
        .on_outdated_hash(move |update| replace.replace(update))
        .hasher(hasher.clone());
    let closures: Login = Box::new(move |name, password| handler.login(name, password));

    let handler = OAuthHandler::with_users(tokens(), AsyncAccounts(accounts.clone())).hasher(hasher.clone());
    let async_users: Login = Box::new(move |name, password| wait(handler.async_login(name, password)));

    let (by_name, replace) = (accounts.clone(), accounts.clone());
    let handler = OAuthHandler::new_async(tokens(), move |name: &str| ready(by_name.by_name(name)))
        .on_outdated_hash(move |update| ready(replace.replace(update)))
        .hasher(hasher.clone());
    let async_closures: Login = Box::new(move |name, password| wait(handler.async_login(name, password)));

    [
        ("with_sync_users", users),
        ("new", closures),
        ("with_users", async_users),
        ("new_async", async_closures),
    ]
}

/// Waits on a runtime of its own, so that events are logged on the calling thread.
fn wait<T>(future: impl Future<Output = T>) -> T {
    Builder::new_current_thread().build().unwrap().block_on(future)
}
