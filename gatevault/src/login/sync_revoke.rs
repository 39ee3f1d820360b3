//! Revoking tokens with the blocking form of the handler.

use std::time::SystemTime;

use super::{OAuthHandler, SyncUserStore};
use crate::claims::UserId;
use crate::error::GuardError;

impl<S: SyncUserStore> OAuthHandler<S> {
    /// Revokes one token in the session store and in this process: every process that follows the store refuses it. Arguments
    /// as for [`TokenManager::revoke_token`](crate::TokenManager::revoke_token).
    ///
    /// # Errors
    ///
    /// - [`GuardError::Unavailable`] if the session store failed.
    /// - [`GuardError::Config`] for an empty id, an issuer that is not accepted, or if no sessions are kept.
    pub fn revoke_token(
        &self,
        issuer: Option<&str>,
        token_id: &str,
        expires_at: SystemTime,
    ) -> Result<(), GuardError> {
        self.revoker(issuer)?.revoke_token(issuer, token_id, expires_at)
    }

    /// Revokes the tokens of a user that were created up to `made_until`, in the session store and in this process: every
    /// process that follows the store refuses them. Arguments as for
    /// [`TokenManager::revoke_user`](crate::TokenManager::revoke_user); with `None` the user is one of this handler's pool.
    ///
    /// Refresh tokens are among them, so that a session ends at its next refresh.
    /// [`logout_everywhere`](Self::logout_everywhere) ends the sessions themselves. The API keys of our own user that were created
    /// up to `made_until` end.
    ///
    /// # Errors
    ///
    /// As for [`revoke_token`](Self::revoke_token).
    pub fn revoke_user(
        &self,
        issuer: Option<&str>,
        user: &UserId,
        made_until: SystemTime,
    ) -> Result<(), GuardError> {
        self.revoker(issuer)?.revoke_user(issuer, user, made_until)
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
    /// [`begin_session`](Self::begin_session) and [`step_up`](Self::step_up) look such a user up again by id. See
    /// [`TokenManager::revoke_access_tokens`](crate::TokenManager::revoke_access_tokens) for tokens that you create yourself, and for
    /// services that accept this one as an [`Issuer`](crate::Issuer).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    /// use gatevault::{AuthUser, OAuthHandler, Payload, TokenManager, UserId, hash_password};
    ///
    /// #[derive(Clone)]
    /// struct Account { hash: String, role: &'static str }
    ///
    /// impl AuthUser for Account {
    ///     fn id(&self) -> UserId { 1.into() }
    ///     fn hashed_password(&self) -> Option<&str> { Some(&self.hash) }
    /// }
    ///
    /// let ada = Arc::new(Mutex::new(Account { hash: hash_password("correct horse")?, role: "admin" }));
    /// let (by_name, by_id) = (ada.clone(), ada.clone());
    /// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
    /// let oauth = OAuthHandler::new(tokens.clone(), move |_: &str| Some(by_name.lock().unwrap().clone()))
    ///     .lookup_by_id(move |_: &UserId| Some(by_id.lock().unwrap().clone()))
    ///     .claims(|account: &Account| Payload::new(account.id()).with("role", account.role));
    /// let pair = oauth.login("ada", "correct horse")?;
    ///
    /// ada.lock().unwrap().role = "member";
    /// oauth.revoke_access_tokens(1)?;
    /// assert!(tokens.decode_access_token::<Payload>(&pair.access_token).is_err());
    /// let next = oauth.refresh(&pair.refresh_token)?;
    /// assert_eq!(tokens.decode_access_token::<Payload>(&next.access_token)?["role"], "member");
    /// # Ok::<(), gatevault::Error>(())
    /// ```
    pub fn revoke_access_tokens(&self, user: impl Into<UserId>) -> Result<(), GuardError> {
        let user = user.into();
        self.revoker(None)?.revoke_access_tokens(None, &user)
    }
}
