//! The login at a provider: a redirect there, and the answer that comes back (`OpenID` Connect Core, section 3.1).

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect};
use gatevault::login::SessionRequest;
use gatevault::web::HttpResponse;
use gatevault::{Bearer, Verified, protected};
use openidconnect::core::{CoreAuthenticationFlow, CoreIdTokenClaims};
use openidconnect::{
    AuthorizationCode, CsrfToken, Nonce, PkceCodeChallenge, PkceCodeVerifier, RequestTokenError,
    TokenResponse as _,
};
use serde::Deserialize;

use crate::provider::Provider;
use crate::{App, AppError, User};

/// A login that the provider has not answered yet. The types of its values keep them out of `Debug`.
#[derive(Debug)]
pub(crate) struct Login {
    provider: String,
    state: CsrfToken,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
    next: String,
}

#[derive(Deserialize)]
pub(crate) struct Start {
    #[serde(default = "home")]
    next: String,
}

fn home() -> String {
    "/".to_owned()
}

/// Sends the browser to the provider.
///
/// The cookie binds the login to this browser: a link with the answer to an attacker's login does not log another user in to the
/// attacker's account (login CSRF).
pub(crate) async fn start(
    State(app): State<App>,
    Path(provider): Path<String>,
    Query(Start { next }): Query<Start>,
) -> Result<impl IntoResponse, AppError> {
    if !is_local(&next) {
        return Err(AppError::Refused(StatusCode::BAD_REQUEST, "`next` must be a path of this site"));
    }
    let client = app.provider(&provider)?.discover().await?.client;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow = CoreAuthenticationFlow::AuthorizationCode;
    let request = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
    let (url, state, nonce) = request.set_pkce_challenge(challenge).url();
    let cookie = app.pending.keep(Login { provider, state, nonce, verifier, next })?;
    let headers = [(header::SET_COOKIE, cookie), (header::CACHE_CONTROL, "no-store".to_owned())];
    Ok((AppendHeaders(headers), Redirect::to(url.as_str())))
}

/// The provider's answer, in the query of the redirect.
#[derive(Deserialize)]
pub(crate) struct Answer {
    state: String,
    iss: Option<String>,
    code: Option<String>,
    error: Option<String>,
}

/// Begins a session for the user whom the provider names.
///
/// The page that `next` names gets its first access token from `/refresh`: a redirect carries none.
pub(crate) async fn callback(
    State(app): State<App>,
    Path(name): Path<String>,
    headers: HeaderMap,
    Query(answer): Query<Answer>,
) -> Result<HttpResponse, AppError> {
    let login = app.pending.take(&headers).ok_or(NOT_STARTED)?;
    if login.provider != name || *login.state.secret() != answer.state {
        return Err(NOT_STARTED);
    }
    let provider = app.provider(&name)?;
    let Login { verifier, nonce, next, .. } = login;
    let claims = provider.claims(answer, verifier, &nonce).await?;
    // Never by e-mail address: the next owner of an address at any provider would get the account here.
    let account = app.users.of(claims.issuer(), claims.subject()).await?;
    let mut request = SessionRequest::new().label(&name);
    if let Some(class) = claims.auth_context_ref() {
        request = request.acr(class.as_str());
    }
    if let Some(methods) = claims.auth_method_refs() {
        request = request.amr(methods.iter().map(|method| method.as_str()));
    }
    let pair = app.oauth.async_begin_session(&account, request).await?;
    let mut response = app.routes.hand_out(&pair);
    response.status = StatusCode::SEE_OTHER.as_u16();
    response.body.clear();
    response.headers.retain(|(name, _)| *name != "content-type");
    Ok(response.with_header("location", next))
}

impl Provider {
    /// Exchanges the code of an answer for an ID token, and verifies the token.
    async fn claims(
        &self,
        answer: Answer,
        verifier: PkceCodeVerifier,
        nonce: &Nonce,
    ) -> Result<CoreIdTokenClaims, AppError> {
        let discovered = self.discover().await?;
        // An answer of another provider would have its code sent to this one (mix-up, RFC 9207).
        match answer.iss {
            Some(issuer) if issuer == self.issuer() => {}
            None if !discovered.names_itself => {}
            other => return Err(AppError::Unproven(format!("answer of issuer {other:?}").into())),
        }
        let Some(code) = answer.code else {
            let error = answer.error.unwrap_or_default();
            return Err(AppError::Unproven(format!("the provider answers {error:?}").into()));
        };
        let unavailable = AppError::Provider;
        let exchange = discovered.client.exchange_code(AuthorizationCode::new(code));
        let exchange = exchange.map_err(|error| unavailable(error.into()))?.set_pkce_verifier(verifier);
        let tokens = exchange.request_async(&self.http).await;
        let tokens = tokens.map_err(|error| match error {
            RequestTokenError::ServerResponse(refusal) => AppError::Unproven(refusal.to_string().into()),
            RequestTokenError::Request(error) => unavailable(error.into()),
            // The other errors have the response in their `Debug`, perhaps with tokens.
            _ => unavailable("unreadable token response".into()),
        })?;
        let token = tokens.id_token().ok_or_else(|| unavailable("no ID token".into()))?;
        // Checks signature, issuer, audience, expiry and nonce.
        match token.claims(&discovered.client.id_token_verifier(), nonce) {
            Ok(claims) => Ok(claims.clone()),
            Err(error) => {
                self.forget().await;
                Err(AppError::Unproven(error.into()))
            }
        }
    }
}

/// Returns who the caller is at the providers.
#[protected(gate = app.tokens)]
pub(crate) async fn identities(
    State(app): State<App>,
    token: Bearer,
    payload: Verified<User>,
) -> Result<Json<Vec<(String, String)>>, AppError> {
    Ok(Json(app.users.identities(payload.user_id).await?))
}

/// Returns whether a browser takes the string as a path of this site. `//host` and `/\host` are other sites, and browsers skip
/// control characters.
fn is_local(next: &str) -> bool {
    next.starts_with('/')
        && !next.starts_with("//")
        && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

const NOT_STARTED: AppError = AppError::Refused(
    StatusCode::BAD_REQUEST,
    "log in again: this login was not started in this browser, was used, or took too long",
);
