//! User stores made of closures that block, and what a closure may return.

use std::fmt;
use std::sync::Arc;

use super::user_store::OutdatedHashesStay;
use super::{AuthUser, HashUpdate, SyncUserStore};
use crate::claims::{ClaimWriter, Payload, ToClaims, UserId};
use crate::error::{BoxError, ConfigError, TokenError};
use crate::session::SessionDetails;

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

    pub(super) fn set_claims(&mut self, claims: ChooseClaims<U>) -> Result<(), ConfigError> {
        self.claims.replace(claims)
    }
}

impl<U: AuthUser> SyncUserStore for SyncLookup<U> {
    type User = U;
    type Claims = ChosenClaims;

    fn find_by_name(&self, name: &str) -> Result<Option<U>, BoxError> {
        (self.by_name)(name)
    }

    fn find_by_id(&self, id: &UserId) -> Result<Option<U>, BoxError> {
        let by_id = self.by_id.as_ref().ok_or_else(no_lookup_by_id)?;
        by_id(id)
    }

    fn session_claims(&self, user: &U, details: &SessionDetails) -> ChosenClaims {
        self.claims.of(user, details)
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

type Choose<U> = dyn Fn(&U, &SessionDetails) -> ChosenClaims + Send + Sync;

/// Chooses the claims of a user's access tokens: a closure.
pub(super) struct ChooseClaims<U> {
    choose: Arc<Choose<U>>,
    /// The method that set the closure.
    set_by: Option<&'static str>,
}

impl<U> ChooseClaims<U> {
    /// Creates it from a closure of the user.
    pub(super) fn of_user<C: ToClaims + 'static>(claims: impl Fn(&U) -> C + Send + Sync + 'static) -> Self {
        let choose = Arc::new(move |user: &U, _: &SessionDetails| ChosenClaims(Box::new(claims(user))));
        Self { choose, set_by: Some("claims") }
    }

    /// Creates it from a closure of the user and the session.
    pub(super) fn of_session<C: ToClaims + 'static>(
        claims: impl Fn(&U, &SessionDetails) -> C + Send + Sync + 'static,
    ) -> Self {
        let choose =
            Arc::new(move |user: &U, details: &SessionDetails| ChosenClaims(Box::new(claims(user, details))));
        Self { choose, set_by: Some("session_claims") }
    }

    /// Returns the claims of the user's access token in a session.
    pub(super) fn of(&self, user: &U, details: &SessionDetails) -> ChosenClaims {
        (self.choose)(user, details)
    }

    /// Replaces the closure, unless another method has set one.
    pub(super) fn replace(&mut self, other: Self) -> Result<(), ConfigError> {
        match (self.set_by, other.set_by) {
            (Some(first), Some(second)) if first != second => Err(ConfigError::Conflict { first, second }),
            _ => {
                *self = other;
                Ok(())
            }
        }
    }
}

/// The user's id alone.
impl<U: AuthUser> Default for ChooseClaims<U> {
    fn default() -> Self {
        Self { choose: Arc::new(|user: &U, _: &SessionDetails| user.into()), set_by: None }
    }
}

/// The claims that a closure has chosen.
#[doc(hidden)]
pub struct ChosenClaims(Box<dyn ToClaims>);

/// The user's id alone.
impl<U: AuthUser> From<&U> for ChosenClaims {
    fn from(user: &U) -> Self {
        Self(Box::new(Payload::new(user.id())))
    }
}

impl ToClaims for ChosenClaims {
    fn write_claims(&self, claims: &mut ClaimWriter<'_>) -> Result<(), TokenError> {
        self.0.write_claims(claims)
    }
}

impl fmt::Debug for ChosenClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChosenClaims").finish_non_exhaustive()
    }
}
