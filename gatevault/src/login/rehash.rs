//! Stored hashes that a login finds outdated, on their way to whoever stores them.

use std::fmt;

use crate::claims::UserId;
use crate::error::BoxError;

/// A hash to store in place of an outdated one, if that is still the one that is stored: a compare and set.
///
/// `Debug` shows neither.
///
/// # Examples
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::{Arc, Mutex};
/// use gatevault::login::HashUpdate;
/// use gatevault::{AuthUser, OAuthHandler, TokenManager};
///
/// # fn handler<U: AuthUser>(find: impl Fn(&str) -> Option<U> + Send + Sync + 'static) -> Result<(), gatevault::Error> {
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// let hashes: Arc<Mutex<HashMap<String, String>>> = Arc::default(); // your database
/// let oauth = OAuthHandler::new(tokens, find).on_outdated_hash(move |update: HashUpdate| {
///     // UPDATE users SET hash = replacement WHERE id = user AND hash = outdated
///     let mut hashes = hashes.lock().map_err(|_| "poisoned")?;
///     let hash = hashes.get_mut(&update.user.to_string()).filter(|hash| **hash == update.outdated);
///     Ok::<_, &str>(hash.map(|hash| *hash = update.replacement).is_some())
/// });
/// # drop(oauth);
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HashUpdate {
    /// Whose hash it is.
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

/// What storing a [`HashUpdate`] may answer: `bool`, or `Result<bool, E>` with any error; false when another hash was stored
/// meanwhile.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say whether the hash was replaced",
    label = "not the answer of a compare and set",
    note = "return `bool` or `Result<bool, E>`: true if the outdated hash was the stored one and is replaced"
)]
pub trait CompareAndSet {
    /// The answer with its error, if any, made one type.
    ///
    /// # Errors
    ///
    /// When nothing could be stored; the login goes on without it.
    fn replaced(self) -> Result<bool, BoxError>;
}

impl CompareAndSet for bool {
    fn replaced(self) -> Result<bool, BoxError> {
        Ok(self)
    }
}

impl<E: Into<BoxError>> CompareAndSet for Result<bool, E> {
    fn replaced(self) -> Result<bool, BoxError> {
        self.map_err(Into::into)
    }
}
