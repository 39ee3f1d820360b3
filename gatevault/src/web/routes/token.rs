//! `POST /token`: the grants of the token endpoint (RFC 6749).

use serde_json::json;

use super::AuthRoutes;
use super::client_authentication::ClientAuthentication;
use super::oauth_error::{ErrorCode, OAuthError, is_about_scope};
use super::paths::Route;
use super::token_endpoint::TokenEndpoint;
use crate::claims::RequestedScopes;
use crate::error::GuardError;
use crate::login::{Mode, TokenPair};
use crate::web::denial::Denial;
use crate::web::fields::Fields;
use crate::web::{HttpRequest, HttpResponse};

impl<S> AuthRoutes<S> {
    /// Responds to an OAuth2 client, whose errors are JSON and which may ask a cache of HTTP/1.0 (RFC 6749 section 5.1).
    pub(super) async fn response_to_oauth_client<M: Mode<S>>(
        &self,
        request: &HttpRequest,
        body: Option<&[u8]>,
    ) -> HttpResponse {
        let path = request.path();
        let response = match (request.method(), self.route(path)) {
            ("POST", Some(Route::Token)) => self.token::<M>(request, body).await,
            ("POST", Some(Route::Revoke)) => self.revoke(request, body).await,
            _ => self.dispatch::<M>(request, body).await.map_err(OAuthError::from),
        };
        response.unwrap_or_else(|error| error.response(path)).with_header("pragma", "no-cache")
    }

    /// Handles `POST /token`.
    async fn token<M: Mode<S>>(
        &self,
        request: &HttpRequest,
        body: Option<&[u8]>,
    ) -> Result<HttpResponse, OAuthError> {
        let endpoint = self.token_endpoint.as_ref().ok_or(Denial::NotFound)?;
        let form = Fields::read_form(request, body)?;
        let client = ClientAuthentication::of(request, &form, endpoint.realm())?;
        match form.required("grant_type")? {
            "password" if self.has_login => {
                client.require_public()?;
                self.password_grant::<M>(request, &form).await
            }
            "refresh_token" => {
                client.require_public()?;
                self.refresh_grant::<M>(&form).await
            }
            "client_credentials" if self.handler.keeps_sessions()? => {
                self.key_grant::<M>(client, &form).await
            }
            _ => Err(OAuthError::Request {
                code: ErrorCode::UnsupportedGrantType,
                description: "the server does not have this grant type",
            }),
        }
    }

    /// Logs a user in, as `POST /login` does.
    async fn password_grant<M: Mode<S>>(
        &self,
        request: &HttpRequest,
        form: &Fields,
    ) -> Result<HttpResponse, OAuthError> {
        let (username, password) = (self.canonical(form.required("username")?), form.required("password")?);
        let scopes = requested_scopes(form)?;
        let login = self.login_request(&username, password, request, form)?.limited_to(scopes.as_ref());
        let pair = self.handler.log_in::<M>(login).await?;
        Ok(pair_response(&pair, scopes.as_ref()))
    }

    /// Exchanges a refresh token, as `POST /refresh` does.
    async fn refresh_grant<M: Mode<S>>(&self, form: &Fields) -> Result<HttpResponse, OAuthError> {
        let scopes = requested_scopes(form)?;
        let token = self.handler.verify_refresh_token(&form.required("refresh_token")?)?;
        let pair = self.handler.renew_within::<M>(token, scopes.clone()).await?;
        Ok(pair_response(&pair, scopes.as_ref()))
    }

    /// Exchanges an API key, which is the secret of the client.
    async fn key_grant<M: Mode<S>>(
        &self,
        client: ClientAuthentication,
        form: &Fields,
    ) -> Result<HttpResponse, OAuthError> {
        let ClientAuthentication { secret, realm } = client;
        let Some(key) = secret else {
            return Err(OAuthError::Client {
                realm,
                description: "the client secret, an API key, is missing",
            });
        };
        let scopes = requested_scopes(form)?;
        let token = self.handler.exchange_within::<M>(&key, scopes.as_ref()).await;
        let token = token.map_err(|denial| match denial {
            GuardError::Token(_) if !is_about_scope(&denial) => OAuthError::Key { realm },
            denial => denial.into(),
        })?;
        Ok(token_response(json!(token), scopes.as_ref()))
    }
}

impl TokenEndpoint {
    /// Returns the realm of challenges.
    fn realm(&self) -> &str {
        &self.issuer.given
    }
}

/// Returns the scopes that a client requests, if it requests any.
fn requested_scopes(form: &Fields) -> Result<Option<RequestedScopes>, OAuthError> {
    let scopes = form.optional("scope")?;
    scopes.map(|scopes| RequestedScopes::parse(scopes).ok_or_else(OAuthError::malformed_scope)).transpose()
}

fn pair_response(pair: &TokenPair, scopes: Option<&RequestedScopes>) -> HttpResponse {
    token_response(json!(pair), scopes)
}

/// Returns the response with tokens (RFC 6749 section 5.1). It has the scopes if the client requested any.
fn token_response(mut tokens: serde_json::Value, scopes: Option<&RequestedScopes>) -> HttpResponse {
    if let (Some(scopes), Some(members)) = (scopes, tokens.as_object_mut()) {
        members.insert("scope".to_owned(), scopes.to_string().into());
    }
    HttpResponse::json(200, &tokens)
}
