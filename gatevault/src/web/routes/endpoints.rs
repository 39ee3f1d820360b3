//! The endpoint of each route, written once for both forms of the routes.

use std::borrow::Cow;

use super::AuthRoutes;
use super::paths::Route;
use super::sender::Sender;
use crate::event::RequestFault;
use crate::login::{LoginRequest, Mode};
use crate::web::denial::Denial;
use crate::web::fields::{Fields, has_json};
use crate::web::refusal::malformed;
use crate::web::{Denials, HttpRequest, HttpResponse};

impl<S> AuthRoutes<S> {
    /// Sets what the responses to denials and malformed requests say, except for those of the routes for OAuth2 clients.
    #[must_use]
    pub fn denials(self, denials: Denials) -> Self {
        Self { denials: Some(denials), ..self }
    }

    pub(super) async fn response_to<M: Mode<S>>(
        &self,
        request: &HttpRequest,
        body: Option<&[u8]>,
    ) -> HttpResponse {
        if self.route(request.path()).is_some_and(Route::is_for_oauth_clients) {
            return self.response_to_oauth_client::<M>(request, body).await;
        }
        let response = self.dispatch::<M>(request, body).await.inspect_err(|denial| {
            if let Some(reason) = denial.body_fault() {
                malformed(RequestFault::Malformed, request.path(), reason);
            }
        });
        let response = response.unwrap_or_else(|denial| match denial {
            Denial::Guard(denial) if self.route(request.path()).is_some_and(Route::takes_access_token) => {
                denial.into()
            }
            denial => denial.into(),
        });
        match &self.denials {
            Some(denials) => denials.apply(response),
            None => response,
        }
    }

    pub(super) async fn dispatch<M: Mode<S>>(
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
            ("POST", Route::Register) => self.register::<M>(request, body).await,
            ("POST", Route::Password) => self.change_password::<M>(request, body).await,
            ("GET" | "HEAD", Route::Sessions) => self.list_sessions(request).await,
            ("DELETE", Route::Sessions) => self.revoke_sessions(request).await,
            ("DELETE", Route::Session(id)) => self.revoke_session(request, id).await,
            ("GET" | "HEAD", Route::Keys) => self.published_keys(),
            ("GET" | "HEAD", Route::Metadata) => self.server_metadata(),
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
        self.reject_foreign_credentials(request)?;
        let fields = Fields::read(request, body)?;
        let (username, password) =
            (self.canonical(fields.required("username")?), fields.required("password")?);
        let login = self.login_request(&username, password, request, &fields)?;
        let issued = self.handler.log_in::<M>(login).await;
        if issued.is_ok() {
            self.warn_of_dropped_cookies(request);
        }
        match self.pages_of_form(request) {
            Some(pages) => self.login_form_response(pages, request, fields.optional("next")?, issued),
            None => self.token_response(&issued?),
        }
    }

    /// Rejects names and passwords that a foreign page sends.
    pub(super) fn reject_foreign_credentials(&self, request: &HttpRequest) -> Result<(), Denial> {
        // Another host of the site may only if the application's CORS layer let it: a form comes without asking.
        let farthest = if has_json(request) { Sender::SameSite } else { Sender::Own };
        self.reject_senders_beyond(farthest, request)
    }

    /// Returns the name that a user typed as the application writes it.
    pub(super) fn canonical<'n>(&self, name: &'n str) -> Cow<'n, str> {
        self.canonical_name.as_ref().map_or(Cow::Borrowed(name), |canonical| canonical(name).into())
    }

    /// Returns a login with the address of the client and the label of its session.
    pub(super) fn login_request<'r>(
        &self,
        username: &'r str,
        password: &'r str,
        request: &'r HttpRequest,
        fields: &'r Fields,
    ) -> Result<LoginRequest<'r>, Denial> {
        let login = LoginRequest::new(username, password).from_address(self.client_address(request));
        let label = fields.optional("label")?.or_else(|| request.header("user-agent"));
        Ok(label.map_or(login, |label| login.label(label)))
    }

    /// Handles `GET /.well-known/jwks.json`.
    fn published_keys(&self) -> Result<HttpResponse, Denial> {
        let key_set = self.key_set.as_ref().ok_or(Denial::NotFound)?;
        Ok(HttpResponse::cacheable("application/jwk-set+json", key_set()))
    }
}
