//! `GET /sessions`, `DELETE /sessions` and `DELETE /sessions/{id}`: the caller's sessions.

use serde_json::json;

use super::AuthRoutes;
use super::refresh::may_delete_cookies;
use crate::claims::{Payload, Verified};
use crate::event::{CallerClaims, Function};
use crate::guard::{Guard, Requirement, TokenSource, opened_for, unmet, unmet_by};
use crate::login::ApiKeys;
use crate::session::Session;
use crate::token::TokenText;
use crate::web::denial::Denial;
use crate::web::fields::Fields;
use crate::web::{HttpRequest, HttpResponse};

impl<S> AuthRoutes<S> {
    /// Handles `GET /sessions`.
    pub(super) async fn list_sessions(&self, request: &HttpRequest) -> Result<HttpResponse, Denial> {
        let (caller, logins) = self.logins(request).await?;
        let sessions: Vec<_> = logins.iter().map(|session| session_json(session, &caller)).collect();
        Ok(HttpResponse::json(200, &json!({ "sessions": sessions })))
    }

    /// Handles `DELETE /sessions/{id}`. An API key is not among the sessions: it does not end here.
    pub(super) async fn revoke_session(
        &self,
        request: &HttpRequest,
        id: &str,
    ) -> Result<HttpResponse, Denial> {
        let (caller, logins) = self.logins(request).await?;
        if !logins.iter().any(|session| session.id == id) {
            return Err(Denial::NotFound);
        }
        let user = caller.into_claims().into_user_id();
        let was_active = self.handler.revoke_one(user, id.to_owned()).await?;
        if was_active { Ok(HttpResponse::new(204)) } else { Err(Denial::NotFound) }
    }

    /// Handles `DELETE /sessions`, and with the query `others` all sessions but the caller's. API keys stay.
    ///
    /// Any other query is refused: a typing error must not end all sessions.
    ///
    /// The caller's session keeps its security stamp, unlike after [`logout_others`](crate::OAuthHandler::logout_others): a new
    /// password may have outdated it, and the request does not show that the caller knows that password.
    pub(super) async fn revoke_sessions(&self, request: &HttpRequest) -> Result<HttpResponse, Denial> {
        let extent = Extent::of(request.query())?;
        let (caller, logins) = self.login_caller(request).await?;
        if extent == Extent::Others {
            let Some(kept) = caller.session_id().map(str::to_owned) else {
                let requirement = Requirement::Words("the token belongs to a session");
                return Err(unmet_by(GUARD_NAME, requirement, &caller, self.handler.tokens()).into());
            };
            let user = caller.into_claims().into_user_id();
            for other in logins.into_iter().filter(|login| login.id != kept) {
                self.handler.revoke_one(user.clone(), other.id).await?;
            }
            return Ok(HttpResponse::new(204));
        }
        self.handler.revoke_all(caller.into_claims().into_user_id(), ApiKeys::Keep).await?;
        let response = HttpResponse::new(204);
        Ok(if may_delete_cookies(request) { self.without_cookies_of_session(response) } else { response })
    }

    /// Returns the caller, who has logged in, and the sessions of the caller's logins. Without sessions, no token is that of an
    /// API key.
    pub(super) async fn login_caller(
        &self,
        request: &HttpRequest,
    ) -> Result<(Verified<Payload>, Vec<Session>), Denial> {
        if self.handler.keeps_sessions()? {
            return self.logins(request).await;
        }
        Ok((self.caller(request)?, Vec::new()))
    }

    /// Returns the caller and the sessions of the caller's logins.
    ///
    /// A token of an API key is refused: a script must not end the logins of its user, whichever scopes the key has. A key that has
    /// ended is not in the store any more, and a guard may accept its token for a while, so the session must be that of a login.
    async fn logins(&self, request: &HttpRequest) -> Result<(Verified<Payload>, Vec<Session>), Denial> {
        let caller = self.own_user(request)?;
        let logins = self.handler.list(caller.user_id().clone()).await?;
        if caller.session_id().is_none_or(|id| logins.iter().any(|login| login.id == id)) {
            opened_for(GUARD_NAME, &caller, self.handler.tokens());
            return Ok((caller, logins));
        }
        let login = Requirement::Words("the token is that of an active login, not of an API key");
        Err(unmet_by(GUARD_NAME, login, &caller, self.handler.tokens()).into())
    }

    /// Returns the claims of the request's access token, for a request that needs nothing else.
    fn caller(&self, request: &HttpRequest) -> Result<Verified<Payload>, Denial> {
        let caller = self.own_user(request)?;
        opened_for(GUARD_NAME, &caller, self.handler.tokens());
        Ok(caller)
    }

    /// Verifies the request's access token, which must be that of a user of these routes, and returns its claims.
    ///
    /// A cookie is not enough, since a browser sends it by itself. A token of another issuer or of
    /// another user pool is refused: the sessions are those of our users, and a user elsewhere may have the same id.
    fn own_user(&self, request: &HttpRequest) -> Result<Verified<Payload>, Denial> {
        let guard = Guard::with(GUARD_NAME, self.handler.tokens());
        let (mut text, mut claims) = (TokenText::new(), CallerClaims::unknown());
        let bearer = request.bearer();
        let caller =
            guard.verify(bearer.token(), &mut text, &mut claims, |verified: Verified<Payload>| verified)?;
        if self.is_of_own_user(&caller) {
            return Ok(caller);
        }
        let requirement = Requirement::Words("the token is that of a user of this login service");
        Err(unmet(GUARD_NAME, requirement, claims).into())
    }

    /// Returns whether a token that guards accept is that of a user of these routes.
    pub(super) fn is_of_own_user<C>(&self, caller: &Verified<C>) -> bool {
        caller.foreign_issuer().is_none() && caller.user_pool() == self.handler.pool().as_deref()
    }
}

/// The sessions that a request ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    All,
    Others,
}

impl Extent {
    /// Reads the query.
    fn of(query: &str) -> Result<Self, Denial> {
        if query.is_empty() {
            return Ok(Self::All);
        }
        match Fields::of_query(query) {
            Some(fields) if fields.are_flag("others") => Ok(Self::Others),
            _ => Err(Denial::Malformed("the query is not `others`".to_owned())),
        }
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
