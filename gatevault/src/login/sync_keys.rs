//! API keys in the blocking form of the handler.

use super::sync_login::Blocking;
use super::{ApiKey, KeyRequest, KeyToken, NewApiKey, OAuthHandler, SyncUserStore};
use crate::claims::UserId;
use crate::error::GuardError;
use crate::future::wait;

impl<S: SyncUserStore> OAuthHandler<S> {
    /// Creates an API key of the user: a session of its own kind, which no password change and no limit of sessions ends.
    ///
    /// Show the user the text of the key now, since only a digest of it is stored. [`revoke`](Self::revoke) ends the key, and so do
    /// [`revoke_user`](Self::revoke_user), [`logout_everywhere`](Self::logout_everywhere) with
    /// [`ApiKeys::End`](crate::ApiKeys::End), and the end of the account.
    ///
    /// # Errors
    ///
    /// - [`GuardError::InvalidCredentials`] if there is no such user.
    /// - [`GuardError::Token`] if all that the user had until now was just revoked, or the session of
    ///   [`of_login`](KeyRequest::of_login) is no active login of the user.
    /// - [`GuardError::Unavailable`] if the user store or the session store failed.
    /// - [`GuardError::Config`] for a request that is out of bounds, claims that cannot be written or have no scopes to limit,
    ///   closures without a `lookup_by_id`, or if no sessions are kept.
    ///
    /// # Examples
    ///
    /// ```
    /// # use gatevault::{AuthUser, OAuthHandler, Payload, TokenManager, UserId};
    /// # #[derive(Clone)]
    /// # struct Account;
    /// # impl AuthUser for Account {
    /// #     fn id(&self) -> UserId { 1.into() }
    /// #     fn hashed_password(&self) -> Option<&str> { None }
    /// # }
    /// use gatevault::KeyRequest;
    ///
    /// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
    /// let oauth = OAuthHandler::new(tokens.clone(), |_| None::<Account>)
    ///     .lookup_by_id(|_| Some(Account))
    ///     .claims(|account| Payload::new(account.id()).with("scope", "orders:read orders:write"))
    ///     .api_key_prefix("shop");
    ///
    /// let created = oauth.create_key(1, KeyRequest::new("nightly import").scopes(["orders:read"]))?;
    /// assert!(created.key.starts_with("shop_"));
    ///
    /// let access = oauth.exchange_key(&created.key)?.access_token;
    /// assert_eq!(tokens.decode_access_token::<Payload>(&access)?["scope"], "orders:read");
    ///
    /// oauth.revoke(1, &created.id)?;
    /// assert!(tokens.decode_access_token::<Payload>(&access).is_err());
    /// assert_eq!(oauth.exchange_key(&created.key).unwrap_err().status(), 401);
    /// # Ok::<(), gatevault::Error>(())
    /// ```
    pub fn create_key(
        &self,
        user: impl Into<UserId>,
        request: KeyRequest<'_>,
    ) -> Result<NewApiKey, GuardError> {
        wait(self.new_key::<Blocking>(user.into(), request))
    }

    /// Exchanges an API key for a short access token, which names the session of the key.
    ///
    /// The token has the claims of the user as they are now, with no other scopes than those to which the key is limited. Its
    /// `auth_time` is the creation of the key, and it ends with the key. A text with a wrong checksum is refused before any lookup; a
    /// text with a right one costs a lookup in the session store, found or not.
    ///
    /// # Errors
    ///
    /// - [`GuardError::Token`] for a key that is malformed, unknown, expired or revoked, or whose user is gone: one answer for all.
    /// - [`GuardError::Unavailable`] if the user store or the session store failed.
    /// - [`GuardError::Config`] if the claims cannot be written into a token or have no scopes to limit, closures lack a
    ///   `lookup_by_id`, or no sessions are kept.
    pub fn exchange_key(&self, key: &str) -> Result<KeyToken, GuardError> {
        wait(self.exchange::<Blocking>(key))
    }

    /// Returns the API keys of the user that are valid, the newest first.
    ///
    /// # Errors
    ///
    /// As for [`revoke`](Self::revoke).
    pub fn api_keys(&self, user: impl Into<UserId>) -> Result<Vec<ApiKey>, GuardError> {
        wait(self.keys_of(user.into()))
    }
}
