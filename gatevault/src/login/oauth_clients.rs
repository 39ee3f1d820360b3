//! Steps for OAuth2 clients, beside logins and refreshes: scopes of a login, the revocation of one token and of a key.

use super::key_text::KeyDigest;
use super::{LoginRequest, OAuthHandler};
use crate::claims::{Payload, RequestedScopes, Verified};
use crate::error::GuardError;
use crate::event::{Decision, Event};
use crate::session::Revocation;

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
    pub(crate) async fn revoke_access_token(&self, token: &Verified<Payload>) -> Result<(), GuardError> {
        let (tokens, id) = (&self.issuer.tokens, token.token_id().unwrap_or_default());
        let event = if self.ready()?.store()?.is_some() {
            self.revoker(None)?.write(None, Revocation::of_token(id, token.expires())).await?
        } else {
            tokens.revoke_validated_token(None, id, token.expires_at());
            Event::new(Decision::Revoked { kind: "token", is_stored: false })
        };
        event.of_verified(token, tokens).emit();
        Ok(())
    }
}
