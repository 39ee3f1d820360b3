//! Beginning sessions with the async form of the handler.

use super::authenticator::OutdatedHashes;
use super::awaiting::Awaiting;
use super::{LoginRequest, OAuthHandler, SessionRequest, StepUpRequest, TokenPair, UserStore};
use crate::error::GuardError;
use crate::guard::TokenSource;

impl<S: UserStore> OAuthHandler<S> {
    /// Begins a session for a user whom the application has authenticated, such as by a passkey, a login at another provider,
    /// a link in a mail or a second factor, and returns its tokens.
    ///
    /// The time of the authentication is now. The session is refreshed, listed and revoked as that of a login; its user need
    /// not have a password.
    ///
    /// # Security
    ///
    /// Nothing is verified here: a caller of this function is logged in. A throttle of the handler does not count the call.
    ///
    /// Look the user up right before the call: the tokens have the role that `user` has. If the user's access tokens were
    /// [revoked](Self::async_revoke_access_tokens) lately, the handler looks the user up again, by id.
    ///
    /// # Errors
    ///
    /// - [`GuardError::Unavailable`] if the session store failed.
    /// - [`GuardError::Config`] if the claims cannot be written into a token, or a setting of the request is out of bounds or
    ///   needs sessions that are not kept; also if closures lack a `lookup_by_id` and the user's access tokens were revoked lately.
    /// - [`GuardError::InvalidCredentials`] if they were revoked lately and the user is gone.
    pub async fn async_begin_session(
        &self,
        user: &S::User,
        request: SessionRequest<'_>,
    ) -> Result<TokenPair, GuardError> {
        self.begin::<Awaiting>(user, request).await
    }

    /// Writes a new authentication of the user into the session of an access token, and returns the next pair of the same
    /// session. Guards that demand `acr`, `amr` or `max_age` open after it (RFC 9470).
    ///
    /// `user` is the account that was authenticated, and the token must be that of the same user. The session keeps its end;
    /// an ended or expired one is not revived. The new `acr` and `amr` replace those of the session, and the next refresh of
    /// every holder has them.
    ///
    /// # Errors
    ///
    /// - [`GuardError::MissingToken`] or [`GuardError::Token`] for the token, also if it belongs to another user, to no session,
    ///   to that of an API key, or to one that has ended.
    /// - [`GuardError::Unavailable`] if the session store failed.
    /// - [`GuardError::Config`] if the claims cannot be written into a token, or no sessions are kept.
    pub async fn async_step_up(
        &self,
        user: &S::User,
        access_token: impl TokenSource,
        request: StepUpRequest,
    ) -> Result<TokenPair, GuardError> {
        let caller = self.verify_for_step_up(user, &access_token);
        // The source need not be `Send`: it is gone before the first await.
        drop(access_token);
        self.raise::<Awaiting>(user, caller?, request).await
    }

    /// Verifies a name and a password without beginning a session, and returns the user: the first of two factors.
    ///
    /// Throttled as [`async_login_with`](Self::async_login_with), and with the same answers. An outdated hash stays as it is; `async_login_with` replaces it.
    ///
    /// # Errors
    ///
    /// - [`GuardError::InvalidCredentials`] for an unknown name, a wrong password, or an account without a password.
    /// - [`GuardError::TooManyAttempts`] if a [`throttle`](Self::throttle) makes the client wait.
    /// - [`GuardError::Unavailable`] if the user store or the throttle failed, the hashing pool is full, or
    ///   no tokio runtime is running.
    pub async fn async_authenticate(&self, request: LoginRequest<'_>) -> Result<S::User, GuardError> {
        Ok(self.check_password::<Awaiting>(request, OutdatedHashes::Keep).await?.0)
    }
}
