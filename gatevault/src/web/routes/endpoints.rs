//! The endpoint of each route, written once for both forms of the routes.

use serde_json::json;

use super::AuthRoutes;
use super::paths::Route;
use super::sender::Sender;
use crate::claims::{Payload, Verified};
use crate::guard::{Function, Guard, Requirement, TokenSource, unmet};
use crate::login::{LoginRequest, Mode};
use crate::session::Session;
use crate::web::denial::Denial;
use crate::web::fields::{Fields, has_json};
use crate::web::{HttpRequest, HttpResponse};

impl<S> AuthRoutes<S> {
    pub(super) async fn response_to<M: Mode<S>>(
        &self,
        request: &HttpRequest,
        body: Option<&[u8]>,
    ) -> HttpResponse {
        let response = self.dispatch::<M>(request, body).await;
        let response = response.inspect_err(|denial| {
            if let Some(reason) = denial.body_fault() {
                let path = request.path();
                tracing::info!(target: "gatevault", ?path, reason, "request refused: malformed body");
            }
        });
        response.unwrap_or_else(HttpResponse::from)
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
            ("GET" | "HEAD", Route::Continue) => self.continue_visit::<M>(request).await,
            ("GET" | "HEAD", Route::Sessions) => self.list_sessions(request).await,
            ("DELETE", Route::Session(id)) => self.revoke_session(request, id).await,
            ("GET" | "HEAD", Route::Keys) => self.published_keys(),
            ("OPTIONS", route) => Ok(HttpResponse::new(204).with_header("allow", route.methods())),
            (_, route) => Err(Denial::Method(route.methods())),
        }
    }

    /// Handles `POST /login`.
    ///
    /// Rejects requests of foreign pages first: a foreign form could otherwise log the visitor in to the attacker's account
    /// (login CSRF).
    async fn log_in<M: Mode<S>>(
        &self,
        request: &HttpRequest,
        body: Option<&[u8]>,
    ) -> Result<HttpResponse, Denial> {
        // Another host of the site may only if the application's CORS layer let it: a form comes without asking.
        let farthest = if has_json(request) { Sender::SameSite } else { Sender::Own };
        self.reject_senders_beyond(farthest, request)?;
        let fields = Fields::read(request, body)?;
        let (username, password) = (fields.required("username")?, fields.required("password")?);
        let canonical = self.canonical_name.as_ref().map(|canonical| canonical(username));
        let mut login = LoginRequest::new(canonical.as_deref().unwrap_or(username), password)
            .from_address(self.client_address(request));
        if let Some(label) = fields.optional("label")?.or_else(|| request.header("user-agent")) {
            login = login.label(label);
        }
        let issued = self.handler.log_in::<M>(login).await;
        if issued.is_ok() {
            self.warn_of_dropped_cookies(request);
        }
        match self.pages_of_form(request) {
            Some(pages) => self.login_form_response(pages, request, fields.optional("next")?, issued),
            None => self.token_response(&issued?),
        }
    }

    /// Handles `GET /sessions`.
    async fn list_sessions(&self, request: &HttpRequest) -> Result<HttpResponse, Denial> {
        let (caller, logins) = self.logins(request).await?;
        let sessions: Vec<_> = logins.iter().map(|session| session_json(session, &caller)).collect();
        Ok(HttpResponse::json(200, &json!({ "sessions": sessions })))
    }

    /// Handles `DELETE /sessions/{id}`. An API key is not among the sessions: it does not end here.
    async fn revoke_session(&self, request: &HttpRequest, id: &str) -> Result<HttpResponse, Denial> {
        let (caller, logins) = self.logins(request).await?;
        if !logins.iter().any(|session| session.id == id) {
            return Err(Denial::NotFound);
        }
        let user = caller.into_claims().into_user_id();
        let was_active = self.handler.revoke_one(user, id.to_owned()).await?;
        if was_active { Ok(HttpResponse::new(204)) } else { Err(Denial::NotFound) }
    }

    /// Returns the caller and the sessions of the caller's logins.
    ///
    /// A token of an API key is refused: a script must not end the logins of its user, whichever scopes the key has. A key that has
    /// ended is not in the store any more, and a guard may accept its token for a while, so the session must be that of a login.
    async fn logins(&self, request: &HttpRequest) -> Result<(Verified<Payload>, Vec<Session>), Denial> {
        let caller = self.caller(request)?;
        let logins = self.handler.list(caller.user_id().clone()).await?;
        if caller.session_id().is_none_or(|id| logins.iter().any(|login| login.id == id)) {
            return Ok((caller, logins));
        }
        let login = Requirement::Words("the token is that of an active login, not of an API key");
        Err(unmet(GUARD_NAME, login).into())
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
    /// A cookie is not enough, since a browser sends it by itself. A token of another issuer or of
    /// another user pool is refused: the sessions are those of our users, and a user elsewhere may have the same id.
    fn caller(&self, request: &HttpRequest) -> Result<Verified<Payload>, Denial> {
        let guard = Guard::with(GUARD_NAME, self.handler.tokens());
        let caller: Verified<Payload> = guard.verify(request.bearer().token())?;
        if self.is_of_own_user(&caller) {
            return Ok(caller);
        }
        Err(unmet(GUARD_NAME, Requirement::Words("the token is that of a user of this login service")).into())
    }

    /// Returns whether a token that guards accept is that of a user of these routes.
    pub(super) fn is_of_own_user<C>(&self, caller: &Verified<C>) -> bool {
        caller.foreign_issuer().is_none() && caller.user_pool() == self.handler.pool().as_deref()
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
