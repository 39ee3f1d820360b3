//! Login in two steps: the password, then a code. And step-up: a code in a session that is there.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use gatevault::login::{SessionRequest, StepUpRequest};
use gatevault::token::Purpose;
use gatevault::web::{HttpRequest, HttpResponse};
use gatevault::{AuthUser as _, Bearer, GuardError, LoginRequest, TokenPair, protected};
use serde::Deserialize;
use serde_json::json;

use crate::accounts::{Account, Credentials, User};
use crate::{App, AppError};

/// A login whose password was right and whose code is missing. It is bound to the number of attempts, which the next attempt
/// changes: it allows one guess, and after a wrong code the password is needed again.
const PENDING: Purpose = Purpose::new("second-factor", Duration::from_mins(5));

/// Handles the first step. An account with a second factor gets no session here, only a token for the next step.
///
/// Only JSON is accepted, which no form of another site can send: a visitor would else be logged in to the account of an attacker
/// (login CSRF).
pub(crate) async fn log_in(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    parts: Parts,
    Json(given): Json<Credentials>,
) -> Result<Response, AppError> {
    // The peer, if its address is public. Behind your own proxy, set `AuthRoutes::trusted_proxies` in `lib.rs`.
    let client = app.routes.client_address(&HttpRequest::from(&parts).from_address(peer.ip()));
    let request = LoginRequest::new(&given.username, &given.password).from_address(client);
    let account = app.oauth.async_authenticate(request).await?;
    if account.totp_secret.is_some() {
        let token = app.tokens.create_purpose_token(&PENDING, &account.id(), account.attempts.to_string());
        let token = token.map_err(GuardError::from)?;
        // The next step finds the account, and so the state, by its id.
        let pending = json!({"pending_token": format!("{}.{token}", account.id)});
        return Ok((StatusCode::ACCEPTED, Json(pending)).into_response());
    }
    Ok(app.routes.hand_out(&app.begin(&account, &["pwd"]).await?).into_response())
}

// Without `Debug`, so that no log can contain a token or a code.
#[derive(Deserialize)]
pub(crate) struct SecondStep {
    pending_token: String,
    code: String,
}

pub(crate) async fn log_in_with_code(
    State(app): State<App>,
    Json(given): Json<SecondStep>,
) -> Result<HttpResponse, AppError> {
    let account = app.pending(&given.pending_token).await?;
    let code = app.use_code(&account, &given.code).await?;
    Ok(app.routes.hand_out(&app.begin(&account, code.methods()).await?))
}

#[derive(Deserialize)]
pub(crate) struct GivenCode {
    code: String,
}

/// Raises the session of the caller: guards that demand a second factor, or a recent one, open after it.
#[protected(gate = app.tokens)]
pub(crate) async fn step_up(
    State(app): State<App>,
    token: Bearer,
    Json(given): Json<GivenCode>,
    payload: User,
) -> Result<HttpResponse, AppError> {
    let account = app.account(payload.user_id).await?;
    let code = app.use_code(&account, &given.code).await?;
    let request = StepUpRequest::new().amr(code.methods().iter().copied());
    Ok(app.routes.hand_out(&app.oauth.async_step_up(&account, token, request).await?))
}

/// A dangerous operation: it needs a code of the app, in the last five minutes.
#[protected(gate = app.tokens, amr = "otp", max_age = "5m")]
pub(crate) async fn transfer(
    State(app): State<App>,
    token: Bearer,
    payload: User,
) -> Result<String, AppError> {
    Ok(format!("transferred by {}", app.account(payload.user_id).await?.name))
}

#[protected(gate = app.tokens)]
pub(crate) async fn me(State(app): State<App>, token: Bearer, payload: User) -> Result<String, AppError> {
    Ok(app.account(payload.user_id).await?.name)
}

impl App {
    /// Returns the account of a pending login, if the login is the last one and no attempt followed it.
    async fn pending(&self, pending: &str) -> Result<Account, AppError> {
        let (id, token) = pending.split_once('.').ok_or(AppError::NOT_PENDING)?;
        let account = self.account(id.parse().map_err(|_| AppError::NOT_PENDING)?).await;
        let account = account.map_err(|error| match error {
            AppError::Refused(..) => AppError::NOT_PENDING,
            error => error,
        })?;
        let attempts = account.attempts.to_string();
        let redeemed = self.oauth.async_redeem_purpose_token(&PENDING, token, attempts).await;
        match redeemed {
            // The id beside the token is not signed, and two accounts may have the same number of attempts.
            Ok(verified) if verified.user_id() == &account.id() => Ok(account),
            Ok(_) | Err(GuardError::Token(_)) => Err(AppError::NOT_PENDING),
            Err(denial) => Err(denial.into()),
        }
    }

    /// Begins a session, unless the account has got a second factor since it was read: then the password alone is not enough.
    async fn begin(&self, account: &Account, methods: &[&str]) -> Result<TokenPair, AppError> {
        let request = SessionRequest::new().amr(methods.iter().copied());
        let pair = self.oauth.async_begin_session(account, request).await?;
        if self.account(account.id).await?.stamp == account.stamp {
            return Ok(pair); // a later change of the second factor ends this session with the others
        }
        self.oauth.async_logout(&pair.refresh_token).await?;
        Err(AppError::NOT_PENDING)
    }
}

impl AppError {
    const NOT_PENDING: Self =
        Self::Refused(StatusCode::UNAUTHORIZED, "the login has expired: enter the password again");
}
