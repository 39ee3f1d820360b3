//! The async form of the handler: it awaits the user store and hashes on the pool.

use super::awaiting::Awaiting;
use super::lookup::ChooseClaims;
use super::{
    ApiKeys, AsyncLookup, AsyncUserLookup, AuthUser, CompareAndSet, HashUpdate, LoginRequest, OAuthHandler,
    TokenPair, UserStore,
};
use crate::claims::{ToClaims, UserId};
use crate::error::GuardError;
use crate::guard::TokenSource;
use crate::session::{Session, SessionDetails};
use crate::token::TokenManager;

/// Async closures, for small programs.
impl<U: AuthUser + Send + Sync + 'static> OAuthHandler<AsyncLookup<U>> {
    /// Creates a handler that finds users by their login name with an async closure.
    ///
    /// The closure takes a `&str` and returns a future of `Option<U>` or of `Result<Option<U>, E>`. A refresh also needs
    /// [`lookup_by_id`](Self::lookup_by_id).
    ///
    /// Over a pool of connections, implement [`UserStore`] and call [`with_users`](Self::with_users): it has neither that
    /// step nor the trap below.
    ///
    /// # Examples
    ///
    /// The closure is called many times, and its future may not borrow from the closure. So it clones the pool twice, once
    /// for itself and once for each future, and each future owns the name:
    ///
    /// ```
    /// # use gatevault::{AuthUser, OAuthHandler, TokenManager, UserId};
    /// # #[derive(Clone)] struct Account;
    /// # impl AuthUser for Account {
    /// #     fn id(&self) -> UserId { 1.into() }
    /// #     fn hashed_password(&self) -> Option<&str> { None }
    /// # }
    /// # #[derive(Clone)] struct Pool;
    /// # impl Pool {
    /// #     async fn by_name(&self, _: &str) -> Result<Option<Account>, std::io::Error> { Ok(None) }
    /// #     async fn by_id(&self, _: &UserId) -> Result<Option<Account>, std::io::Error> { Ok(None) }
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// # let pool = Pool;
    /// let by_name = {
    ///     let pool = pool.clone();
    ///     move |name: &str| {
    ///         let (pool, name) = (pool.clone(), name.to_owned());
    ///         async move { pool.by_name(&name).await }
    ///     }
    /// };
    /// let by_id = {
    ///     let pool = pool.clone();
    ///     move |id: &UserId| {
    ///         let (pool, id) = (pool.clone(), id.clone());
    ///         async move { pool.by_id(&id).await }
    ///     }
    /// };
    /// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
    /// let oauth = OAuthHandler::new_async(tokens, by_name).lookup_by_id(by_id);
    /// assert_eq!(oauth.async_login("ada", "correct horse").await.unwrap_err().status(), 401);
    /// # Ok::<(), gatevault::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn new_async(tokens: TokenManager, lookup: impl for<'k> AsyncUserLookup<'k, str, User = U>) -> Self {
        Self::over(tokens, AsyncLookup::by_name(lookup)).keeping_outdated_hashes()
    }

    /// Sets the async closure that finds a user by the id in a refresh token. `async_refresh` needs it.
    #[must_use]
    pub fn lookup_by_id(mut self, lookup: impl for<'k> AsyncUserLookup<'k, UserId, User = U>) -> Self {
        self.authenticator.users.set_by_id(lookup);
        self
    }

    /// Sets the async closure that replaces the stored hash if a login finds it outdated: cheaper than the settings of the
    /// [`hasher`](Self::hasher), of an older scheme or of another system. Without it, outdated hashes stay.
    #[must_use]
    pub fn on_outdated_hash<F: Future<Output: CompareAndSet> + Send + 'static>(
        mut self,
        replace: impl Fn(HashUpdate) -> F + Send + Sync + 'static,
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

impl<S: UserStore> OAuthHandler<S> {
    /// Creates a handler over an async user store, such as a pool of connections. See [`UserStore`] for an example.
    pub fn with_users(tokens: TokenManager, users: S) -> Self {
        Self::over(tokens, users)
    }

