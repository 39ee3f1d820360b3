//! The blocking form of the handler.

use super::authenticator::Mode;
use super::lookup::ChooseClaims;
use super::{
    ApiKeys, AuthUser, CompareAndSet, HashUpdate, LoginRequest, LookupResult, OAuthHandler, SyncLookup,
    SyncUserStore, TokenPair,
};
use crate::claims::{ToClaims, UserId};
use crate::error::{BoxError, GuardError, HashingError};
use crate::future::wait;
use crate::guard::TokenSource;
use crate::password::{PasswordCheck, PasswordHasher};
use crate::session::{Session, SessionDetails};
use crate::token::TokenManager;

/// Calls the store and hashes on the calling thread.
pub(crate) enum Blocking {}

impl<S: SyncUserStore> Mode<S> for Blocking {
    type User = S::User;
    type Claims = S::Claims;

    async fn find_by_name(users: &S, name: &str) -> Result<Option<S::User>, BoxError> {
        users.find_by_name(name)
    }

    async fn find_by_id(users: &S, id: &UserId) -> Result<Option<S::User>, BoxError> {
        users.find_by_id(id)
    }

    async fn replace_hash(users: &S, update: HashUpdate) -> Result<bool, BoxError> {
        users.replace_hash(update)
    }

    fn claims(users: &S, user: &S::User, details: &SessionDetails) -> S::Claims {
        users.session_claims(user, details)
    }

    async fn verify(
        hasher: &PasswordHasher,
        plain: &str,
        stored: Option<&str>,
        renews: bool,
    ) -> Result<PasswordCheck, HashingError> {
        Ok(hasher.verify_login(plain, stored, renews))
    }

    async fn hash(hasher: &PasswordHasher, plain: &str) -> Result<String, HashingError> {
        hasher.hash(plain)
    }
}

/// Closures that block, for small programs.
impl<U: AuthUser> OAuthHandler<SyncLookup<U>> {
    /// Creates a handler that finds users by their login name with a closure, on the calling thread.
    ///
    /// The closure returns `Option<U>` or `Result<Option<U>, E>`. A refresh also needs [`lookup_by_id`](Self::lookup_by_id).
    pub fn new<R: LookupResult<User = U>>(
        tokens: TokenManager,
        lookup: impl Fn(&str) -> R + Send + Sync + 'static,
    ) -> Self {
        Self::over(tokens, SyncLookup::by_name(lookup)).keeping_outdated_hashes()
    }

    /// Sets the closure that finds a user by the id in a refresh token. `refresh` needs it.
    #[must_use]
    pub fn lookup_by_id<R: LookupResult<User = U>>(
        mut self,
        lookup: impl Fn(&UserId) -> R + Send + Sync + 'static,
    ) -> Self {
        self.authenticator.users.set_by_id(lookup);
        self
    }

    /// Sets the closure that replaces the stored hash if a login finds it outdated: cheaper than the settings of the
    /// [`hasher`](Self::hasher), of an older scheme or of another system. Without it, outdated hashes stay.
    #[must_use]
    pub fn on_outdated_hash<R: CompareAndSet>(
        mut self,
        replace: impl Fn(HashUpdate) -> R + Send + Sync + 'static,
    ) -> Self {
        self.authenticator.users.set_replace(replace);
        self.replacing_outdated_hashes()
    }

    /// Sets the closure that chooses the claims of access tokens. The default is the user's id alone, which is also all that
    /// a refresh token carries.
    #[must_use]
    pub fn claims<C: ToClaims + 'static>(self, claims: impl Fn(&U) -> C + Send + Sync + 'static) -> Self {
        self.choosing(ChooseClaims::of_user(claims))
    }

    /// Sets the closure that chooses the claims of access tokens from the user and the details of the session, such as the
    /// methods of its authentication. With [`claims`](Self::claims) as well, it is an error of [`validate`](Self::validate).
    #[must_use]
    pub fn session_claims<C: ToClaims + 'static>(
        self,
        claims: impl Fn(&U, &SessionDetails) -> C + Send + Sync + 'static,
    ) -> Self {
        self.choosing(ChooseClaims::of_session(claims))
    }

    fn choosing(mut self, claims: ChooseClaims<U>) -> Self {
        if let Err(error) = self.authenticator.users.set_claims(claims) {
            self.sessions = self.sessions.invalid(error);
        }
        self
    }
}

