//! Login with a password, and its change.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gatevault::login::SessionRequest;
use gatevault::web::HttpResponse;
use gatevault::{Bearer, LoginRequest, Verified, protected};
use serde::Deserialize;

use crate::accounts::{self, User};
use crate::client::ClientAddress;
use crate::{App, AppError};

/// What the user has chosen for the session: "remember me" or not.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(transparent)]
pub(crate) struct Remember(bool);

impl Remember {
    /// Returns the request for a session that lives as long as the user has chosen.
    pub(crate) fn session(self) -> SessionRequest<'static> {
        let request = SessionRequest::new();
        if self.0 {
            return request.lifetime(Duration::from_hours(90 * 24));
        }
        // Browsers that restore their windows keep such cookies, so the time without a refresh is short too.
        let request = request.lifetime(Duration::from_hours(12)).idle_timeout(Duration::from_mins(30));
        request.until_browser_closes()
    }
}

// Without `Debug`, so that no log can contain a password.
#[derive(Deserialize)]
pub(crate) struct Credentials {
    address: String,
    password: String,
    remember: Remember,
}

/// Logs in. Only JSON is accepted, which no form of another site can send: a visitor would else be logged in to the account of an
/// attacker (login CSRF).
pub(crate) async fn log_in(
    State(app): State<App>,
    ClientAddress(client): ClientAddress,
    Json(given): Json<Credentials>,
) -> Result<HttpResponse, AppError> {
    let request = LoginRequest::new(&given.address, &given.password).from_address(client);
    let account = app.oauth.async_authenticate(request).await?;
    let session = given.remember.session().amr(["pwd"]).from_address(client);
    let pair = app.oauth.async_begin_session(&account, session).await?;
    Ok(app.routes.hand_out(&pair))
}

#[derive(Deserialize)]
pub(crate) struct PasswordChange {
    old: String,
    new: String,
}

/// Changes the password, ends the user's other sessions and keeps this one.
///
/// A stolen access token must not suffice, so the old password is verified, with the throttle of the logins.
#[protected(gate = app.tokens)]
pub(crate) async fn change_password(
    State(app): State<App>,
    ClientAddress(client): ClientAddress,
    token: Bearer,
    Json(given): Json<PasswordChange>,
    payload: Verified<User>,
) -> Result<StatusCode, AppError> {
    let account = app.account(payload.user_id).await?;
    let request = LoginRequest::new(&account.address, &given.old).from_address(client);
    let account = app.oauth.async_authenticate(request).await?;
    let password_hash = accounts::hash(&app.hasher, given.new).await?;
    if !app.users.replace_password(payload.user_id, &account.password_hash, &password_hash).await? {
        return Err(AppError::Refused(StatusCode::CONFLICT, "the password was changed at the same time"));
    }
    app.oauth.async_logout_others(payload.user_id, payload.session_id().unwrap_or_default()).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[protected(gate = app.tokens)]
pub(crate) async fn me(State(app): State<App>, token: Bearer, payload: User) -> Result<String, AppError> {
    Ok(app.account(payload.user_id).await?.address)
}
