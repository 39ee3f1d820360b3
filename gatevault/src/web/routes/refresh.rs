//! `POST /refresh`: the refresh token, its CSRF token, and the response with the next pair.

use std::time::Duration;

use serde_json::json;

use super::AuthRoutes;
use super::sender::Sender;
use crate::error::GuardError;
use crate::event::{Event, RequestFault};
use crate::login::{Mode, TokenPair, VerifiedRefreshToken};
use crate::web::denial::Denial;
use crate::web::fields::{Fields, has_json};
use crate::web::refusal::without_csrf_token;
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
        self.reject_senders_beyond(self.farthest_sender(request), request)?;
        let fields = self.form_fields(request, body)?;
        let echoed = echoed_csrf_token(request, fields.as_ref())?;
        let tokens = refresh_cookies(cookie, request);
        let token = self.token_to_refresh(&tokens, echoed, request);
        let is_none_good = tokens.len() > 1 && matches!(token, Err(Denial::Guard(GuardError::Token(_))));
        let renewed = match token {
            Ok(token) => self.handler.renew::<M>(token).await.map_err(Denial::from),
            Err(denial) => Err(denial),
        };
        let response = match (&self.pages, fields) {
            (Some(pages), Some(fields)) => {
                self.refresh_form_response(pages, request, fields.optional("next")?, renewed)
            }
            _ => renewed.and_then(|pair| self.token_response(&pair)),
        };
        if is_none_good && may_delete_cookies(request) {
            return Ok(self.without_cookies_of_session(response.unwrap_or_else(HttpResponse::from)));
        }
        response
    }

    /// Verifies the refresh token whose CSRF token the request echoes.
    fn token_to_refresh(
        &self,
        tokens: &[String],
        echoed: Option<&str>,
        request: &HttpRequest,
    ) -> Result<VerifiedRefreshToken, Denial> {
        match tokens {
            [] => Ok(self.handler.verify_refresh_token(&None::<String>)?),
            [only] => self.verify_with_csrf_token(only, echoed, request),
            several => self.genuine_among(several, echoed, request),
        }
    }

    /// Returns the farthest page that may send a request with a CSRF token: a form comes without asking, in any of its media
    /// types. A browser asks before it sends JSON or one of these headers to another host.
    pub(super) fn farthest_sender(&self, request: &HttpRequest) -> Sender {
        let is_form = self.pages_of_form(request).is_some() || !is_asked_for(request);
        if self.pages.is_some() && is_form { Sender::Own } else { Sender::SameSite }
    }

    /// Returns the refresh token whose CSRF token the request echoes: the others were set by another host of the site, or
    /// belong to routes at a path above.
    pub(super) fn genuine_among(
        &self,
        tokens: &[String],
        echoed: Option<&str>,
        request: &HttpRequest,
    ) -> Result<VerifiedRefreshToken, Denial> {
        let (mut genuine, mut refusal) = (None, GuardError::MissingToken);
        for token in tokens.iter().take(MOST_COOKIES) {
            match self.handler.verify_refresh_token(token) {
                Ok(token) if self.echoes_csrf_token(echoed, &token) => return Ok(token),
                Ok(token) => genuine = Some(token),
                Err(denial @ GuardError::Token(_)) => refusal = denial,
                Err(unavailable) => return Err(unavailable.into()),
            }
        }
        Err(match genuine {
            Some(token) => self.csrf_token_missing(request, |event| token.named_in(event)),
            None => refusal.into(),
        })
    }

    fn verify_with_csrf_token(
        &self,
        token: &str,
        echoed: Option<&str>,
        request: &HttpRequest,
    ) -> Result<VerifiedRefreshToken, Denial> {
        let token = self.handler.verify_refresh_token(&token)?;
        if self.echoes_csrf_token(echoed, &token) {
            return Ok(token);
        }
        Err(self.csrf_token_missing(request, |event| token.named_in(event)))
    }

    /// Emits the event of a request that a cookie authenticates and that does not echo the CSRF token of its session, and returns the
    /// denial. `named` adds whom the cookie names.
    pub(super) fn csrf_token_missing(
        &self,
        request: &HttpRequest,
        named: impl FnOnce(Event) -> Event,
    ) -> Denial {
        let event = without_csrf_token(RequestFault::CsrfToken, Some(request.path()));
        named(event.of_own_issuer(self.handler.tokens())).emit();
        Denial::Forged
    }

    /// Returns whether the echoed CSRF token is that of this refresh token's session.
    pub(super) fn echoes_csrf_token(&self, echoed: Option<&str>, token: &VerifiedRefreshToken) -> bool {
        let (subject, tokens) = (&token.csrf_subject, self.handler.tokens());
        echoed.is_some_and(|echoed| CsrfToken::is_of_session(echoed, subject, tokens))
    }

    /// Returns the response that gives a client the tokens of a session, as that to a login: for a handler of your own that has
    /// begun a session or stepped one up.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::login::{SessionRequest, SyncLookup};
    /// use gatevault::web::HttpResponse;
    /// use gatevault::{AuthRoutes, AuthUser, GuardError, OAuthHandler};
    ///
    /// /// Responds to a user who has proved to own a passkey.
    /// fn respond<U: AuthUser>(
    ///     oauth: &OAuthHandler<SyncLookup<U>>,
    ///     routes: &AuthRoutes<SyncLookup<U>>,
    ///     user: &U,
    /// ) -> Result<HttpResponse, GuardError> {
    ///     let pair = oauth.begin_session(user, SessionRequest::new().amr(["hwk"]))?;
    ///     Ok(routes.hand_out(&pair))
    /// }
    /// ```
    #[must_use]
    pub fn hand_out(&self, pair: &TokenPair) -> HttpResponse {
        self.token_response(pair).unwrap_or_else(HttpResponse::from)
    }

    /// Returns the response with the tokens (RFC 6749 section 5.1). If a cookie holds the refresh token, the body does not.
    ///
    /// The CSRF token is in the body as well: a page of another host of the site cannot read the cookie.
    pub(super) fn token_response(&self, pair: &TokenPair) -> Result<HttpResponse, Denial> {
        if self.cookie.is_none() {
            return Ok(HttpResponse::json(200, &json!(pair)));
        }
        let csrf = CsrfToken::of_session(&pair.cookies.csrf_subject, self.handler.tokens())?;
        let body = json!({
            "access_token": pair.access_token,
            "token_type": pair.token_type,
            "expires_in": pair.expires_in.as_secs(),
            "csrf_token": csrf.as_str(),
        });
        Ok(self.with_cookies(HttpResponse::json(200, &body), pair, &csrf))
    }

    /// Adds the headers that store the tokens of a session in cookies to a response.
    pub(super) fn with_cookies(
        &self,
        mut response: HttpResponse,
        pair: &TokenPair,
        csrf: &CsrfToken,
    ) -> HttpResponse {
        let Some(cookie) = &self.cookie else { return response };
        let facts = &pair.cookies;
        let max_age = |age: Duration| facts.is_persistent.then_some(age);
        let age = max_age(facts.refresh_expires_in);
        response = response
            .with_header("set-cookie", cookie.set_for(&pair.refresh_token, age))
            .with_header("set-cookie", csrf.set_cookie_for(cookie, age));
        match &self.pages {
            Some(pages) => {
                let bytes = pages.access_cookie().len().saturating_add(pair.access_token.len());
                if bytes >= MOST_BYTES {
                    tracing::warn!(target: "gatevault", bytes, "access token too large for a cookie");
                }
                let access = pages.access().set_for(&pair.access_token, max_age(pair.expires_in));
                response.with_header("set-cookie", access)
            }
            None => response,
        }
    }

    /// Adds the headers that delete the cookies of a session to a response.
    pub(super) fn without_cookies_of_session(&self, response: HttpResponse) -> HttpResponse {
        let Some(cookie) = &self.cookie else { return response };
        let access = self.pages.as_ref().map(|pages| pages.access().delete());
        let deleted = [cookie.delete(), CsrfToken::delete_cookie(cookie)].into_iter().chain(access);
        deleted.fold(response, |response, cookie| response.with_header("set-cookie", cookie))
    }
}

/// The most bytes of a cookie that browsers keep, with its name and the `=` (RFC 6265 section 6.1).
const MOST_BYTES: usize = 4_096;

/// Returns whether a request may delete cookies. A page of another host of the site can plant cookies in front of those of the
/// visitor, and must not delete them with a form.
pub(super) fn may_delete_cookies(request: &HttpRequest) -> bool {
    Sender::of(request) == Sender::Own || is_asked_for(request)
}

/// Returns whether a browser asks before it sends this request to another host (CORS).
fn is_asked_for(request: &HttpRequest) -> bool {
    let has = |name: &str| request.values(name).next().is_some();
    has_json(request) || has(CsrfToken::HEADER) || has("authorization")
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

/// Returns the CSRF token that a request echoes, in its header or in a field of its form.
pub(super) fn echoed_csrf_token<'r>(
    request: &'r HttpRequest,
    form: Option<&'r Fields>,
) -> Result<Option<&'r str>, Denial> {
    match (request.header(CsrfToken::HEADER), form) {
        (None, Some(fields)) => fields.optional("csrf_token"),
        (header, _) => Ok(header),
    }
}
