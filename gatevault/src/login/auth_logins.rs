//! The operations of `Auth`: those of its handler, under plain names.

use super::{
    ApiKey, ApiKeys, Auth, KeyRequest, KeyToken, LoginRequest, NewApiKey, SessionRequest, StepUpRequest,
    TokenPair, UserStore,
};
use crate::claims::UserId;
use crate::error::GuardError;
use crate::guard::TokenSource;
use crate::session::Session;
use crate::token::{Purpose, VerifiedPurpose};

impl<S: UserStore> Auth<S> {
    /// Verifies a name and a password, begins a session, and returns its tokens.
    ///
    /// # Errors
    ///
    /// As for [`OAuthHandler::async_login`](crate::OAuthHandler::async_login).
    pub async fn login(&self, username: &str, password: &str) -> Result<TokenPair, GuardError> {
        self.handler().async_login(username, password).await
    }

    /// Logs in like [`login`](Self::login), with the address of the client or a label for the session.
    ///
    /// # Errors
    ///
    /// As for [`OAuthHandler::async_login`](crate::OAuthHandler::async_login).
    pub async fn login_with(&self, request: LoginRequest<'_>) -> Result<TokenPair, GuardError> {
        self.handler().async_login_with(request).await
    }

    /// Begins a session for a user whom the application has authenticated.
    ///
    /// # Errors
    ///
    /// As for [`OAuthHandler::async_begin_session`](crate::OAuthHandler::async_begin_session).
    pub async fn begin_session(
        &self,
        user: &S::User,
        request: SessionRequest<'_>,
    ) -> Result<TokenPair, GuardError> {
        self.handler().async_begin_session(user, request).await
    }

    /// Writes a new authentication of the user into the session of an access token, and returns its next tokens.
    ///
    /// # Errors
    ///
    /// As for [`OAuthHandler::async_step_up`](crate::OAuthHandler::async_step_up).
    pub async fn step_up(
        &self,
        user: &S::User,
        access_token: impl TokenSource,
        request: StepUpRequest,
    ) -> Result<TokenPair, GuardError> {
        self.handler().async_step_up(user, access_token, request).await
    }

    /// Exchanges a refresh token for the next pair, if its session is active and its user still exists.
    ///
    /// # Errors
    ///
    /// As for [`OAuthHandler::async_refresh`](crate::OAuthHandler::async_refresh).
    pub async fn refresh(&self, refresh_token: impl TokenSource) -> Result<TokenPair, GuardError> {
        self.handler().async_refresh(refresh_token).await
    }

    /// Ends the session of a refresh token, and its access tokens with it. Succeeds if the session has already ended.
    ///
    /// # Errors
    ///
    /// As for [`OAuthHandler::async_logout`](crate::OAuthHandler::async_logout).
    pub async fn logout(&self, refresh_token: impl TokenSource) -> Result<(), GuardError> {
        self.handler().async_logout(refresh_token).await
    }

    /// Ends every session and every API key of a user, and returns their number. To keep the keys, call
    /// [`OAuthHandler::async_logout_everywhere`](crate::OAuthHandler::async_logout_everywhere).
    ///
    /// # Errors
    ///
    /// As for [`OAuthHandler::async_logout_everywhere`](crate::OAuthHandler::async_logout_everywhere).
    pub async fn logout_everywhere(&self, user: impl Into<UserId>) -> Result<usize, GuardError> {
        self.handler().async_logout_everywhere(user, ApiKeys::End).await
    }

    /// Ends every session of a user but one, and returns their number. Call it after a change of the password.
    ///
    /// # Security
    ///
    /// The kept session outlives the change. Call it only if the user of that session has just proven to be the owner of the
    /// account, such as by the current password: otherwise a thief keeps a session that the new password would have ended.
    ///
    /// # Errors
    ///
    /// As for [`OAuthHandler::async_logout_others`](crate::OAuthHandler::async_logout_others).
    pub async fn logout_others(
        &self,
        user: impl Into<UserId>,
        session_id: &str,
    ) -> Result<usize, GuardError> {
        self.handler().async_logout_others(user, session_id).await
    }

    /// Revokes one session of the user. Returns whether it was active; a session of another user is left alone.
    ///
    /// # Errors
    ///
    /// As for [`OAuthHandler::async_revoke`](crate::OAuthHandler::async_revoke).
    pub async fn revoke(&self, user: impl Into<UserId>, session_id: &str) -> Result<bool, GuardError> {
        self.handler().async_revoke(user, session_id).await
    }

    /// Revokes the access tokens of a user whose claims were read before now, and ends no session: call it after the user's role has
    /// changed in your database, or the user was removed. Clients refresh, and carry the new role.
    ///
    /// # Errors
    ///
    /// As for [`OAuthHandler::async_revoke_access_tokens`](crate::OAuthHandler::async_revoke_access_tokens).
    pub async fn revoke_access_tokens(&self, user: impl Into<UserId>) -> Result<(), GuardError> {
        self.handler().async_revoke_access_tokens(user).await
    }

    /// Returns the active sessions of the user's logins, the newest first.
    ///
    /// # Errors
    ///
    /// As for [`OAuthHandler::async_sessions`](crate::OAuthHandler::async_sessions).
    pub async fn sessions(&self, user: impl Into<UserId>) -> Result<Vec<Session>, GuardError> {
        self.handler().async_sessions(user).await
    }

    /// Verifies a name and a password without beginning a session, and returns the user: the first of two factors.
    ///
    /// # Errors
    ///
    /// As for [`OAuthHandler::async_authenticate`](crate::OAuthHandler::async_authenticate).
    pub async fn authenticate(&self, request: LoginRequest<'_>) -> Result<S::User, GuardError> {
        self.handler().async_authenticate(request).await
    }

    /// Creates an API key of the user. Show the user its text now, since only a digest of it is stored.
    ///
    /// # Errors
    ///
    /// As for [`OAuthHandler::async_create_key`](crate::OAuthHandler::async_create_key).
    pub async fn create_key(
        &self,
        user: impl Into<UserId>,
        request: KeyRequest<'_>,
    ) -> Result<NewApiKey, GuardError> {
        self.handler().async_create_key(user, request).await
    }

    /// Exchanges an API key for a short access token.
    ///
    /// # Errors
    ///
    /// As for [`OAuthHandler::async_exchange_key`](crate::OAuthHandler::async_exchange_key).
    pub async fn exchange_key(&self, key: &str) -> Result<KeyToken, GuardError> {
        self.handler().async_exchange_key(key).await
    }

    /// Returns the API keys of the user that are valid, the newest first.
    ///
    /// # Errors
    ///
    /// As for [`OAuthHandler::async_api_keys`](crate::OAuthHandler::async_api_keys).
    pub async fn api_keys(&self, user: impl Into<UserId>) -> Result<Vec<ApiKey>, GuardError> {
        self.handler().async_api_keys(user).await
    }

    /// Verifies a purpose token, such as that of a link in a mail, and spends it if its purpose is one for a single use.
    ///
    /// # Errors
    ///
    /// As for [`OAuthHandler::async_redeem_purpose_token`](crate::OAuthHandler::async_redeem_purpose_token).
    pub async fn redeem_purpose_token(
        &self,
        purpose: &Purpose,
        token: &str,
        state: impl AsRef<[u8]>,
    ) -> Result<VerifiedPurpose, GuardError> {
        self.handler().async_redeem_purpose_token(purpose, token, state).await
    }
}
