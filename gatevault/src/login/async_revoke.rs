//! Revoking tokens with the async form of the handler.

use std::time::SystemTime;

use super::{OAuthHandler, UserStore};
use crate::claims::UserId;
use crate::error::GuardError;

impl<S: UserStore> OAuthHandler<S> {
    /// Revokes one token in the session store and in this process: every process that follows the store refuses it. Arguments
    /// as for [`TokenManager::revoke_token`](crate::TokenManager::revoke_token).
    ///
    /// # Errors
    ///
    /// - [`GuardError::Unavailable`] if the session store failed.
    /// - [`GuardError::Config`] for an empty id, an issuer that is not accepted, or if no sessions are kept.
    pub async fn async_revoke_token(
        &self,
        issuer: Option<&str>,
        token_id: &str,
        expires_at: SystemTime,
    ) -> Result<(), GuardError> {
        self.revoker(issuer)?.async_revoke_token(issuer, token_id, expires_at).await
    }

    /// Revokes the tokens of a user that were created up to `made_until`, in the session store and in this process: every
    /// process that follows the store refuses them. Arguments as for [`TokenManager::revoke_user`](crate::TokenManager::revoke_user); with `None` the user is one
    /// of this handler's pool.
    ///
    /// Refresh tokens are among them, so that a session ends at its next refresh.
    /// [`async_logout_everywhere`](Self::async_logout_everywhere) ends the sessions themselves. The API keys of our own user that were created
    /// up to `made_until` end.
    ///
    /// # Errors
    ///
    /// As for [`async_revoke_token`](Self::async_revoke_token).
    pub async fn async_revoke_user(
        &self,
        issuer: Option<&str>,
        user: &UserId,
        made_until: SystemTime,
    ) -> Result<(), GuardError> {
        self.revoker(issuer)?.async_revoke_user(issuer, user, made_until).await
    }

    /// Revokes the access tokens of a user whose claims were read before now, in the session store and in this process. Call it after
    /// the user's role or scopes have changed in your database, or the user was removed. Without it, roles are as old as the token.
    ///
    /// No session ends. Every process that follows the store refuses the user's access tokens, the client refreshes, and the next
    /// token has the claims of the user as your database has them then. It is accepted at once. A removed user gets none. Tokens of
    /// API keys are exchanged again, [connections](crate::TokenManager::invalidated) that were opened before end, and refresh tokens, keys and
    /// purpose tokens stay valid.
    ///
    /// The user is one of this handler's pool.
    ///
    /// # Errors
    ///
    /// - [`GuardError::Unavailable`] if the session store failed.
    /// - [`GuardError::Config`] if no sessions are kept.
    ///
    /// # Security
    ///
    /// Change the role first, and call it then. A process that the revocation has not reached, for at most the
    /// [poll interval](crate::session::RevocationFeedBuilder::poll_interval), still accepts the former tokens.
    ///
    /// [`async_begin_session`](Self::async_begin_session) and [`async_step_up`](Self::async_step_up) look such a user up again by id. See
    /// [`TokenManager::revoke_access_tokens`](crate::TokenManager::revoke_access_tokens) for tokens that you create yourself, and for
    /// services that accept this one as an [`Issuer`](crate::Issuer).
    pub async fn async_revoke_access_tokens(&self, user: impl Into<UserId>) -> Result<(), GuardError> {
        let user = user.into();
        self.revoker(None)?.async_revoke_access_tokens(None, &user).await
    }
}
