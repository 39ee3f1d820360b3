//! What each route answers: written once, awaited by one form of the routes and waited for by the other.

use serde_json::json;

use super::AuthRoutes;
use super::path::Route;
use crate::claims::{Payload, Verified};
use crate::guard::{Guard, Requirement, unmet};
use crate::login::{AuthUser, LoginRequest, UserLookup};
use crate::session::Session;
use crate::web::denial::Denial;
use crate::web::fields::Fields;
use crate::web::{HttpRequest, HttpResponse};

impl<L: UserLookup<User: AuthUser>> AuthRoutes<L> {
    pub(super) async fn answer(&self, call: &HttpRequest, body: Option<&[u8]>) -> HttpResponse {
        self.decide(call, body).await.unwrap_or_else(HttpResponse::from)
    }

    async fn decide(&self, call: &HttpRequest, body: Option<&[u8]>) -> Result<HttpResponse, Denial> {
        let route = self.route(call.path()).ok_or(Denial::NotFound)?;
        match (call.method(), route) {
            ("POST", Route::Login) => self.log_in(call, body).await,
            ("POST", Route::Refresh) => self.refresh(call, body).await,
            ("POST", Route::Logout) => self.log_out(call, body).await,
            ("GET" | "HEAD", Route::Sessions) => self.list(call).await,
            ("DELETE", Route::Session(id)) => self.end(call, id).await,
            ("GET" | "HEAD", Route::Keys) => self.published_keys(),
            ("OPTIONS", route) => Ok(HttpResponse::new(204).with_header("allow", route.methods())),
            (_, route) => Err(Denial::Method(route.methods())),
        }
    }

    /// A form is what a page of somebody else's could send too, to have its visitor logged in as somebody else.
    async fn log_in(&self, call: &HttpRequest, body: Option<&[u8]>) -> Result<HttpResponse, Denial> {
        self.refuse_other_sites(call)?;
        let fields = Fields::read(call, body)?;
        let mut request = LoginRequest::new(fields.required("username")?, fields.required("password")?);
        if let Some(address) = self.address_of(call) {
            request = request.from_address(address);
        }
        if let Some(label) = fields.get("label").or_else(|| call.header("user-agent")) {
            request = request.label(label);
        }
        let pair = self.handler.log_in(request).await?;
        self.hand_out(&pair)
    }

    async fn refresh(&self, call: &HttpRequest, body: Option<&[u8]>) -> Result<HttpResponse, Denial> {
        let token = self.refresh_token(call, body)?;
        let presented = self.handler.presented(&token)?;
        self.refuse_forgery(call, &presented)?;
        let pair = self.handler.renew(presented).await?;
        self.hand_out(&pair)
    }

    /// Whoever is logged out already gets the same answer, so that a lost one can be asked for again.
    async fn log_out(&self, call: &HttpRequest, body: Option<&[u8]>) -> Result<HttpResponse, Denial> {
        if let Some(token) = self.refresh_token(call, body)?
            && let Some(leaving) = self.handler.leaving(&token)?
        {
            self.refuse_forgery(call, &leaving)?;
            self.handler.log_out(Some(leaving)).await?;
        }
        Ok(self.forget())
    }

    async fn list(&self, call: &HttpRequest) -> Result<HttpResponse, Denial> {
        let caller = self.caller(call)?;
        let sessions = self.handler.list(caller.user_id().clone()).await?;
        let described: Vec<_> = sessions.iter().map(|session| describe(session, &caller)).collect();
        Ok(HttpResponse::json(200, &json!({ "sessions": described })))
    }

    async fn end(&self, call: &HttpRequest, id: &str) -> Result<HttpResponse, Denial> {
        let caller = self.caller(call)?;
        let has_ended = self.handler.end_one(caller.into_claims().into_user_id(), id.to_owned()).await?;
        if has_ended { Ok(HttpResponse::new(204)) } else { Err(Denial::NotFound) }
    }

    fn published_keys(&self) -> Result<HttpResponse, Denial> {
        let key_set = self.key_set.as_ref().ok_or(Denial::NotFound)?;
        let headers =
            [("cache-control", "public, max-age=300"), ("content-type", "application/jwk-set+json")];
        let headers = headers.map(|(name, value)| (name, value.to_owned())).into();
        Ok(HttpResponse { status: 200, headers, body: key_set() })
    }

    /// Who calls, by an access token: nothing that a browser sends by itself. The sessions are those of our own users, and
    /// another issuer may name one of its own like one of them.
    fn caller(&self, call: &HttpRequest) -> Result<Verified<Payload>, Denial> {
        let caller: Verified<Payload> = Guard::with(NAME, self.handler.tokens()).verify(&call.bearer())?;
        match caller.foreign_issuer() {
            None => Ok(caller),
            Some(_) => Err(unmet(NAME, Requirement::Words("the token is one of ours")).into()),
        }
    }
}

/// What logs call them.
const NAME: &str = "AuthRoutes";

/// A session as its user sees it; times in seconds since the beginning of 1970.
fn describe(session: &Session, caller: &Verified<Payload>) -> serde_json::Value {
    json!({
        "id": session.id,
        "label": session.label,
        "authenticated_at": session.authenticated_at.seconds(),
        "refreshed_at": session.refreshed_at.seconds(),
        "expires_at": session.expires_at.seconds(),
        "current": caller.session_id() == Some(session.id.as_str()),
    })
}
