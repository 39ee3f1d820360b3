//! `Users`: the store.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::TestUser;
use crate::claims::{Payload, ToClaims, UserId};
use crate::error::BoxError;
use crate::login::{AuthUser, ChangePasswords, HashUpdate, RegisterUsers, SyncUserStore};
use crate::testing::fault::fail;

/// A store of users in memory, for `Auth` and [`OAuthHandler`](crate::OAuthHandler), sync and async. Clones share their accounts.
///
/// `C` is the claims type of the application, made from a [`TestUser`].
///
/// # Examples
///
/// ```
/// use gatevault::testing::{self, PASSWORD, TestUser, Users};
/// use gatevault::{Claims, OAuthHandler, TokenManager};
///
/// #[derive(Claims)]
/// struct User {
///     user_id: u64,
///     #[claims(role)]
///     role: Option<String>,
/// }
///
/// impl From<&TestUser> for User {
///     fn from(user: &TestUser) -> Self {
///         User { user_id: user.id().as_u64().unwrap_or_default(), role: user.role().map(str::to_owned) }
///     }
/// }
///
/// let users: Users<User> = Users::new([TestUser::new(1, "ada").with_role("admin"), TestUser::new(2, "eve")]);
/// let tokens = TokenManager::new([7; 32])?;
/// let oauth = OAuthHandler::with_sync_users(tokens.clone(), users.clone()).hasher(testing::hasher());
///
/// let pair = oauth.login("ada", PASSWORD)?;
/// assert_eq!(tokens.decode_access_token::<User>(&pair.access_token)?.role.as_deref(), Some("admin"));
/// users.update("ada", |ada| ada.with_role("member"));
/// let pair = oauth.refresh(&pair.refresh_token)?;
/// assert_eq!(tokens.decode_access_token::<User>(&pair.access_token)?.role.as_deref(), Some("member"));
/// # Ok::<(), gatevault::Error>(())
/// ```
pub struct Users<C = Payload> {
    accounts: Arc<Mutex<Vec<TestUser>>>,
    claims: PhantomData<fn() -> C>,
}

impl<C> Users<C> {
    /// Creates a store with these accounts.
    #[must_use]
    pub fn new(accounts: impl IntoIterator<Item = TestUser>) -> Self {
        Self { accounts: Arc::new(Mutex::new(accounts.into_iter().collect())), claims: PhantomData }
    }

    /// Returns the account with this name, as for `acting_as` of a browser.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[must_use]
    #[track_caller]
    pub fn named(&self, name: &str) -> TestUser {
        let caller = Location::caller();
        self.find(|user| user.name() == name)
            .unwrap_or_else(|| fail(caller, format_args!("there is no user `{name}`")))
    }

    /// Adds an account.
    pub fn insert(&self, user: TestUser) {
        self.accounts().push(user);
    }

    /// Replaces the account with this name by what `change` returns for it. Its sessions end at their next refresh if the hash is
    /// another one.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[track_caller]
    pub fn update(&self, name: &str, change: impl FnOnce(TestUser) -> TestUser) {
        let caller = Location::caller();
        let mut accounts = self.accounts();
        match accounts.iter_mut().find(|user| user.name() == name) {
            Some(user) => *user = change(user.clone()),
            None => fail(caller, format_args!("there is no user `{name}`")),
        }
    }

    /// Removes the account with this name.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[track_caller]
    pub fn remove(&self, name: &str) {
        let caller = Location::caller();
        let mut accounts = self.accounts();
        match accounts.iter().position(|user| user.name() == name) {
            Some(position) => drop(accounts.remove(position)),
            None => fail(caller, format_args!("there is no user `{name}`")),
        }
    }

    pub(super) fn find(&self, is_wanted: impl Fn(&TestUser) -> bool) -> Option<TestUser> {
        self.accounts().iter().find(|user| is_wanted(user)).cloned()
    }

    /// Replaces a hash if it is still the stored one.
    pub(super) fn replace(&self, update: HashUpdate) -> bool {
        let mut accounts = self.accounts();
        let is_current = |user: &&mut TestUser| {
            AuthUser::id(*user) == update.user && user.hash.as_ref() == Some(&update.outdated)
        };
        let Some(user) = accounts.iter_mut().find(is_current) else { return false };
        user.hash = Some(update.replacement);
        true
    }

    /// Adds an account with the next free number as its id, unless the name is taken.
    fn register(&self, name: &str, hash: &str) -> bool {
        let mut accounts = self.accounts();
        if accounts.iter().any(|user| user.name() == name) {
            return false;
        }
        let last = accounts.iter().filter_map(|user| user.id().as_u64()).max();
        let id = last.unwrap_or_default().saturating_add(1);
        accounts.push(TestUser::new(id, name).with_hash(Some(hash.to_owned())));
        true
    }

    fn accounts(&self) -> MutexGuard<'_, Vec<TestUser>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C> Clone for Users<C> {
    fn clone(&self) -> Self {
        Self { accounts: Arc::clone(&self.accounts), claims: PhantomData }
    }
}

#[diagnostic::do_not_recommend]
impl<C: ToClaims + for<'u> From<&'u TestUser>> SyncUserStore for Users<C> {
    type User = TestUser;
    type Claims = C;

    fn find_by_name(&self, name: &str) -> Result<Option<TestUser>, BoxError> {
        Ok(self.find(|user| user.name() == name))
    }

    fn find_by_id(&self, id: &UserId) -> Result<Option<TestUser>, BoxError> {
        Ok(self.find(|user| user.id() == id))
    }

    fn replace_hash(&self, update: HashUpdate) -> Result<bool, BoxError> {
        Ok(self.replace(update))
    }
}

#[diagnostic::do_not_recommend]
impl<C: 'static> RegisterUsers for Users<C> {
    async fn add(&self, name: &str, hash: &str) -> Result<bool, BoxError> {
        Ok(self.register(name, hash))
    }
}

#[diagnostic::do_not_recommend]
impl<C: 'static> ChangePasswords for Users<C> {
    async fn change_password(&self, update: HashUpdate) -> Result<bool, BoxError> {
        Ok(self.replace(update))
    }
}

impl<C> fmt::Debug for Users<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Users").field("accounts", &self.accounts().len()).finish_non_exhaustive()
    }
}
