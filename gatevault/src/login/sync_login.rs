//! Login on the calling thread.

use super::{AuthUser, Found, OAuthHandler, SyncLookup, TokenPair};
use crate::claims::UserId;
use crate::error::GuardError;
use crate::guard::TokenSource;
use crate::token::TokenManager;

impl<U: AuthUser> OAuthHandler<SyncLookup<U>> {
    /// A handler that finds users by the name they log in with, on the calling thread.
    ///
    /// The lookup answers `Option<U>` or `Result<Option<U>, E>`.
    pub fn new<R: Found<User = U>>(
        tokens: TokenManager,
        lookup: impl Fn(&str) -> R + Send + Sync + 'static,
    ) -> Self {
        Self::with_lookup(tokens, SyncLookup::by_name(lookup))
    }

    /// How users are found by the id in their refresh token; `refresh` needs it.
    #[must_use]
    pub fn lookup_by_id<R: Found<User = U>>(
        mut self,
        lookup: impl Fn(&UserId) -> R + Send + Sync + 'static,
    ) -> Self {
        self.lookup = self.lookup.or_by_id(lookup);
        self
    }

    /// Verifies a name and a password, and hands out tokens.
    ///
    /// # Errors
    ///
    /// [`GuardError::InvalidCredentials`], [`GuardError::Unavailable`] when the lookup failed, or
    /// [`GuardError::Token`] when the chosen claims cannot be written.
    pub fn login(&self, username: &str, password: &str) -> Result<TokenPair, GuardError> {
        let user = self.lookup.named(username)?;
        let matches = self.hasher.verify_login(password, user.as_ref().map(AuthUser::hashed_password));
        self.admit(user.as_ref(), matches)
    }

    /// Exchanges a refresh token for the next pair, if its user is still there.
    ///
    /// # Errors
    ///
    /// [`GuardError::MissingToken`] or [`GuardError::Token`] for the token, [`GuardError::InvalidCredentials`] when
    /// its user is gone, [`GuardError::Unavailable`] when the lookup failed, [`GuardError::Config`] without a
    /// `lookup_by_id`.
    pub fn refresh(&self, refresh_token: impl TokenSource) -> Result<TokenPair, GuardError> {
        let id = self.subject_of(&refresh_token)?;
        let user = self.lookup.identified(&id)?;
        self.renew(&id, user)
    }
}
