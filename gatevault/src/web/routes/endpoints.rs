//! The endpoint of each route, written once for both forms of the routes.

use serde_json::json;

use super::AuthRoutes;
use super::auth_routes::Route;
use crate::claims::{Payload, Verified};
use crate::guard::{Function, Guard, Requirement, TokenSource, unmet};
use crate::login::{Issued, LoginRequest, Mode, VerifiedRefreshToken};
use crate::session::Session;
use crate::web::denial::Denial;
use crate::web::fields::Fields;
use crate::web::{CsrfToken, HttpRequest, HttpResponse};

impl<S> AuthRoutes<S> {
    pub(super) async fn response_to<M: Mode<S>>(
        &self,
        request: &HttpRequest,
        body: Option<&[u8]>,
    ) -> HttpResponse {
        self.dispatch::<M>(request, body).await.unwrap_or_else(HttpResponse::from)
    }

    async fn dispatch<M: Mode<S>>(
        &self,
        request: &HttpRequest,
        body: Option<&[u8]>,
    ) -> Result<HttpResponse, Denial> {
        let route = self.route(request.path()).ok_or(Denial::NotFound)?;
        match (request.method(), route) {
            ("POST", Route::Login) => self.log_in::<M>(request, body).await,
            ("POST", Route::Refresh) => self.refresh::<M>(request, body).await,
            ("POST", Route::Logout) => self.log_out(request, body).await,
            ("GET" | "HEAD", Route::Sessions) => self.list_sessions(request).await,
            ("DELETE", Route::Session(id)) => self.revoke_session(request, id).await,
            ("GET" | "HEAD", Route::Keys) => self.published_keys(),
            ("OPTIONS", route) => Ok(HttpResponse::new(204).with_header("allow", route.methods())),
            (_, route) => Err(Denial::Method(route.methods())),
        }
    }

    /// Handles `POST /login`.
    ///
    /// Rejects cross-site requests first: a foreign form could otherwise log the visitor in to the attacker's account (login
    /// CSRF).
    async fn log_in<M: Mode<S>>(
        &self,
        request: &HttpRequest,
        body: Option<&[u8]>,
    ) -> Result<HttpResponse, Denial> {
        self.reject_cross_site(request)?;
        let fields = Fields::read(request, body)?;
        let mut login = LoginRequest::new(fields.required("username")?, fields.required("password")?);
        if let Some(address) = self.client_address(request) {
            login = login.from_address(address);
        }
        if let Some(label) = fields.get("label").or_else(|| request.header("user-agent")) {
            login = login.label(label);
        }
        let issued = self.handler.log_in::<M>(login).await?;
        self.token_response(&issued)
    }

    /// Handles `POST /refresh`.
    async fn refresh<M: Mode<S>>(
        &self,
        request: &HttpRequest,
        body: Option<&[u8]>,
    ) -> Result<HttpResponse, Denial> {
        let token = self.refresh_token(request, body)?;
        let token = self.handler.verify_refresh_token(&token)?;
        self.verify_csrf_token(request, &token)?;
        let issued = self.handler.renew::<M>(token).await?;
        self.token_response(&issued)
    }

    /// Handles `POST /logout`.
    ///
    /// Idempotent: a client that lost the answer may repeat the request.
    async fn log_out(&self, request: &HttpRequest, body: Option<&[u8]>) -> Result<HttpResponse, Denial> {
        if let Some(token) = self.refresh_token(request, body)?
            && let Some(token) = self.handler.verify_for_logout(&token)?
        {
            self.verify_csrf_token(request, &token)?;
            self.handler.log_out(Some(token)).await?;
        }
        let response = HttpResponse::new(204);
        Ok(match &self.cookie {
            Some(cookie) => response
                .with_header("set-cookie", cookie.delete())
                .with_header("set-cookie", CsrfToken::delete_cookie()),
            None => response,
        })
    }

    /// Handles `GET /sessions`.
    async fn list_sessions(&self, request: &HttpRequest) -> Result<HttpResponse, Denial> {
        let caller = self.caller(request)?;
        let sessions = self.handler.list(caller.user_id().clone()).await?;
        let sessions: Vec<_> = sessions.iter().map(|session| session_json(session, &caller)).collect();
        Ok(HttpResponse::json(200, &json!({ "sessions": sessions })))
    }

