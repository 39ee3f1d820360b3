//! Capabilities of a user store besides finding users: adding one, and changing a password.

use std::sync::Arc;

use super::HashUpdate;
use crate::error::BoxError;

/// A user store that adds accounts, for [`AuthRoutes::with_register`](crate::AuthRoutes::with_register).
///
/// Implement it beside `UserStore` or [`SyncUserStore`](crate::SyncUserStore). A store that blocks writes an `async fn` that
/// awaits nothing.
///
/// # Examples
///
/// ```
/// use gatevault::RegisterUsers;
/// use gatevault::error::BoxError;
/// # struct Pool;
/// # impl Pool {
/// #     async fn execute(&self, _: &str, _: [&str; 2]) -> Result<u64, std::io::Error> { Ok(1) }
/// # }
///
/// struct Users { pool: Pool }
///
/// impl RegisterUsers for Users {
///     async fn add(&self, name: &str, hash: &str) -> Result<bool, BoxError> {
///         // The column `name` is UNIQUE.
///         let sql = "INSERT INTO users (name, hash) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
///         Ok(self.pool.execute(sql, [name, hash]).await? == 1)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot register users",
    label = "does not implement `RegisterUsers`",
    note = "implement `gatevault::RegisterUsers` for `{Self}`: `add` stores a new user, and returns false if the name is taken",
    note = "the closures of `OAuthHandler::new` and `new_async` find users only: implement a user store instead"
)]
pub trait RegisterUsers: Send + Sync + 'static {
    /// Stores a new user with this login name and this password hash. Returns false if the name is taken.
    ///
    /// # Errors
    ///
    /// If the user cannot be stored. The registration answers 503.
    ///
    /// # Security
    ///
    /// It must be atomic: insert the user under a unique constraint, and return false if the constraint refuses it. A query
    /// before the insertion misses a registration at the same time, and the name then has two accounts.
    fn add(&self, name: &str, hash: &str) -> impl Future<Output = Result<bool, BoxError>> + Send;
}

/// A user store that changes passwords, for
/// [`AuthRoutes::with_password_change`](crate::AuthRoutes::with_password_change).
///
/// Implement it beside `UserStore` or [`SyncUserStore`](crate::SyncUserStore). It is the same update as that of an outdated
/// hash: a store with its own `replace_hash` calls it.
///
/// # Examples
///
/// ```
/// use gatevault::ChangePasswords;
/// use gatevault::error::BoxError;
/// use gatevault::login::HashUpdate;
/// # struct Pool;
/// # impl Pool {
/// #     async fn execute(&self, _: &str, _: [&str; 3]) -> Result<u64, std::io::Error> { Ok(1) }
/// # }
///
/// struct Users { pool: Pool }
///
/// impl ChangePasswords for Users {
///     async fn change_password(&self, update: HashUpdate) -> Result<bool, BoxError> {
///         let sql = "UPDATE users SET hash = $1 WHERE id = $2 AND hash = $3";
///         let id = update.user.to_string();
///         Ok(self.pool.execute(sql, [&update.replacement, &id, &update.outdated]).await? == 1)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot change passwords",
    label = "does not implement `ChangePasswords`",
    note = "implement `gatevault::ChangePasswords` for `{Self}`: `change_password` replaces a hash if it is still the stored one",
    note = "the closures of `OAuthHandler::new` and `new_async` find users only: implement a user store instead"
)]
pub trait ChangePasswords: Send + Sync + 'static {
    /// Replaces a user's hash if it is still the stored one (compare and set). Returns whether it was.
    ///
    /// # Errors
    ///
    /// If the hash cannot be stored. The change of the password answers 503.
    fn change_password(&self, update: HashUpdate) -> impl Future<Output = Result<bool, BoxError>> + Send;
}

/// The store behind the pointer, which several handlers share.
impl<S: RegisterUsers> RegisterUsers for Arc<S> {
    fn add(&self, name: &str, hash: &str) -> impl Future<Output = Result<bool, BoxError>> + Send {
        (**self).add(name, hash)
    }
}

/// The store behind the pointer, which several handlers share.
impl<S: ChangePasswords> ChangePasswords for Arc<S> {
    fn change_password(&self, update: HashUpdate) -> impl Future<Output = Result<bool, BoxError>> + Send {
        (**self).change_password(update)
    }
}
