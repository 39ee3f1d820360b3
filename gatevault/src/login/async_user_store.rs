//! A store of users that is awaited.

use std::sync::Arc;

use super::user_store::OutdatedHashesStay;
use super::{AuthUser, HashUpdate};
use crate::claims::{ToClaims, UserId};
use crate::error::BoxError;
use crate::session::SessionDetails;

/// Finds users without blocking the executor, for [`OAuthHandler::with_users`](crate::OAuthHandler::with_users).
///
/// Write the methods as `async fn`. They may return any error through `?`. Such an error is a
/// [`GuardError::Unavailable`](crate::GuardError::Unavailable) of the login or refresh, and is logged.
///
/// # Examples
///
/// ```
/// use gatevault::error::BoxError;
/// use gatevault::login::HashUpdate;
/// use gatevault::{AuthUser, Claims, OAuthHandler, TokenManager, UserId, UserStore};
/// # #[derive(Clone)]
/// # struct Pool;
/// # impl Pool {
/// #     async fn query(&self, _: &str, _: &str) -> Result<Option<Account>, std::io::Error> { Ok(None) }
/// #     async fn execute(&self, _: &str, _: [&String; 3]) -> Result<u64, std::io::Error> { Ok(0) }
/// # }
///
/// struct Account { id: i64, role: String, password_hash: Option<String> }
///
/// impl AuthUser for Account {
///     fn id(&self) -> UserId { self.id.into() }
///     fn hashed_password(&self) -> Option<&str> { self.password_hash.as_deref() }
/// }
///
/// /// The claims of an access token.
/// #[derive(Claims)]
/// struct User { user_id: i64, #[claims(role)] role: String }
///
/// impl From<&Account> for User {
///     fn from(account: &Account) -> Self {
///         User { user_id: account.id, role: account.role.clone() }
///     }
/// }
///
/// struct Users { pool: Pool }
///
/// impl UserStore for Users {
///     type User = Account;
///     type Claims = User;
///
///     async fn find_by_name(&self, name: &str) -> Result<Option<Account>, BoxError> {
///         Ok(self.pool.query("SELECT .. WHERE name = $1", name).await?)
///     }
///
///     async fn find_by_id(&self, id: &UserId) -> Result<Option<Account>, BoxError> {
///         Ok(self.pool.query("SELECT .. WHERE id = $1", &id.to_string()).await?)
///     }
///
///     async fn replace_hash(&self, update: HashUpdate) -> Result<bool, BoxError> {
///         let sql = "UPDATE users SET hash = $1 WHERE id = $2 AND hash = $3";
///         let id = update.user.to_string();
///         Ok(self.pool.execute(sql, [&update.replacement, &id, &update.outdated]).await? == 1)
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let pool = Pool;
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// let oauth: OAuthHandler<Users> = OAuthHandler::with_users(tokens, Users { pool });
/// assert_eq!(oauth.async_login("ada", "correct horse").await.unwrap_err().status(), 401);
/// # Ok::<(), gatevault::Error>(())
/// # }).unwrap();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an async user store",
    label = "does not implement `UserStore`",
    note = "implement `gatevault::UserStore` for `{Self}`, or use `OAuthHandler::with_sync_users` if it implements `SyncUserStore`"
)]
pub trait UserStore: Send + Sync + 'static {
    /// The accounts of the store.
    type User: AuthUser + Send + Sync + 'static;

    /// The claims of an access token, made from the user at each login and refresh.
    type Claims: ToClaims + for<'u> From<&'u Self::User>;

    /// Returns the user with this login name, or `None` if there is no such user.
    ///
    /// # Errors
    ///
    /// If the store cannot answer, so that nothing is known about the user. It is not an error, but `None`, if the database
    /// refuses a character of the name: otherwise any client can have logins answered with 503, as often as it likes. For the
    /// errors of PostgreSQL through the `sqlx` of this crate, the handler sees to it (features `postgres` and `sqlite`).
    fn find_by_name(&self, name: &str) -> impl Future<Output = Result<Option<Self::User>, BoxError>> + Send;

    /// Returns the user with this id, or `None` if there is no such user. A refresh calls it.
    ///
    /// # Errors
    ///
    /// If the store cannot answer, so that nothing is known about the user.
    fn find_by_id(&self, id: &UserId) -> impl Future<Output = Result<Option<Self::User>, BoxError>> + Send;

    /// Replaces a user's outdated hash if it is still the stored one (compare and set). Returns whether it was.
    ///
    /// A login calls it if the stored hash is cheaper than the settings of the [`hasher`](crate::OAuthHandler::hasher) or of
    /// an older scheme. The provided method keeps outdated hashes.
    ///
    /// # Errors
    ///
    /// If the hash cannot be stored. The login succeeds nevertheless.
    fn replace_hash(&self, update: HashUpdate) -> impl Future<Output = Result<bool, BoxError>> + Send {
        let _ = update;
        async { Err(OutdatedHashesStay.into()) }
    }

    /// Returns the claims of the user's access tokens in a session: `details` say how the user authenticated, and whether the
    /// session is that of an API key. The provided method makes them from the user alone.
    fn session_claims(&self, user: &Self::User, details: &SessionDetails) -> Self::Claims {
        let _ = details;
        Self::Claims::from(user)
    }
}

/// The store behind the pointer, which several handlers share.
impl<S: UserStore> UserStore for Arc<S> {
    type User = S::User;
    type Claims = S::Claims;

    fn find_by_name(&self, name: &str) -> impl Future<Output = Result<Option<S::User>, BoxError>> + Send {
        (**self).find_by_name(name)
    }
    fn find_by_id(&self, id: &UserId) -> impl Future<Output = Result<Option<S::User>, BoxError>> + Send {
        (**self).find_by_id(id)
    }
    fn replace_hash(&self, update: HashUpdate) -> impl Future<Output = Result<bool, BoxError>> + Send {
        (**self).replace_hash(update)
    }
    fn session_claims(&self, user: &S::User, details: &SessionDetails) -> S::Claims {
        (**self).session_claims(user, details)
    }
}
