//! `POST /revoke`: the revocation of a token by its holder (RFC 7009).

use super::AuthRoutes;
use super::oauth_error::OAuthError;
use crate::claims::{Payload, Verified};
use crate::error::{GuardError, InvalidReason, TokenError};
use crate::web::fields::Fields;
use crate::web::{HttpRequest, HttpResponse};

impl<S> AuthRoutes<S> {
    /// Handles `POST /revoke`.
    ///
    /// The token is the authority: client credentials are ignored, since clients are not registered. Its form shows what it is, so
    /// `token_type_hint` is ignored too. A token that is not one of this handler's users is as good as revoked: the answer is 200.
    pub(super) async fn revoke(
        &self,
        request: &HttpRequest,
        body: Option<&[u8]>,
    ) -> Result<HttpResponse, OAuthError> {
        let form = Fields::read_form(request, body)?;
        let token = form.required("token")?;
        if let Some(key) = self.handler.key_digest(token) {
            self.handler.revoke_key(&key).await?;
        } else if let Some(caller) = known(self.access_token_to_revoke(token))? {
            self.handler.revoke_access_token(&caller).await?;
        } else if let Some(refresh) = known(self.handler.verify_for_logout(&token))? {
            self.handler.log_out(refresh).await?;
        }
        Ok(HttpResponse::new(200))
    }

    /// Verifies an access token of a user of these routes.
    fn access_token_to_revoke(&self, token: &str) -> Result<Verified<Payload>, GuardError> {
        let caller = self.handler.tokens().decode_access_token::<Payload>(token)?;
        if self.is_of_own_user(&caller) {
            return Ok(caller);
        }
        Err(TokenError::from(InvalidReason::Session(
            "the access token is not that of a user of this handler",
        ))
        .into())
    }
}

/// Returns what was verified, or `None` for a token that is not valid.
///
/// A token of a server whose clock is ahead will be valid: its client must repeat the request.
fn known<T>(verified: Result<T, GuardError>) -> Result<Option<T>, GuardError> {
    match verified {
        Err(GuardError::Token(TokenError::Invalid(reason @ InvalidReason::NotYetValid { .. }))) => {
            Err(GuardError::unavailable(reason))
        }
        Err(GuardError::Token(_)) => Ok(None),
        verified => verified.map(Some),
    }
}
