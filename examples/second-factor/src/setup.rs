//! Setting up the second factor: a secret for the app, its first code, and recovery codes.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gatevault::login::StepUpRequest;
use gatevault::web::HttpResponse;
use gatevault::{Bearer, GuardError, Verified, protected};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::accounts::{Account, User};
use crate::codes::{self, Code};
use crate::{App, AppError};

/// Creates a secret and shows it. It has no effect before [`confirm`].
#[protected(gate = app.tokens, max_age = "5m")]
pub(crate) async fn begin(
    State(app): State<App>,
    token: Bearer,
    payload: Verified<User>,
) -> Result<Json<Value>, AppError> {
    let account = app.changeable(&payload).await?;
    let secret = codes::random::<20>()?; // 160 bits, as RFC 4226 section 4 recommends
    let query = sqlx::query("UPDATE accounts SET totp_new_secret = ? WHERE id = ?").bind(secret.as_slice());
    query.bind(account.id).execute(&app.users.db).await?;
    let totp = codes::totp(&account, &secret)?;
    let url = totp.to_url().map_err(|error| GuardError::unavailable(error.to_string()))?;
    Ok(Json(json!({"secret": totp.secret().to_base32(), "url": url}))) // the page shows the URL as a QR code
}

#[derive(Deserialize)]
pub(crate) struct FirstCode {
    code: String,
}

/// Turns the second factor on if the app shows the right code. The user's other sessions end, and this one is raised.
#[protected(gate = app.tokens, max_age = "5m")]
pub(crate) async fn confirm(
    State(app): State<App>,
    token: Bearer,
    Json(given): Json<FirstCode>,
    payload: Verified<User>,
) -> Result<HttpResponse, AppError> {
    let account = app.changeable(&payload).await?;
    let secret = account.totp_new_secret.as_ref().ok_or(AppError::WRONG_CODE)?;
    let step = app.step_of(&account, secret, given.code.trim())?.ok_or(AppError::WRONG_CODE)?;
    // The condition lets one of two confirmations win. The code is used up.
    let query = "UPDATE accounts SET totp_secret = totp_new_secret, totp_new_secret = NULL,
        totp_last_step = ?, wrong_codes = 0, next_attempt_at = 0, attempts = attempts + 1, stamp = stamp + 1
        WHERE id = ? AND totp_new_secret = ? AND stamp = ?";
    let query = sqlx::query(query).bind(step).bind(account.id).bind(secret).bind(account.stamp);
    if query.execute(&app.users.db).await?.rows_affected() == 0 {
        return Err(AppError::WRONG_CODE);
    }
    app.oauth.async_logout_others(account.id, payload.session_id().unwrap_or_default()).await?;
    let request = StepUpRequest::new().amr(Code::Totp.methods().iter().copied());
    let account = app.account(account.id).await?;
    Ok(app.routes.hand_out(&app.oauth.async_step_up(&account, token, request).await?))
}

/// Replaces the recovery codes, and shows the new ones: the database has only their digests.
#[protected(gate = app.tokens, amr = "otp", max_age = "5m")]
pub(crate) async fn recovery_codes(
    State(app): State<App>,
    token: Bearer,
    payload: User,
) -> Result<Json<Vec<String>>, AppError> {
    let codes = codes::new_recovery_codes()?;
    let mut transaction = app.users.db.begin().await?;
    let query = sqlx::query("DELETE FROM recovery_codes WHERE account = ?").bind(payload.user_id);
    query.execute(&mut *transaction).await?;
    for code in &codes {
        let query = sqlx::query("INSERT INTO recovery_codes (account, digest) VALUES (?, ?)");
        query.bind(payload.user_id).bind(codes::digest(code)).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(Json(codes))
}

impl App {
    /// Returns the account of a caller who may change its second factor: if it has one, the session must show one too. A
    /// recovery code suffices, for a user who has lost the app.
    async fn changeable(&self, caller: &Verified<User>) -> Result<Account, AppError> {
        let account = self.account(caller.user_id).await?;
        if account.totp_secret.is_some() && !caller.amr().any(|method| method == "mfa") {
            return Err(AppError::Refused(StatusCode::FORBIDDEN, "log in with a second factor first"));
        }
        Ok(account)
    }
}