impl<S: SyncUserStore> OAuthHandler<S> {
    /// Creates a handler over a user store that blocks. See [`SyncUserStore`] for an example.
    pub fn with_sync_users(tokens: TokenManager, users: S) -> Self {
        Self::over(tokens, users)
    }

    /// Verifies a name and a password, begins a session, and returns its tokens.
    ///
    /// # Errors
    ///
    /// - [`GuardError::InvalidCredentials`] for an unknown name, a wrong password, or an account without a password.
    /// - [`GuardError::TooManyAttempts`] if a [`throttle`](Self::throttle) makes the client wait.
    /// - [`GuardError::Unavailable`] if the user store, the session store or the throttle failed.
    /// - [`GuardError::Config`] if the claims cannot be written into a token.
    pub fn login(&self, username: &str, password: &str) -> Result<TokenPair, GuardError> {
        self.login_with(LoginRequest::new(username, password))
    }

    /// Logs in like [`login`](Self::login), with the address of the client or a label for the session.
    ///
    /// # Errors
    ///
    /// As for [`login`](Self::login).
    pub fn login_with(&self, request: LoginRequest<'_>) -> Result<TokenPair, GuardError> {
        wait(self.log_in::<Blocking>(request))
    }

    /// Exchanges a refresh token for the next pair, if its session is active and its user still exists.
    ///
    /// # Errors
    ///
    /// - [`GuardError::MissingToken`] or [`GuardError::Token`] for the token, also if its session has ended.
    /// - [`GuardError::InvalidCredentials`] if the user no longer exists.
    /// - [`GuardError::Unavailable`] if the user store or the session store failed.
    /// - [`GuardError::Config`] if the claims cannot be written into a token, or closures lack a `lookup_by_id`.
    pub fn refresh(&self, refresh_token: impl TokenSource) -> Result<TokenPair, GuardError> {
        wait(self.renew::<Blocking>(self.verify_refresh_token(&refresh_token)?))
    }

    /// Ends the session of a refresh token, and its access tokens with it. Succeeds if the session has already ended.
    ///
    /// # Errors
    ///
    /// - [`GuardError::MissingToken`] or [`GuardError::Token`] for the token.
    /// - [`GuardError::Unavailable`] if the session store failed.
    pub fn logout(&self, refresh_token: impl TokenSource) -> Result<(), GuardError> {
        wait(self.log_out(self.verify_for_logout(&refresh_token)?))
    }

    /// Ends every session of a user, and the user's API keys if `keys` says so. Returns the number of sessions and keys that ended.
    ///
    /// # Errors
    ///
    /// [`GuardError::Unavailable`] if the session store failed.
    pub fn logout_everywhere(&self, user: impl Into<UserId>, keys: ApiKeys) -> Result<usize, GuardError> {
        wait(self.revoke_all(user.into(), keys))
    }

    /// Ends every session of a user but one and returns their number. Call it after a change of the password. API keys stay valid.
    ///
    /// The id of the session to keep is [`Verified::session_id`](crate::Verified::session_id). Without this call a change of
    /// the password ends all sessions at their next refresh, this one included.
    ///
    /// # Security
    ///
    /// The kept session outlives the change. Call it only if the user of that session has just proven to be the owner of the
    /// account, such as by the current password: otherwise a thief keeps a session that the new password would have ended.
    ///
    /// # Errors
    ///
    /// - [`GuardError::Unavailable`] if the user store or the session store failed.
    /// - [`GuardError::Config`] if no sessions are kept, or closures lack a `lookup_by_id`.
    pub fn logout_others(&self, user: impl Into<UserId>, session_id: &str) -> Result<usize, GuardError> {
        wait(self.revoke_others::<Blocking>(user.into(), session_id.to_owned()))
    }

    /// Revokes one session of the user. Returns whether it was active; a session of another user is left alone.
    ///
    /// # Errors
    ///
    /// - [`GuardError::Unavailable`] if the session store failed.
    /// - [`GuardError::Config`] if no sessions are kept.
    pub fn revoke(&self, user: impl Into<UserId>, session_id: &str) -> Result<bool, GuardError> {
        wait(self.revoke_one(user.into(), session_id.to_owned()))
    }

    /// Returns the active sessions of the user's logins, the newest first. [`api_keys`](Self::api_keys) returns the API keys.
    ///
    /// # Errors
    ///
    /// As for [`revoke`](Self::revoke).
    pub fn sessions(&self, user: impl Into<UserId>) -> Result<Vec<Session>, GuardError> {
        wait(self.list(user.into()))
    }
}
