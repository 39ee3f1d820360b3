//! API keys in the async form of the handler.

use super::awaiting::Awaiting;
use super::{ApiKey, KeyRequest, KeyToken, NewApiKey, OAuthHandler, UserStore};
use crate::claims::UserId;
use crate::error::GuardError;

impl<S: UserStore> OAuthHandler<S> {
    /// Creates an API key of the user: a session of its own kind, which no password change and no limit of sessions ends.
    ///
    /// Show the user the text of the key now, since only a digest of it is stored. [`async_revoke`](Self::async_revoke) ends the key,
    /// and so do [`async_revoke_user`](Self::async_revoke_user), [`async_logout_everywhere`](Self::async_logout_everywhere) with
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
    pub async fn async_create_key(
        &self,
        user: impl Into<UserId>,
        request: KeyRequest<'_>,
    ) -> Result<NewApiKey, GuardError> {
        let user = user.into();
        self.new_key::<Awaiting>(user, request).await
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
    pub async fn async_exchange_key(&self, key: &str) -> Result<KeyToken, GuardError> {
        self.exchange::<Awaiting>(key).await
    }

    /// Returns the API keys of the user that are valid, the newest first.
    ///
    /// # Errors
    ///
    /// As for [`async_revoke`](Self::async_revoke).
    pub async fn async_api_keys(&self, user: impl Into<UserId>) -> Result<Vec<ApiKey>, GuardError> {
        let user = user.into();
        self.keys_of(user).await
    }
}
