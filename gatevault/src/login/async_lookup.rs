//! Lookups that are awaited.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use super::lookup::{LookupResult, UserLookup, lookup_failed, no_lookup_by_id, sealed};
use super::{CompareAndSet, HashUpdate};
use crate::claims::UserId;
use crate::error::{BoxError, GuardError, HashingError};
use crate::password::{PasswordHasher, Verification};

/// An async function from a key, a name or a [`UserId`], to a user; what `OAuthHandler::new_async` takes.
#[diagnostic::on_unimplemented(
    message = "this is not an async user lookup",
    label = "must return a future of `Option<U>` or of `Result<Option<U>, E>`",
    note = "write `|name: &str| {{ .. async move {{ .. }} }}`; for a lookup that is not async use `OAuthHandler::new`"
)]
pub trait AsyncUserLookup<'k, K: ?Sized>: Send + Sync + 'static {
    /// The user that is looked for.
    type User;

    /// Starts looking.
    fn find(&self, key: &'k K) -> Finding<'k, Self::User>;
}

/// A search under way.
pub(super) type Finding<'k, U> = Pin<Box<dyn Future<Output = Result<Option<U>, BoxError>> + Send + 'k>>;

impl<'k, K, F, Fut> AsyncUserLookup<'k, K> for F
where
    K: ?Sized + 'k,
    F: Fn(&'k K) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: LookupResult> + Send + 'k,
{
    type User = <Fut::Output as LookupResult>::User;

    fn find(&self, key: &'k K) -> Finding<'k, Self::User> {
        let finding = self(key);
        Box::pin(async move { finding.await.found() })
    }
}

impl<U: 'static> UserLookup for AsyncLookup<U> {}

impl<U: 'static> sealed::Sealed for AsyncLookup<U> {
    type User = U;

    async fn named(&self, name: &str) -> Result<Option<U>, GuardError> {
        self.by_name.find(name).await.map_err(lookup_failed)
    }

    async fn identified(&self, id: &UserId) -> Result<Option<U>, GuardError> {
        let by_id = self.by_id.as_ref().ok_or_else(no_lookup_by_id)?;
        by_id.find(id).await.map_err(lookup_failed)
    }

    async fn verify(
        &self,
        hasher: &PasswordHasher,
        plain: &str,
        stored: Option<&str>,
    ) -> Result<Verification, GuardError> {
        let renews = self.replace.is_some();
        let verification = hasher.async_verify_login(plain, stored.map(str::to_owned), renews);
        verification.await.map_err(hashing_failed)
    }

    async fn replace_hash(&self, update: HashUpdate) -> Result<bool, BoxError> {
        match &self.replace {
            Some(replace) => replace(update).await,
            None => Ok(false),
        }
    }
}

/// Nothing was decided: the password was not verified.
fn hashing_failed(error: HashingError) -> GuardError {
    tracing::warn!(target: "gatevault", %error, "password not verified");
    GuardError::unavailable(error)
}

type BoxedFind<K, U> = Arc<dyn for<'k> AsyncUserLookup<'k, K, User = U>>;

/// Finds users without blocking the executor.
pub struct AsyncLookup<U> {
    by_name: BoxedFind<str, U>,
    by_id: Option<BoxedFind<UserId, U>>,
    replace: Option<Arc<dyn Fn(HashUpdate) -> Replacing + Send + Sync>>,
}

/// A compare and set under way.
type Replacing = Pin<Box<dyn Future<Output = Result<bool, BoxError>> + Send>>;

impl<U: 'static> AsyncLookup<U> {
    pub(super) fn by_name(find: impl for<'k> AsyncUserLookup<'k, str, User = U>) -> Self {
        Self { by_name: Arc::new(find), by_id: None, replace: None }
    }

    pub(super) fn or_by_id(self, find: impl for<'k> AsyncUserLookup<'k, UserId, User = U>) -> Self {
        Self { by_id: Some(Arc::new(find)), ..self }
    }

    pub(super) fn or_replace<F: Future<Output: CompareAndSet> + Send + 'static>(
        self,
        replace: impl Fn(HashUpdate) -> F + Send + Sync + 'static,
    ) -> Self {
        let replace = move |update| -> Replacing {
            let replacing = replace(update);
            Box::pin(async { replacing.await.replaced() })
        };
        Self { replace: Some(Arc::new(replace)), ..self }
    }
}

impl<U> fmt::Debug for AsyncLookup<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncLookup").finish_non_exhaustive()
    }
}
