//! Login without blocking the executor: lookups are awaited, passwords verified on the hashing pool.

use super::{
    AsyncLookup, AsyncUserLookup, AuthUser, CompareAndSet, HashUpdate, LoginRequest, OAuthHandler, TokenPair,
};
use crate::claims::UserId;
use crate::error::GuardError;
use crate::guard::TokenSource;
use crate::session::Session;
use crate::token::TokenManager;

impl<U: AuthUser + Send + 'static> OAuthHandler<AsyncLookup<U>> {
    /// A handler that awaits users by the name they log in with.
    ///
    /// The lookup is a function of a `&str` that returns a future of `Option<U>` or of `Result<Option<U>, E>`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use gatevault::{AuthUser, OAuthHandler, TokenManager, UserId};
    /// # #[derive(Clone)] struct Account;
    /// # impl AuthUser for Account {
    /// #     fn id(&self) -> UserId { 1.into() }
    /// #     fn hashed_password(&self) -> &str { "" }
    /// # }
    /// async fn find_by_name(name: &str) -> Result<Option<Account>, std::io::Error> {
    ///     // a query
    /// #   let _ = name; Ok(None)
    /// }
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
    /// let oauth = OAuthHandler::new_async(tokens, find_by_name);
    /// assert_eq!(oauth.async_login("ada", "correct horse").await.unwrap_err().status(), 401);
    /// # Ok::<(), gatevault::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn new_async(tokens: TokenManager, lookup: impl for<'k> AsyncUserLookup<'k, str, User = U>) -> Self {
        Self::with_lookup(tokens, AsyncLookup::by_name(lookup))
    }

    /// How users are found by the id in their refresh token; `async_refresh` needs it.
    #[must_use]
    pub fn lookup_by_id(mut self, lookup: impl for<'k> AsyncUserLookup<'k, UserId, User = U>) -> Self {
        self.lookup = self.lookup.or_by_id(lookup);
        self
    }

    /// Stores a new hash where a login has found the stored one outdated: cheaper than the [`hasher`](Self::hasher)'s
    /// settings, or of an older scheme. Unless set, outdated hashes stay as they are.
    #[must_use]
    pub fn on_outdated_hash<F: Future<Output: CompareAndSet> + Send + 'static>(
        mut self,
        replace: impl Fn(HashUpdate) -> F + Send + Sync + 'static,
    ) -> Self {
        self.lookup = self.lookup.or_replace(replace);
        self
    }

    /// Verifies a name and a password, begins a session, and hands out its tokens. The password is verified on the
    /// hashing pool.
    ///
    /// # Errors
    ///
    /// [`GuardError::InvalidCredentials`], [`GuardError::TooManyAttempts`] where there is a [`throttle`](Self::throttle),
    /// [`GuardError::Unavailable`] when the lookup or a store failed or no tokio runtime is running, or
    /// [`GuardError::Config`] when the chosen claims cannot be written.
    pub async fn async_login(&self, username: &str, password: &str) -> Result<TokenPair, GuardError> {
        self.async_login_with(LoginRequest::new(username, password)).await
    }

    /// [`async_login`](Self::async_login), with more that is known of who asks.
    ///
    /// # Errors
    ///
    /// As for [`async_login`](Self::async_login).
    pub async fn async_login_with(&self, request: LoginRequest<'_>) -> Result<TokenPair, GuardError> {
        self.log_in(request).await
    }

    /// Exchanges a refresh token for the next pair, if its session goes on and its user is still there.
    ///
    /// # Errors
    ///
    /// [`GuardError::MissingToken`] or [`GuardError::Token`] for the token, also one whose session has ended,
    /// [`GuardError::InvalidCredentials`] when its user is gone, [`GuardError::Unavailable`] when the lookup or the session
    /// store failed, [`GuardError::Config`] without a `lookup_by_id` or when the chosen claims cannot be written.
    pub async fn async_refresh(&self, refresh_token: impl TokenSource) -> Result<TokenPair, GuardError> {
        let presented = self.presented(&refresh_token);
        drop(refresh_token);
        self.renew(presented?).await
    }

    /// Ends the session of a refresh token, and its access tokens with it; one that has ended before stays so.
    ///
    /// # Errors
    ///
    /// [`GuardError::MissingToken`] or [`GuardError::Token`] for the token, [`GuardError::Unavailable`] when the session
    /// store failed.
    pub async fn async_logout(&self, refresh_token: impl TokenSource) -> Result<(), GuardError> {
        let leaving = self.leaving(&refresh_token);
        drop(refresh_token);
        self.log_out(leaving?).await
    }

    /// Ends every session of a user, and says how many.
    ///
    /// # Errors
    ///
    /// [`GuardError::Unavailable`] when the session store failed.
    pub async fn async_logout_everywhere(&self, user: impl Into<UserId>) -> Result<usize, GuardError> {
        let user = user.into();
        self.end_all(user).await
    }

    /// Ends every session of a user but one, and says how many: what to do after a change of the password.
    ///
    /// The session that goes on is known by [`Verified::session_id`](crate::Verified::session_id). Without this call a
    /// change of the password ends all sessions at their next refresh, this one too.
    ///
    /// # Errors
    ///
    /// [`GuardError::Unavailable`] when the lookup or the session store failed, [`GuardError::Config`] without a
    /// `lookup_by_id` or when no sessions are kept.
    pub async fn async_logout_others(
        &self,
        user: impl Into<UserId>,
        session_id: &str,
    ) -> Result<usize, GuardError> {
        let user = user.into();
        self.end_others(user, session_id.to_owned()).await
    }

    /// Ends one session of a user, and says whether it had gone on till then; the session of anybody else does.
    ///
    /// # Errors
    ///
    /// [`GuardError::Unavailable`] when the session store failed, [`GuardError::Config`] when no sessions are kept.
    pub async fn async_revoke(&self, user: impl Into<UserId>, session_id: &str) -> Result<bool, GuardError> {
        let user = user.into();
        self.end_one(user, session_id.to_owned()).await
    }

    /// The sessions of a user that go on, the one that began last first.
    ///
    /// # Errors
    ///
    /// As for [`async_revoke`](Self::async_revoke).
    pub async fn async_sessions(&self, user: impl Into<UserId>) -> Result<Vec<Session>, GuardError> {
        let user = user.into();
        self.list(user).await
    }
}
