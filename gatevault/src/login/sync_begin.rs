//! Beginning sessions with the blocking form of the handler.

use super::authenticator::OutdatedHashes;
use super::sync_login::Blocking;
use super::{LoginRequest, OAuthHandler, SessionRequest, StepUpRequest, SyncUserStore, TokenPair};
use crate::error::GuardError;
use crate::future::wait;
use crate::guard::TokenSource;

impl<S: SyncUserStore> OAuthHandler<S> {
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
    /// [revoked](Self::revoke_access_tokens) lately, the handler looks the user up again, by id.
    ///
    /// # Errors
    ///
    /// - [`GuardError::Unavailable`] if the session store failed.
    /// - [`GuardError::Config`] if the claims cannot be written into a token, or a setting of the request is out of bounds or
    ///   needs sessions that are not kept; also if closures lack a `lookup_by_id` and the user's access tokens were revoked lately.
    /// - [`GuardError::InvalidCredentials`] if they were revoked lately and the user is gone.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::login::SessionRequest;
    /// use gatevault::{AuthUser, OAuthHandler, Payload, TokenManager, UserId};
    ///
    /// #[derive(Clone)]
    /// struct Account { id: u64 }
    ///
    /// impl AuthUser for Account {
    ///     fn id(&self) -> UserId { self.id.into() }
    ///     fn hashed_password(&self) -> Option<&str> { None } // logs in with a passkey
    /// }
    ///
    /// let ada = Account { id: 1 };
    /// let by_id = ada.clone();
    /// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
    /// let oauth = OAuthHandler::new(tokens.clone(), |_| None::<Account>).lookup_by_id(move |_| Some(by_id.clone()));
    ///
    /// let pair = oauth.begin_session(&ada, SessionRequest::new().amr(["hwk", "user"]).acr("phr"))?;
    /// let next = oauth.refresh(&pair.refresh_token)?;
    /// assert_eq!(tokens.decode_access_token::<Payload>(&next.access_token)?.acr(), Some("phr"));
    /// # Ok::<(), gatevault::Error>(())
    /// ```
    pub fn begin_session(
        &self,
        user: &S::User,
        request: SessionRequest<'_>,
    ) -> Result<TokenPair, GuardError> {
        wait(self.begin::<Blocking>(user, request))
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
    ///
    /// # Examples
    ///
    /// ```
    /// # use gatevault::login::{SessionRequest, StepUpRequest};
    /// # use gatevault::{AuthUser, GateVault, GuardError, OAuthHandler, Payload, TokenManager, UserId, protected};
    /// # #[derive(Clone)]
    /// # struct Account;
    /// # impl AuthUser for Account {
    /// #     fn id(&self) -> UserId { 1.into() }
    /// #     fn hashed_password(&self) -> Option<&str> { None }
    /// # }
    /// #[protected(amr = "otp")]
    /// fn transfer(payload: Payload) -> Result<String, GuardError> {
    ///     Ok(format!("transferred by user {}", payload.user_id()))
    /// }
    ///
    /// # let ada = Account;
    /// # let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
    /// # GateVault::new(tokens.clone()).install()?;
    /// # let oauth = OAuthHandler::new(tokens, |_| None::<Account>);
    /// let pair = oauth.begin_session(&ada, SessionRequest::new().amr(["pwd"]))?;
    /// assert!(transfer(&pair.access_token).is_err());
    ///
    /// // After the user has entered a valid code:
    /// let pair = oauth.step_up(&ada, &pair.access_token, StepUpRequest::new().amr(["pwd", "otp", "mfa"]))?;
    /// assert!(transfer(&pair.access_token).is_ok());
    /// # Ok::<(), gatevault::Error>(())
    /// ```
    pub fn step_up(
        &self,
        user: &S::User,
        access_token: impl TokenSource,
        request: StepUpRequest,
    ) -> Result<TokenPair, GuardError> {
        let caller = self.verify_for_step_up(user, &access_token)?;
        wait(self.raise::<Blocking>(user, caller, request))
    }

    /// Verifies a name and a password without beginning a session, and returns the user: the first of two factors.
    ///
    /// Throttled as [`login_with`](Self::login_with), and with the same answers. An outdated hash stays as it is; `login_with` replaces it.
    ///
    /// # Errors
    ///
    /// - [`GuardError::InvalidCredentials`] for an unknown name, a wrong password, or an account without a password.
    /// - [`GuardError::TooManyAttempts`] if a [`throttle`](Self::throttle) makes the client wait.
    /// - [`GuardError::Unavailable`] if the user store or the throttle failed.
    pub fn authenticate(&self, request: LoginRequest<'_>) -> Result<S::User, GuardError> {
        wait(self.check_password::<Blocking>(request, OutdatedHashes::Keep)).map(|(user, _)| user)
    }
}
