//! `POST /refresh`: the refresh token, its CSRF token, and the response with the next pair.

use serde_json::json;

use super::AuthRoutes;
use super::sender::Sender;
use crate::error::GuardError;
use crate::login::{Issued, Mode, VerifiedRefreshToken};
use crate::web::denial::Denial;
use crate::web::fields::Fields;
use crate::web::{CsrfToken, HttpRequest, HttpResponse, RefreshCookie};

impl<S> AuthRoutes<S> {
    /// Handles `POST /refresh`.
    pub(super) async fn refresh<M: Mode<S>>(
        &self,
        request: &HttpRequest,
        body: Option<&[u8]>,
    ) -> Result<HttpResponse, Denial> {
        let Some(cookie) = &self.cookie else {
            let token = refresh_token_in(request, body)?;
            let token = self.handler.verify_refresh_token(&token)?;
            return self.token_response(&self.handler.renew::<M>(token).await?);
        };
        self.reject_senders_beyond(Sender::SameSite, request)?;
        let token = match refresh_cookies(cookie, request).as_slice() {
            [] => self.handler.verify_refresh_token(&None::<String>)?,
            [only] => self.verify_with_csrf_token(only, request)?,
            several => match self.genuine_among(several, request) {
                Err(denial @ Denial::Guard(GuardError::Token(_))) => {
                    return Ok(self.without_refresh_cookies(denial.into()));
                }
                token => token?,
            },
        };
        self.token_response(&self.handler.renew::<M>(token).await?)
    }

    /// Returns the refresh token whose CSRF token the request echoes: the others were set by another host of the site, or
    /// belong to routes at a path above.
    fn genuine_among(
        &self,
        tokens: &[String],
        request: &HttpRequest,
    ) -> Result<VerifiedRefreshToken, Denial> {
        let (mut has_genuine, mut refusal) = (false, GuardError::MissingToken);
        for token in tokens.iter().take(MOST_COOKIES) {
            match self.handler.verify_refresh_token(token) {
                Ok(token) if self.echoes_csrf_token(request, &token) => return Ok(token),
                Ok(_) => has_genuine = true,
                Err(denial @ GuardError::Token(_)) => refusal = denial,
                Err(unavailable) => return Err(unavailable.into()),
            }
        }
        Err(if has_genuine { csrf_token_missing(request) } else { refusal.into() })
    }

    fn verify_with_csrf_token(
        &self,
        token: &str,
        request: &HttpRequest,
    ) -> Result<VerifiedRefreshToken, Denial> {
        let token = self.handler.verify_refresh_token(&token)?;
        if self.echoes_csrf_token(request, &token) {
            return Ok(token);
        }
        Err(csrf_token_missing(request))
    }

    /// Returns whether a request echoes the CSRF token of this refresh token's session.
    pub(super) fn echoes_csrf_token(&self, request: &HttpRequest, token: &VerifiedRefreshToken) -> bool {
        let (subject, tokens) = (&token.csrf_subject, self.handler.tokens());
        let echoed = request.header(CsrfToken::HEADER);
        echoed.is_some_and(|echoed| CsrfToken::is_of_session(echoed, subject, tokens))
    }

    /// Returns the response with the tokens (RFC 6749 section 5.1). If a cookie holds the refresh token, the body does not.
    ///
    /// The CSRF token is in the body as well: a page of another host of the site cannot read the cookie.
    pub(super) fn token_response(&self, issued: &Issued) -> Result<HttpResponse, Denial> {
        let pair = &issued.pair;
        let Some(cookie) = &self.cookie else {
            return Ok(HttpResponse::json(200, &json!(pair)));
        };
        let csrf = CsrfToken::of_session(&issued.csrf_subject, self.handler.tokens())?;
        let max_age = issued.refresh_expires_in;
        let body = json!({
            "access_token": pair.access_token,
            "token_type": pair.token_type,
            "expires_in": pair.expires_in.as_secs(),
            "csrf_token": csrf.as_str(),
        });
        Ok(HttpResponse::json(200, &body)
            .with_header("set-cookie", cookie.set(&pair.refresh_token, max_age))
            .with_header("set-cookie", csrf.set_cookie(cookie, max_age)))
    }

    /// Adds the headers that delete both cookies to a response.
    pub(super) fn without_refresh_cookies(&self, response: HttpResponse) -> HttpResponse {
        match &self.cookie {
            Some(cookie) => response
                .with_header("set-cookie", cookie.delete())
                .with_header("set-cookie", CsrfToken::delete_cookie(cookie)),
            None => response,
        }
    }
}

/// The number of different refresh tokens in one request that are verified.
pub(super) const MOST_COOKIES: usize = 4;

/// Returns the different refresh tokens in the cookies of a request.
pub(super) fn refresh_cookies(cookie: &RefreshCookie, request: &HttpRequest) -> Vec<String> {
    let mut tokens = Vec::new();
    for value in cookie.values(request.values("cookie")).filter(|value| !value.is_empty()) {
        let token = String::from_utf8_lossy(value).into_owned();
        if !tokens.contains(&token) {
            tokens.push(token);
        }
    }
    tokens
}

/// Returns the refresh token in a body.
pub(super) fn refresh_token_in(request: &HttpRequest, body: Option<&[u8]>) -> Result<String, Denial> {
    Ok(Fields::read(request, body)?.required("refresh_token")?.to_owned())
}

/// Logs a request that a cookie authenticates and that does not echo the CSRF token of its session, and returns the denial.
pub(super) fn csrf_token_missing(request: &HttpRequest) -> Denial {
    tracing::info!(target: "gatevault", path = ?request.path(), "request refused: CSRF token missing or wrong");
    Denial::Forged
}
