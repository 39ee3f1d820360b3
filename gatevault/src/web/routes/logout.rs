//! `POST /logout`: which sessions a request names, and whether it may end them.

use super::AuthRoutes;
use super::refresh::{
    MOST_COOKIES, echoed_csrf_token, may_delete_cookies, refresh_cookies, refresh_token_in,
};
use super::sender::Sender;
use crate::claims::{Payload, UserId, Verified};
use crate::error::{DecodeReason, GuardError, InvalidReason, TokenError};
use crate::event::RequestFault;
use crate::guard::TokenSource as _;
use crate::login::VerifiedRefreshToken;
use crate::web::denial::Denial;
use crate::web::fields::Fields;
use crate::web::refusal::refused;
use crate::web::{HttpRequest, HttpResponse, RefreshCookie};

impl<S> AuthRoutes<S> {
    /// Handles `POST /logout`.
    ///
    /// Idempotent: a client that lost the answer may repeat the request. The answer is 204 only if no session that the request
    /// named is active any more.
    pub(super) async fn log_out(
        &self,
        request: &HttpRequest,
        body: Option<&[u8]>,
    ) -> Result<HttpResponse, Denial> {
        let Some(cookie) = &self.cookie else {
            let token = refresh_token_in(request, body)?;
            let token = self.handler.verify_for_logout(&token)?;
            self.handler.log_out(token).await?;
            return Ok(HttpResponse::new(204));
        };
        let fields = self.form_fields(request, body)?;
        if cookie.values(request.values("cookie")).next().is_some() {
            return self.log_out_by_cookies(cookie, request, fields.as_ref()).await;
        }
        let mut named = self.bearer_session(request)?;
        if named.is_none() {
            named = self.page_session(request, fields.as_ref())?;
        }
        match named {
            Some(session) => self.end(session).await?,
            None => self.accept_absent_session(request)?,
        }
        let response = self.logout_response(request, fields.as_ref())?;
        // A page of another host must not delete the cookies, and a browser does not send all of them for it.
        let is_own = Sender::of(request) == Sender::Own;
        Ok(if is_own { self.without_cookies_of_session(response) } else { response })
    }

    /// Ends the sessions of the refresh cookies whose CSRF token the request echoes, and that of its bearer token.
    async fn log_out_by_cookies(
        &self,
        cookie: &RefreshCookie,
        request: &HttpRequest,
        form: Option<&Fields>,
    ) -> Result<HttpResponse, Denial> {
        self.reject_senders_beyond(self.farthest_sender(request), request)?;
        let echoed = echoed_csrf_token(request, form)?;
        let values = refresh_cookies(cookie, request);
        let (mut own, mut other) = (Vec::new(), None);
        for value in values.iter().take(MOST_COOKIES) {
            match self.verify_cookie_for_logout(value)? {
                Some(token) if self.echoes_csrf_token(echoed, &token) => own.push(token),
                Some(token) => other = Some(token),
                None => {}
            }
        }
        if let Some(token) = other.filter(|_| own.is_empty()) {
            return Err(self.csrf_token_missing(request, |event| token.named_in(event)));
        }
        let mut named = self.bearer_session(request)?;
        if named.is_none() && own.is_empty() {
            named = self.page_session(request, form)?;
        }
        let named_all = !own.is_empty() || values.len() <= MOST_COOKIES;
        for token in own {
            self.handler.log_out(Some(token)).await?;
        }
        if let Some(session) = named {
            self.end(session).await?;
        }
        let response =
            if named_all { self.logout_response(request, form)? } else { too_many_cookies(request).into() };
        Ok(if may_delete_cookies(request) { self.without_cookies_of_session(response) } else { response })
    }

    /// Verifies the refresh token of a cookie. Returns `None` if it names no session that is active: a forged one should be
    /// forgotten by the browser.
    fn verify_cookie_for_logout(&self, token: &str) -> Result<Option<VerifiedRefreshToken>, GuardError> {
        match self.handler.verify_for_logout(&token) {
            Err(denial) if is_early(&denial) => Err(denial),
            Err(GuardError::Token(_)) => Ok(None),
            verified => verified,
        }
    }

    /// Returns the session of a valid access token of our own in the request. A page must ask before it sends such a header to
    /// another host, and it is not sent unless a script adds it: it needs no CSRF token.
    fn bearer_session(&self, request: &HttpRequest) -> Result<Option<(UserId, String)>, GuardError> {
        let bearer = request.bearer();
        let Some(token) = bearer.token() else { return Ok(None) };
        self.session_of(&token)
    }

    /// Returns the session of a valid access token of our own.
    pub(super) fn session_of(&self, token: &str) -> Result<Option<(UserId, String)>, GuardError> {
        let caller = self.own_caller(token)?;
        Ok(caller.and_then(|caller| {
            let session = caller.session_id().map(str::to_owned)?;
            Some((caller.into_claims().into_user_id(), session))
        }))
    }

    /// Returns the claims of a valid access token of our own. An error for one that will be valid, since its session is active.
    pub(super) fn own_caller(&self, token: &str) -> Result<Option<Verified<Payload>>, GuardError> {
        match self.handler.tokens().decode_access_token::<Payload>(token).map_err(GuardError::from) {
            Ok(caller) if self.is_of_own_user(&caller) => Ok(Some(caller)),
            Err(denial) if is_early(&denial) => Err(denial),
            Ok(_) | Err(GuardError::Token(_)) => Ok(None),
            Err(denial) => Err(denial),
        }
    }

    async fn end(&self, (user, session): (UserId, String)) -> Result<(), GuardError> {
        self.handler.revoke_one(user, session).await.map(drop)
    }

    /// Accepts a logout that names no session, unless the browser may have one: it drops the cookies, or keeps them from
    /// pages of other sites, or a page of another host has not sent them.
    fn accept_absent_session(&self, request: &HttpRequest) -> Result<(), Denial> {
        self.reject_senders_beyond(self.farthest_sender(request), request)?;
        if Sender::of(request) != Sender::Own || self.has_dropped_cookies(request) {
            self.handler.verify_refresh_token(&None::<String>)?;
        }
        Ok(())
    }
}

/// Returns whether a token was issued by a server whose clock is ahead: its session is active.
fn is_early(denial: &GuardError) -> bool {
    matches!(denial, GuardError::Token(TokenError::Invalid(InvalidReason::NotYetValid { .. })))
}

/// Emits the event of a request with more different refresh cookies than are verified, and returns the denial.
fn too_many_cookies(request: &HttpRequest) -> Denial {
    refused(RequestFault::TooManyCookies, request);
    GuardError::from(TokenError::Decode(DecodeReason::Cookie)).into()
}
