//! How a handler finds users: by the name they log in with, and by the id in their refresh token.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::claims::UserId;
use crate::error::{BoxError, ConfigError, GuardError};

/// What a lookup may answer: `Option<U>`, or `Result<Option<U>, E>` with any error.
#[diagnostic::on_unimplemented(
    message = "a user lookup cannot answer `{Self}`",
    label = "not the answer of a user lookup",
    note = "return `Option<U>` or `Result<Option<U>, E>`; `None` says that there is no such user",
    note = "if the lookup is async, use `OAuthHandler::new_async`"
)]
pub trait Found {
    /// The user that was looked for.
    type User;

    /// The answer with its error, if any, made one type.
    ///
    /// # Errors
    ///
    /// When the lookup itself failed, so that nobody knows whether there is such a user.
    fn found(self) -> Result<Option<Self::User>, BoxError>;
}

impl<U> Found for Option<U> {
    type User = U;

    fn found(self) -> Result<Self, BoxError> {
        Ok(self)
    }
}

impl<U, E: Into<BoxError>> Found for Result<Option<U>, E> {
    type User = U;

    fn found(self) -> Result<Option<U>, BoxError> {
        self.map_err(Into::into)
    }
}

/// An async function from a key, a name or a [`UserId`], to a user; what `OAuthHandler::new_async` takes.
#[diagnostic::on_unimplemented(
    message = "this is not an async user lookup",
    label = "must return a future of `Option<U>` or of `Result<Option<U>, E>`",
    note = "write `|name: &str| {{ .. async move {{ .. }} }}`; for a lookup that is not async use `OAuthHandler::new`"
)]
pub trait AsyncFind<'k, K: ?Sized>: Send + Sync + 'static {
    /// The user that is looked for.
    type User;

    /// Starts looking.
    fn find(&self, key: &'k K) -> Finding<'k, Self::User>;
}

/// A search under way.
pub(super) type Finding<'k, U> = Pin<Box<dyn Future<Output = Result<Option<U>, BoxError>> + Send + 'k>>;

impl<'k, K, F, Fut> AsyncFind<'k, K> for F
where
    K: ?Sized + 'k,
    F: Fn(&'k K) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: Found> + Send + 'k,
{
    type User = <Fut::Output as Found>::User;

    fn find(&self, key: &'k K) -> Finding<'k, Self::User> {
        let finding = self(key);
        Box::pin(async move { finding.await.found() })
    }
}

/// The two ways to look users up: [`SyncLookup`] and [`AsyncLookup`].
pub trait Lookup: sealed::Sealed {
    /// The user that is looked up.
    type User;
}

impl<U> Lookup for SyncLookup<U> {
    type User = U;
}

impl<U> Lookup for AsyncLookup<U> {
    type User = U;
}

mod sealed {
    pub trait Sealed {}
    impl<U> Sealed for super::SyncLookup<U> {}
    impl<U> Sealed for super::AsyncLookup<U> {}
}

type SyncFind<K, U> = Arc<dyn Fn(&K) -> Result<Option<U>, BoxError> + Send + Sync>;

/// Finds users on the calling thread.
pub struct SyncLookup<U> {
    by_name: SyncFind<str, U>,
    by_id: Option<SyncFind<UserId, U>>,
}

impl<U> SyncLookup<U> {
    pub(super) fn by_name<R: Found<User = U>>(find: impl Fn(&str) -> R + Send + Sync + 'static) -> Self {
        Self { by_name: Arc::new(move |name| find(name).found()), by_id: None }
    }

    pub(super) fn or_by_id<R: Found<User = U>>(
        self,
        find: impl Fn(&UserId) -> R + Send + Sync + 'static,
    ) -> Self {
        Self { by_id: Some(Arc::new(move |id| find(id).found())), ..self }
    }

    pub(super) fn named(&self, name: &str) -> Result<Option<U>, GuardError> {
        (self.by_name)(name).map_err(GuardError::unavailable)
    }

    pub(super) fn identified(&self, id: &UserId) -> Result<Option<U>, GuardError> {
        let by_id = self.by_id.as_ref().ok_or_else(no_lookup_by_id)?;
        by_id(id).map_err(GuardError::unavailable)
    }
}

type BoxedFind<K, U> = Arc<dyn for<'k> AsyncFind<'k, K, User = U>>;

/// Finds users without blocking the executor.
pub struct AsyncLookup<U> {
    by_name: BoxedFind<str, U>,
    by_id: Option<BoxedFind<UserId, U>>,
}

impl<U: 'static> AsyncLookup<U> {
    pub(super) fn by_name(find: impl for<'k> AsyncFind<'k, str, User = U>) -> Self {
        Self { by_name: Arc::new(find), by_id: None }
    }

    pub(super) fn or_by_id(self, find: impl for<'k> AsyncFind<'k, UserId, User = U>) -> Self {
        Self { by_id: Some(Arc::new(find)), ..self }
    }

    pub(super) async fn named(&self, name: &str) -> Result<Option<U>, GuardError> {
        self.by_name.find(name).await.map_err(GuardError::unavailable)
    }

    pub(super) async fn identified(&self, id: &UserId) -> Result<Option<U>, GuardError> {
        let by_id = self.by_id.as_ref().ok_or_else(no_lookup_by_id)?;
        by_id.find(id).await.map_err(GuardError::unavailable)
    }
}

/// Without it a refresh could not tell whether the user is still there, so it is refused.
fn no_lookup_by_id() -> GuardError {
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

impl<U> fmt::Debug for AsyncLookup<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncLookup").finish_non_exhaustive()
    }
}
