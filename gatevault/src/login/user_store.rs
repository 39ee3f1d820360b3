//! A store of users that blocks, and the update of an outdated hash.

use std::fmt;
use std::sync::Arc;

use super::AuthUser;
use crate::claims::{ToClaims, UserId};
use crate::error::BoxError;
use crate::session::SessionDetails;

/// Finds users on the calling thread, for [`OAuthHandler::with_sync_users`](crate::OAuthHandler::with_sync_users).
///
/// The methods may return any error through `?`. Such an error is a [`GuardError::Unavailable`](crate::GuardError::Unavailable)
/// of the login or refresh, and is logged. In async programs use `UserStore`.
///
/// # Examples
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::RwLock;
/// use gatevault::error::BoxError;
/// use gatevault::{AuthUser, Claims, OAuthHandler, SyncUserStore, TokenManager, UserId, hash_password};
///
/// #[derive(Clone)]
/// struct Account { id: u64, role: String, password_hash: String }
///
/// impl AuthUser for Account {
///     fn id(&self) -> UserId { self.id.into() }
///     fn hashed_password(&self) -> Option<&str> { Some(&self.password_hash) }
/// }
///
/// /// The claims of an access token.
/// #[derive(Claims)]
/// struct User { user_id: u64, #[claims(role)] role: String }
///
/// impl From<&Account> for User {
///     fn from(account: &Account) -> Self {
///         User { user_id: account.id, role: account.role.clone() }
///     }
/// }
///
/// #[derive(Default)]
/// struct Accounts(RwLock<HashMap<String, Account>>); // or the connections of a database
///
/// impl SyncUserStore for Accounts {
///     type User = Account;
///     type Claims = User;
///
///     fn find_by_name(&self, name: &str) -> Result<Option<Account>, BoxError> {
///         Ok(self.0.read().map_err(|_| "poisoned")?.get(name).cloned())
///     }
///
///     fn find_by_id(&self, id: &UserId) -> Result<Option<Account>, BoxError> {
///         let accounts = self.0.read().map_err(|_| "poisoned")?;
///         Ok(accounts.values().find(|account| *id == account.id.into()).cloned())
///     }
/// }
///
/// let accounts = Accounts::default();
/// let ada = Account { id: 1, role: "admin".to_owned(), password_hash: hash_password("correct horse")? };
/// # let insert = |ada| accounts.0.write().unwrap().insert("ada".to_owned(), ada);
/// insert(ada);
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// let oauth = OAuthHandler::with_sync_users(tokens.clone(), accounts);
///
/// let pair = oauth.login("ada", "correct horse")?;
/// assert_eq!(tokens.decode_access_token::<User>(&pair.access_token)?.role, "admin");
/// let next = oauth.refresh(&pair.refresh_token)?;
/// oauth.logout(&next.refresh_token)?;
/// # Ok::<(), gatevault::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a blocking user store",
    label = "does not implement `SyncUserStore`",
    note = "implement `gatevault::SyncUserStore` for `{Self}`, or use `OAuthHandler::with_users` if it implements `UserStore`"
)]
pub trait SyncUserStore: Send + Sync {
    /// The accounts of the store.
    type User: AuthUser;

    /// The claims of an access token, made from the user at each login and refresh.
    type Claims: ToClaims + for<'u> From<&'u Self::User>;

    /// Returns the user with this login name, or `None` if there is no such user.
    ///
    /// # Errors
    ///
    /// If the store cannot answer, so that nothing is known about the user. It is not an error, but `None`, if the database
    /// refuses a character of the name: otherwise any client can have logins answered with 503, as often as it likes. For the
    /// errors of PostgreSQL through the `sqlx` of this crate, the handler sees to it (features `postgres` and `sqlite`).
    fn find_by_name(&self, name: &str) -> Result<Option<Self::User>, BoxError>;

    /// Returns the user with this id, or `None` if there is no such user. A refresh calls it.
    ///
    /// # Errors
    ///
    /// If the store cannot answer, so that nothing is known about the user.
    fn find_by_id(&self, id: &UserId) -> Result<Option<Self::User>, BoxError>;

    /// Replaces a user's outdated hash if it is still the stored one (compare and set). Returns whether it was.
    ///
    /// A login calls it if the stored hash is cheaper than the settings of the [`hasher`](crate::OAuthHandler::hasher), of an
    /// older scheme or of another system. The provided method keeps outdated hashes.
    ///
    /// # Errors
    ///
    /// If the hash cannot be stored. The login succeeds nevertheless.
    fn replace_hash(&self, update: HashUpdate) -> Result<bool, BoxError> {
        let _ = update;
        Err(OutdatedHashesStay.into())
    }

    /// Returns the claims of the user's access tokens in a session: `details` say how the user authenticated, and whether the
    /// session is that of an API key. The provided method makes them from the user alone.
    fn session_claims(&self, user: &Self::User, details: &SessionDetails) -> Self::Claims {
        let _ = details;
        Self::Claims::from(user)
    }
}

/// The store behind the pointer, which several handlers share.
impl<S: SyncUserStore> SyncUserStore for Arc<S> {
    type User = S::User;
    type Claims = S::Claims;

    fn find_by_name(&self, name: &str) -> Result<Option<S::User>, BoxError> {
        (**self).find_by_name(name)
    }
    fn find_by_id(&self, id: &UserId) -> Result<Option<S::User>, BoxError> {
        (**self).find_by_id(id)
    }
    fn replace_hash(&self, update: HashUpdate) -> Result<bool, BoxError> {
        (**self).replace_hash(update)
    }
    fn session_claims(&self, user: &S::User, details: &SessionDetails) -> S::Claims {
        (**self).session_claims(user, details)
    }
}

/// The error of a store that does not replace hashes: a login need not compute new ones for it.
#[derive(Debug, thiserror::Error)]
#[error("this user store keeps outdated hashes")]
pub(super) struct OutdatedHashesStay;

/// A new password hash for a user, to store if the outdated hash is still the stored one.
///
/// `Debug` shows neither hash.
///
/// # Examples
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::Mutex;
/// use gatevault::error::BoxError;
/// use gatevault::login::HashUpdate;
///
/// struct Hashes(Mutex<HashMap<String, String>>); // your database
///
/// impl Hashes {
///     /// `UPDATE users SET hash = replacement WHERE id = user AND hash = outdated`
///     fn replace_hash(&self, update: HashUpdate) -> Result<bool, BoxError> {
///         let mut hashes = self.0.lock().map_err(|_| "poisoned")?;
///         let stored = hashes.get_mut(&update.user.to_string()).filter(|hash| **hash == update.outdated);
///         Ok(stored.map(|hash| *hash = update.replacement).is_some())
///     }
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HashUpdate {
    /// The user.
    pub user: UserId,
    /// The hash that was verified.
    pub outdated: String,
    /// The hash to store instead.
    pub replacement: String,
}

impl fmt::Debug for HashUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashUpdate").field("user", &self.user).finish_non_exhaustive()
    }
}
