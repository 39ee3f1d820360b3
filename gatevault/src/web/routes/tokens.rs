//! Where refresh tokens come from and go to: a cookie, which must not be anybody else's to use, or the body.

use serde_json::json;

use super::AuthRoutes;
use crate::login::{AuthUser, Presented, TokenPair, UserLookup};
use crate::web::denial::Denial;
use crate::web::fields::Fields;
use crate::web::{CsrfToken, HttpRequest, HttpResponse};

impl<L: UserLookup<User: AuthUser>> AuthRoutes<L> {
    /// The refresh token of a call, from where it belongs and from nowhere else.
    pub(super) fn refresh_token(
        &self,
        call: &HttpRequest,
        body: Option<&[u8]>,
    ) -> Result<Option<String>, Denial> {
        match &self.cookie {
            Some(cookie) => {
                self.refuse_other_sites(call)?;
                Ok(cookie.read(call.values("cookie"))?.map(str::to_owned))
            }
            None => Ok(Some(Fields::read(call, body)?.required("refresh_token")?.to_owned())),
        }
    }

    /// The answer that brings tokens (RFC 6749 section 5.1), without the refresh token where a cookie holds it.
    pub(super) fn hand_out(&self, pair: &TokenPair) -> Result<HttpResponse, Denial> {
        let Some(cookie) = &self.cookie else {
            return Ok(HttpResponse::json(200, &json!(pair)));
        };
        let tokens = self.handler.tokens();
        let session = self.handler.presented(&pair.refresh_token)?.binding();
        let csrf = CsrfToken::of_session(&session, tokens)?;
        let lives_for = tokens.refresh_expiry();
        let body = json!({
            "access_token": pair.access_token,
            "token_type": pair.token_type,
            "expires_in": pair.expires_in.as_secs(),
        });
        Ok(HttpResponse::json(200, &body)
            .with_header("set-cookie", cookie.set(&pair.refresh_token, lives_for))
            .with_header("set-cookie", csrf.set_cookie(lives_for)))
    }

    /// The answer to somebody who has left.
    pub(super) fn forget(&self) -> HttpResponse {
        let answer = HttpResponse::new(204);
        match &self.cookie {
            Some(cookie) => answer
                .with_header("set-cookie", cookie.delete())
                .with_header("set-cookie", CsrfToken::delete_cookie()),
            None => answer,
        }
    }

    /// Refuses a call that a cookie authenticates unless it echoes the value of that cookie's session.
    pub(super) fn refuse_forgery(&self, call: &HttpRequest, presented: &Presented) -> Result<(), Denial> {
        let tokens = self.handler.tokens();
        let echoed = call.header(CsrfToken::HEADER);
        let is_ours =
            || echoed.is_some_and(|echoed| CsrfToken::is_of_session(echoed, &presented.binding(), tokens));
        if self.cookie.is_none() || is_ours() {
            return Ok(());
        }
        tracing::info!(target: "gatevault", path = ?call.path(), "refused: the CSRF token is missing or wrong");
        Err(Denial::Forged)
    }

    /// Refuses what a browser says was sent by a page of another site (Fetch Metadata).
    pub(super) fn refuse_other_sites(&self, call: &HttpRequest) -> Result<(), Denial> {
        let is_elsewhere = call.values("sec-fetch-site").any(|site| site == b"cross-site");
        if self.cookie.is_some() && is_elsewhere {
            tracing::info!(target: "gatevault", path = ?call.path(), "refused: sent by a page of another site");
            return Err(Denial::Forged);
        }
        Ok(())
    }
}
