//! Steps for OAuth2 clients, beside logins and refreshes: scopes of a login, the revocation of one token and of a key.

use std::time::SystemTime;

use super::key_text::KeyDigest;
use super::misconfigured::misconfigured;
use super::{LoginRequest, OAuthHandler};
use crate::claims::RequestedScopes;
use crate::error::GuardError;

impl<'r> LoginRequest<'r> {
    /// Sets the scopes to which the session is limited, all of which the claims of the user must have.
    pub(crate) fn limited_to(self, scopes: Option<&'r RequestedScopes>) -> Self {
        Self { scopes, ..self }
    }
}

impl<S> OAuthHandler<S> {
    /// Revokes the API key with this digest, if it is active.
    pub(crate) async fn revoke_key(&self, digest: &KeyDigest) -> Result<(), GuardError> {
        if self.ready()?.store()?.is_none() {
            return Ok(());
        }
        match self.find_key(digest).await? {
            Some((id, session)) => self.revoke_one(session.user, id).await.map(drop),
            None => Ok(()),
        }
    }

    /// Revokes one access token of ours: for every process that follows the session store, or without one in this process.
    pub(crate) async fn revoke_access_token(
        &self,
        token_id: &str,
        expires_at: SystemTime,
    ) -> Result<(), GuardError> {
        if self.ready()?.store()?.is_some() {
            return self.revoker(None)?.async_revoke_token(None, token_id, expires_at).await;
        }
        self.issuer.tokens.revoke_token(None, token_id, expires_at).map_err(misconfigured)
    }
}
