//! User stores made of async closures.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use super::lookup::{ChooseClaims, ChosenClaims, no_lookup_by_id};
use super::user_store::OutdatedHashesStay;
use super::{AuthUser, CompareAndSet, HashUpdate, LookupResult, UserStore};
use crate::claims::UserId;
use crate::error::{BoxError, ConfigError};
use crate::session::SessionDetails;

/// An async closure from a key, a name or a [`UserId`], to a user: the parameter of
/// [`OAuthHandler::new_async`](crate::OAuthHandler::new_async).
#[diagnostic::on_unimplemented(
    message = "this is not an async user lookup",
    label = "must be a function of a reference that returns a `Send` future of `Option<U>` or of `Result<Option<U>, E>`",
    note = "over a pool, implement `gatevault::UserStore` and use `OAuthHandler::with_users`",
    note = "a closure must own all it uses: `{{ let pool = pool.clone(); move |name: &str| \
            {{ let (pool, name) = (pool.clone(), name.to_owned()); async move {{ .. }} }} }}`",
    note = "for a lookup that is not async, use `OAuthHandler::new`"
)]
pub trait AsyncUserLookup<'k, K: ?Sized>: Send + Sync + 'static {
    /// The user.
    type User;

    /// Starts the lookup.
    fn find(&self, key: &'k K) -> Finding<'k, Self::User>;
}

/// The future of a lookup.
pub(super) type Finding<'k, U> = Pin<Box<dyn Future<Output = Result<Option<U>, BoxError>> + Send + 'k>>;

// The errors of a wrong closure name this trait, whose notes show the right one, and not the bounds below.
#[diagnostic::do_not_recommend]
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

type BoxedFind<K, U> = Arc<dyn for<'k> AsyncUserLookup<'k, K, User = U>>;

/// The future of a compare and set.
type Replacing = Pin<Box<dyn Future<Output = Result<bool, BoxError>> + Send>>;

/// A user store made of async closures, as [`OAuthHandler::new_async`](crate::OAuthHandler::new_async) builds it.
pub struct AsyncLookup<U> {
    by_name: BoxedFind<str, U>,
    by_id: Option<BoxedFind<UserId, U>>,
    replace: Option<Arc<dyn Fn(HashUpdate) -> Replacing + Send + Sync>>,
    claims: ChooseClaims<U>,
}

impl<U: AuthUser + 'static> AsyncLookup<U> {
    pub(super) fn by_name(find: impl for<'k> AsyncUserLookup<'k, str, User = U>) -> Self {
        Self { by_name: Arc::new(find), by_id: None, replace: None, claims: ChooseClaims::default() }
    }

    pub(super) fn set_by_id(&mut self, find: impl for<'k> AsyncUserLookup<'k, UserId, User = U>) {
        self.by_id = Some(Arc::new(find));
    }

    pub(super) fn set_replace<F: Future<Output: CompareAndSet> + Send + 'static>(
        &mut self,
        replace: impl Fn(HashUpdate) -> F + Send + Sync + 'static,
    ) {
        self.replace = Some(Arc::new(move |update| {
            let replacing = replace(update);
            Box::pin(async { replacing.await.replaced() })
        }));
    }

    pub(super) fn set_claims(&mut self, claims: ChooseClaims<U>) -> Result<(), ConfigError> {
        self.claims.replace(claims)
    }
}

impl<U: AuthUser + Send + Sync + 'static> UserStore for AsyncLookup<U> {
    type User = U;
    type Claims = ChosenClaims;

    async fn find_by_name(&self, name: &str) -> Result<Option<U>, BoxError> {
        self.by_name.find(name).await
    }

    async fn find_by_id(&self, id: &UserId) -> Result<Option<U>, BoxError> {
        let by_id = self.by_id.as_ref().ok_or_else(no_lookup_by_id)?;
        by_id.find(id).await
    }

    fn session_claims(&self, user: &U, details: &SessionDetails) -> ChosenClaims {
        self.claims.of(user, details)
    }

    async fn replace_hash(&self, update: HashUpdate) -> Result<bool, BoxError> {
        match &self.replace {
            Some(replace) => replace(update).await,
            None => Err(OutdatedHashesStay.into()),
        }
    }
}

impl<U> fmt::Debug for AsyncLookup<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncLookup").finish_non_exhaustive()
    }
}
