//! How a handler finds users, by the name they log in with and by the id in their refresh token.

use std::fmt;
use std::sync::Arc;

use super::{CompareAndSet, HashUpdate};
use crate::claims::UserId;
use crate::error::{BoxError, ConfigError, GuardError};
use crate::password::{PasswordHasher, Verification};

/// What a lookup may answer: `Option<U>`, or `Result<Option<U>, E>` with any error.
#[diagnostic::on_unimplemented(
    message = "a user lookup cannot answer `{Self}`",
    label = "not the answer of a user lookup",
    note = "return `Option<U>` or `Result<Option<U>, E>`; `None` says that there is no such user",
    note = "if the lookup is async, use `OAuthHandler::new_async`"
)]
pub trait LookupResult {
    /// The user that was looked for.
    type User;

    /// The answer with its error, if any, made one type.
    ///
    /// # Errors
    ///
    /// When the lookup itself failed, so that nobody knows whether there is such a user.
    fn found(self) -> Result<Option<Self::User>, BoxError>;
}

impl<U> LookupResult for Option<U> {
    type User = U;

    fn found(self) -> Result<Self, BoxError> {
        Ok(self)
    }
}

impl<U, E: Into<BoxError>> LookupResult for Result<Option<U>, E> {
    type User = U;

    fn found(self) -> Result<Option<U>, BoxError> {
        self.map_err(Into::into)
    }
}

/// A way to look users up: [`SyncLookup`], or with feature `tokio` an `AsyncLookup`.
pub trait UserLookup: sealed::Sealed {}

impl<U> UserLookup for SyncLookup<U> {}

impl<U> sealed::Sealed for SyncLookup<U> {
    type User = U;

    async fn named(&self, name: &str) -> Result<Option<U>, GuardError> {
        (self.by_name)(name).map_err(lookup_failed)
    }

    async fn identified(&self, id: &UserId) -> Result<Option<U>, GuardError> {
        let by_id = self.by_id.as_ref().ok_or_else(no_lookup_by_id)?;
        by_id(id).map_err(lookup_failed)
    }

    async fn verify(
        &self,
        hasher: &PasswordHasher,
        plain: &str,
        stored: Option<&str>,
    ) -> Result<Verification, GuardError> {
        Ok(hasher.verify_login(plain, stored, self.replace.is_some()))
    }

    async fn replace_hash(&self, update: HashUpdate) -> Result<bool, BoxError> {
        self.replace.as_ref().map_or(Ok(false), |replace| replace(update))
    }
}

/// How a form of the handler finds users and verifies passwords: at once on the calling thread, or in a while.
pub(super) mod sealed {
    use crate::claims::UserId;
    use crate::error::{BoxError, GuardError};
    use crate::login::HashUpdate;
    use crate::password::{PasswordHasher, Verification};

    pub trait Sealed {
        type User;

        fn named(&self, name: &str) -> impl Future<Output = Result<Option<Self::User>, GuardError>>;

        fn identified(&self, id: &UserId) -> impl Future<Output = Result<Option<Self::User>, GuardError>>;

        /// Verifies, and hashes anew where somebody will store it.
        fn verify(
            &self,
            hasher: &PasswordHasher,
            plain: &str,
            stored: Option<&str>,
        ) -> impl Future<Output = Result<Verification, GuardError>>;

        fn replace_hash(&self, update: HashUpdate) -> impl Future<Output = Result<bool, BoxError>>;
    }
}

type SyncReplace = dyn Fn(HashUpdate) -> Result<bool, BoxError> + Send + Sync;

type SyncFind<K, U> = Arc<dyn Fn(&K) -> Result<Option<U>, BoxError> + Send + Sync>;

/// Finds users on the calling thread.
pub struct SyncLookup<U> {
    by_name: SyncFind<str, U>,
    by_id: Option<SyncFind<UserId, U>>,
    replace: Option<Arc<SyncReplace>>,
}

impl<U> SyncLookup<U> {
    pub(super) fn by_name<R: LookupResult<User = U>>(
        find: impl Fn(&str) -> R + Send + Sync + 'static,
    ) -> Self {
        Self { by_name: Arc::new(move |name| find(name).found()), by_id: None, replace: None }
    }

    pub(super) fn or_by_id<R: LookupResult<User = U>>(
        self,
        find: impl Fn(&UserId) -> R + Send + Sync + 'static,
    ) -> Self {
        Self { by_id: Some(Arc::new(move |id| find(id).found())), ..self }
    }

    pub(super) fn or_replace<R: CompareAndSet>(
        self,
        replace: impl Fn(HashUpdate) -> R + Send + Sync + 'static,
    ) -> Self {
        Self { replace: Some(Arc::new(move |update| replace(update).replaced())), ..self }
    }
}

/// Nothing was decided; the text of a database's error may hold what a caller typed, so it is escaped.
pub(super) fn lookup_failed(error: BoxError) -> GuardError {
    tracing::warn!(target: "gatevault", error = ?error.to_string(), "user lookup failed");
    GuardError::unavailable(error)
}

/// Without it a refresh could not tell whether the user is still there, so it is refused.
pub(super) fn no_lookup_by_id() -> GuardError {
    GuardError::Config(ConfigError::Missing {
        setting: "lookup_by_id",
        needed_for: "a refresh looks the user up again, by the id in the token",
    })
}

impl<U> fmt::Debug for SyncLookup<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncLookup").finish_non_exhaustive()
    }
}