    /// Handles `DELETE /sessions/{id}`.
    async fn revoke_session(&self, request: &HttpRequest, id: &str) -> Result<HttpResponse, Denial> {
        let caller = self.caller(request)?;
        let user = caller.into_claims().into_user_id();
        let was_active = self.handler.revoke_one(user, id.to_owned()).await?;
        if was_active { Ok(HttpResponse::new(204)) } else { Err(Denial::NotFound) }
    }

    /// Handles `GET /.well-known/jwks.json`.
    fn published_keys(&self) -> Result<HttpResponse, Denial> {
        let key_set = self.key_set.as_ref().ok_or(Denial::NotFound)?;
        let headers =
            [("cache-control", "public, max-age=300"), ("content-type", "application/jwk-set+json")];
        let headers = headers.map(|(name, value)| (name, value.to_owned())).into();
        Ok(HttpResponse { status: 200, headers, body: key_set() })
    }

    /// Returns the claims of the request's access token.
    ///
    /// A cookie is not enough, since a browser sends it by itself. A token of another issuer is refused: the sessions are
    /// those of our users, and that issuer may give one of its users the same id.
    fn caller(&self, request: &HttpRequest) -> Result<Verified<Payload>, Denial> {
        let guard = Guard::with(GUARD_NAME, self.handler.tokens());
        let caller: Verified<Payload> = guard.verify(request.bearer().token())?;
        match caller.foreign_issuer() {
            None => Ok(caller),
            Some(_) => Err(unmet(GUARD_NAME, Requirement::Words("the token is one of ours")).into()),
        }
    }

    /// Returns the refresh token of a request, from the cookie or from the body, as the routes are set up.
    fn refresh_token(&self, request: &HttpRequest, body: Option<&[u8]>) -> Result<Option<String>, Denial> {
        match &self.cookie {
            Some(cookie) => {
                self.reject_cross_site(request)?;
                Ok(cookie.read(request.values("cookie"))?.map(str::to_owned))
            }
            None => Ok(Some(Fields::read(request, body)?.required("refresh_token")?.to_owned())),
        }
    }

    /// Returns the response with the tokens (RFC 6749 section 5.1). If a cookie holds the refresh token, the body does not.
    fn token_response(&self, issued: &Issued) -> Result<HttpResponse, Denial> {
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
        });
        Ok(HttpResponse::json(200, &body)
            .with_header("set-cookie", cookie.set(&pair.refresh_token, max_age))
            .with_header("set-cookie", csrf.set_cookie(max_age)))
    }

    /// Rejects a request that a cookie authenticates, unless it echoes the CSRF token of that cookie's session.
    fn verify_csrf_token(&self, request: &HttpRequest, token: &VerifiedRefreshToken) -> Result<(), Denial> {
        let echoed = request.header(CsrfToken::HEADER);
        let is_echoed = || {
            let (subject, tokens) = (token.csrf_subject(), self.handler.tokens());
            echoed.is_some_and(|echoed| CsrfToken::is_of_session(echoed, &subject, tokens))
        };
        if self.cookie.is_none() || is_echoed() {
            return Ok(());
        }
        tracing::info!(target: "gatevault", path = ?request.path(), "request refused: CSRF token missing or wrong");
        Err(Denial::Forged)
    }

    /// Rejects a request that the page of another site has sent, as the browser reports it (Fetch Metadata).
    fn reject_cross_site(&self, request: &HttpRequest) -> Result<(), Denial> {
        let is_cross_site = request.values("sec-fetch-site").any(|site| site == b"cross-site");
        if self.cookie.is_some() && is_cross_site {
            tracing::info!(target: "gatevault", path = ?request.path(), "request refused: cross-site");
            return Err(Denial::Forged);
        }
        Ok(())
    }
}

/// The name of the guard in events.
const GUARD_NAME: &Function = &Function::library("AuthRoutes");

/// Returns a session as its user sees it. Times are in seconds since the beginning of 1970.
fn session_json(session: &Session, caller: &Verified<Payload>) -> serde_json::Value {
    json!({
        "id": session.id,
        "label": session.label,
        "authenticated_at": session.authenticated_at.seconds(),
        "refreshed_at": session.refreshed_at.seconds(),
        "expires_at": session.expires_at.seconds(),
        "current": caller.session_id() == Some(session.id.as_str()),
    })
}