    /// Verifies a name and a password, begins a session, and returns its tokens. Hashing runs on a bounded pool of threads.
    ///
    /// # Errors
    ///
    /// - [`GuardError::InvalidCredentials`] for an unknown name, a wrong password, or an account without a password.
    /// - [`GuardError::TooManyAttempts`] if a [`throttle`](Self::throttle) makes the client wait.
    /// - [`GuardError::Unavailable`] if the user store, the session store or the throttle failed, the hashing pool is full, or
    ///   no tokio runtime is running.
    /// - [`GuardError::Config`] if the claims cannot be written into a token.
    pub async fn async_login(&self, username: &str, password: &str) -> Result<TokenPair, GuardError> {
        self.async_login_with(LoginRequest::new(username, password)).await
    }

    /// Logs in like [`async_login`](Self::async_login), with the address of the client or a label for the session.
    ///
    /// # Errors
    ///
    /// As for [`async_login`](Self::async_login).
    pub async fn async_login_with(&self, request: LoginRequest<'_>) -> Result<TokenPair, GuardError> {
        self.log_in::<Awaiting>(request).await
    }

    /// Exchanges a refresh token for the next pair, if its session is active and its user still exists.
    ///
    /// # Errors
    ///
    /// - [`GuardError::MissingToken`] or [`GuardError::Token`] for the token, also if its session has ended.
    /// - [`GuardError::InvalidCredentials`] if the user no longer exists.
    /// - [`GuardError::Unavailable`] if the user store or the session store failed.
    /// - [`GuardError::Config`] if the claims cannot be written into a token, or closures lack a `lookup_by_id`.
    pub async fn async_refresh(&self, refresh_token: impl TokenSource) -> Result<TokenPair, GuardError> {
        let token = self.verify_refresh_token(&refresh_token);
        // The source need not be `Send`: it is gone before the first await.
        drop(refresh_token);
        self.renew::<Awaiting>(token?).await
    }

    /// Ends the session of a refresh token, and its access tokens with it. Succeeds if the session has already ended.
    ///
    /// # Errors
    ///
    /// - [`GuardError::MissingToken`] or [`GuardError::Token`] for the token.
    /// - [`GuardError::Unavailable`] if the session store failed.
    pub async fn async_logout(&self, refresh_token: impl TokenSource) -> Result<(), GuardError> {
        let token = self.verify_for_logout(&refresh_token);
        drop(refresh_token);
        self.log_out(token?).await
    }

    /// Ends every session of a user, and the user's API keys if `keys` says so. Returns the number of sessions and keys that ended.
    ///
    /// # Errors
    ///
    /// [`GuardError::Unavailable`] if the session store failed.
    pub async fn async_logout_everywhere(
        &self,
        user: impl Into<UserId>,
        keys: ApiKeys,
    ) -> Result<usize, GuardError> {
        self.revoke_all(user.into(), keys).await
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
    pub async fn async_logout_others(
        &self,
        user: impl Into<UserId>,
        session_id: &str,
    ) -> Result<usize, GuardError> {
        let user = user.into();
        self.revoke_others::<Awaiting>(user, session_id.to_owned()).await
    }

    /// Revokes one session of the user. Returns whether it was active; a session of another user is left alone.
    ///
    /// # Errors
    ///
    /// - [`GuardError::Unavailable`] if the session store failed.
    /// - [`GuardError::Config`] if no sessions are kept.
    pub async fn async_revoke(&self, user: impl Into<UserId>, session_id: &str) -> Result<bool, GuardError> {
        let user = user.into();
        self.revoke_one(user, session_id.to_owned()).await
    }

    /// Returns the active sessions of the user's logins, the newest first. [`async_api_keys`](Self::async_api_keys) returns the API keys.
    ///
    /// # Errors
    ///
    /// As for [`async_revoke`](Self::async_revoke).
    pub async fn async_sessions(&self, user: impl Into<UserId>) -> Result<Vec<Session>, GuardError> {
        let user = user.into();
        self.list(user).await
    }
}
