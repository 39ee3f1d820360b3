//! User stores made of closures that block, and what a closure may return.

use std::fmt;
use std::sync::Arc;

use super::user_store::OutdatedHashesStay;
use super::{AuthUser, HashUpdate, SyncUserStore};
use crate::claims::{ClaimWriter, Payload, ToClaims, UserId};
use crate::error::{BoxError, ConfigError, TokenError};

/// The result of a lookup closure: `Option<U>`, or `Result<Option<U>, E>` with any error.
#[diagnostic::on_unimplemented(
    message = "a user lookup cannot return `{Self}`",
    label = "not the result of a user lookup",
    note = "return `Option<U>` or `Result<Option<U>, E>`; `None` means that there is no such user",
    note = "if the lookup is async, use `OAuthHandler::new_async`, or implement `gatevault::UserStore`"
)]
pub trait LookupResult {
    /// The user.
    type User;

    /// Converts the result into one with a boxed error.
    ///
    /// # Errors
    ///
    /// If the lookup failed, so that nothing is known about the user.
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

/// The result of a closure that stores a [`HashUpdate`]: `bool`, or `Result<bool, E>` with any error. False means that
/// another hash is stored by now.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the result of a compare and set",
    label = "does not say whether the hash was replaced",
    note = "return `bool` or `Result<bool, E>`: true if the outdated hash was the stored one and is replaced"
)]
pub trait CompareAndSet {
    /// Converts the result into one with a boxed error.
    ///
    /// # Errors
    ///
    /// If the hash could not be stored. The login succeeds nevertheless.
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

type SyncFind<K, U> = Arc<dyn Fn(&K) -> Result<Option<U>, BoxError> + Send + Sync>;

type SyncReplace = dyn Fn(HashUpdate) -> Result<bool, BoxError> + Send + Sync;

/// A user store made of closures, as [`OAuthHandler::new`](crate::OAuthHandler::new) builds it.
pub struct SyncLookup<U> {
    by_name: SyncFind<str, U>,
    by_id: Option<SyncFind<UserId, U>>,
    replace: Option<Arc<SyncReplace>>,
    claims: ChooseClaims<U>,
}

impl<U: AuthUser> SyncLookup<U> {
    pub(super) fn by_name<R: LookupResult<User = U>>(
        find: impl Fn(&str) -> R + Send + Sync + 'static,
    ) -> Self {
        let by_name = Arc::new(move |name: &str| find(name).found());
        Self { by_name, by_id: None, replace: None, claims: ChooseClaims::default() }
    }

    pub(super) fn set_by_id<R: LookupResult<User = U>>(
        &mut self,
        find: impl Fn(&UserId) -> R + Send + Sync + 'static,
    ) {
        self.by_id = Some(Arc::new(move |id| find(id).found()));
    }

    pub(super) fn set_replace<R: CompareAndSet>(
        &mut self,
        replace: impl Fn(HashUpdate) -> R + Send + Sync + 'static,
    ) {
        self.replace = Some(Arc::new(move |update| replace(update).replaced()));
    }

    pub(super) fn set_claims(&mut self, claims: ChooseClaims<U>) {
        self.claims = claims;
    }
}

impl<U: AuthUser> SyncUserStore for SyncLookup<U> {
    type User = LookupUser<U>;
    type Claims = ChosenClaims;

    fn find_by_name(&self, name: &str) -> Result<Option<LookupUser<U>>, BoxError> {
        Ok((self.by_name)(name)?.map(|user| self.claims.of(user)))
    }

    fn find_by_id(&self, id: &UserId) -> Result<Option<LookupUser<U>>, BoxError> {
        let by_id = self.by_id.as_ref().ok_or_else(no_lookup_by_id)?;
        Ok(by_id(id)?.map(|user| self.claims.of(user)))
    }

    fn replace_hash(&self, update: HashUpdate) -> Result<bool, BoxError> {
        self.replace.as_ref().map_or_else(|| Err(OutdatedHashesStay.into()), |replace| replace(update))
    }
}

impl<U> fmt::Debug for SyncLookup<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncLookup").finish_non_exhaustive()
    }
}

/// Returns the error of closures without a lookup by id: a refresh cannot know whether the user still exists.
pub(super) fn no_lookup_by_id() -> ConfigError {
    ConfigError::Missing {
        setting: "lookup_by_id",
        needed_for: "a refresh looks the user up again, by the id in the token",
    }
}

/// Chooses the claims of a user's access tokens: a closure.
pub(super) struct ChooseClaims<U>(Arc<dyn Fn(&U) -> ChosenClaims + Send + Sync>);

impl<U> ChooseClaims<U> {
    pub(super) fn with<C: ToClaims + 'static>(claims: impl Fn(&U) -> C + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |user| ChosenClaims(Box::new(claims(user)))))
    }

    pub(super) fn of(&self, user: U) -> LookupUser<U> {
        LookupUser { user, claims: Self(Arc::clone(&self.0)) }
    }
}

/// The user's id alone.
impl<U: AuthUser> Default for ChooseClaims<U> {
    fn default() -> Self {
        Self::with(|user: &U| Payload::new(user.id()))
    }
}

/// A user that a closure has found, with the closure that chooses the user's claims.
#[doc(hidden)]
pub struct LookupUser<U> {
    user: U,
    claims: ChooseClaims<U>,
}

impl<U: AuthUser> AuthUser for LookupUser<U> {
    fn id(&self) -> UserId {
        self.user.id()
    }
    fn hashed_password(&self) -> Option<&str> {
        self.user.hashed_password()
    }
}

/// The claims that a closure has chosen.
#[doc(hidden)]
pub struct ChosenClaims(Box<dyn ToClaims>);

impl<U> From<&LookupUser<U>> for ChosenClaims {
    fn from(found: &LookupUser<U>) -> Self {
        (found.claims.0)(&found.user)
    }
}

impl ToClaims for ChosenClaims {
    fn write_claims(&self, claims: &mut ClaimWriter<'_>) -> Result<(), TokenError> {
        self.0.write_claims(claims)
    }
}

impl<U> fmt::Debug for LookupUser<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LookupUser").finish_non_exhaustive()
    }
}

impl fmt::Debug for ChosenClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChosenClaims").finish_non_exhaustive()
    }
}
