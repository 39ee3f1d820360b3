//! Login without blocking the executor: lookups are awaited, passwords verified on the hashing pool.

use super::{AsyncFind, AsyncLookup, AuthUser, OAuthHandler, TokenPair};
use crate::claims::UserId;
use crate::error::{GuardError, HashingError};
use crate::guard::TokenSource;
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
    pub fn new_async(tokens: TokenManager, lookup: impl for<'k> AsyncFind<'k, str, User = U>) -> Self {
        Self::with_lookup(tokens, AsyncLookup::by_name(lookup))
    }

    /// How users are found by the id in their refresh token; `async_refresh` needs it.
    #[must_use]
    pub fn lookup_by_id(mut self, lookup: impl for<'k> AsyncFind<'k, UserId, User = U>) -> Self {
        self.lookup = self.lookup.or_by_id(lookup);
        self
    }

    /// Verifies a name and a password, and hands out tokens. The password is verified on the hashing pool.
    ///
    /// # Errors
    ///
    /// [`GuardError::InvalidCredentials`], [`GuardError::Unavailable`] when the lookup failed or no tokio runtime
    /// is running, or [`GuardError::Token`] when the chosen claims cannot be written.
    pub async fn async_login(&self, username: &str, password: &str) -> Result<TokenPair, GuardError> {
        let user = self.lookup.named(username).await?;
        let stored = user.as_ref().map(|user| user.hashed_password().to_owned());
        let matches = self.hasher.async_verify_login(password, stored).await;
        self.admit(user.as_ref(), matches.map_err(hashing_failed)?)
    }

    /// Exchanges a refresh token for the next pair, if its user is still there.
    ///
    /// # Errors
    ///
    /// [`GuardError::MissingToken`] or [`GuardError::Token`] for the token, [`GuardError::InvalidCredentials`] when
    /// its user is gone, [`GuardError::Unavailable`] when the lookup failed, [`GuardError::Config`] without a
    /// `lookup_by_id`.
    pub async fn async_refresh(&self, refresh_token: impl TokenSource) -> Result<TokenPair, GuardError> {
        let id = self.subject_of(&refresh_token)?;
        drop(refresh_token);
        let user = self.lookup.identified(&id).await?;
        self.renew(&id, user)
    }
}

/// Nothing was decided: the password was not verified.
fn hashing_failed(error: HashingError) -> GuardError {
    tracing::warn!(target: "gatevault", %error, "password not verified");
    GuardError::unavailable(error)
}
