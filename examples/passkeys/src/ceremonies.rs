//! Registration and login (`WebAuthn` calls them ceremonies): two requests each, with a challenge between them.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use gatevault::login::SessionRequest;
use gatevault::web::HttpResponse;
use gatevault::{Bearer, Verified, protected};
use serde::Deserialize;
use webauthn_rs::prelude::{
    CreationChallengeResponse, DiscoverableAuthentication, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Uuid,
};
use webauthn_rs_proto::ResidentKeyRequirement;

use crate::accounts::Account;
use crate::{App, AppError, User};

/// A ceremony between its two requests.
pub(crate) enum Ceremony {
    Registration(Uuid, String, PasskeyRegistration),
    Addition(String, PasskeyRegistration),
    Login(DiscoverableAuthentication),
}

#[derive(Deserialize)]
pub(crate) struct NewAccount {
    username: String,
}

pub(crate) async fn start_registration(
    State(app): State<App>,
    Json(new): Json<NewAccount>,
) -> Result<impl IntoResponse, AppError> {
    // The authenticator shows the name to its owner, and nothing here looks it up, so it may be there twice. Names that other
    // users see need `names.rs` of the example axum-sqlite.
    let name = new.username;
    if !(1..=64).contains(&name.len()) || name.contains(char::is_control) {
        let why = "a name needs 1 to 64 bytes, without control characters";
        return Err(AppError::Refused(StatusCode::UNPROCESSABLE_ENTITY, why));
    }
    let id = Uuid::new_v4();
    let (options, state) = app.webauthn.start_passkey_registration(id, &name, &name, None)?;
    app.answer(Ceremony::Registration(id, name, state), discoverable(options))
}

pub(crate) async fn finish_registration(
    State(app): State<App>,
    headers: HeaderMap,
    Json(credential): Json<RegisterPublicKeyCredential>,
) -> Result<HttpResponse, AppError> {
    let Some(Ceremony::Registration(id, name, state)) = app.pending.take(&headers) else {
        return Err(NOT_STARTED);
    };
    let passkey = app.webauthn.finish_passkey_registration(&credential, &state)?;
    let account = app.users.create(id, name, &passkey).await?;
    app.begin_session(&account).await
}

/// Takes no name, so that no caller learns which names have accounts: the authenticator knows its own, and asks the user.
pub(crate) async fn start_login(State(app): State<App>) -> Result<impl IntoResponse, AppError> {
    let (mut options, state) = app.webauthn.start_discoverable_authentication()?;
    options.mediation = None; // a dialog; for suggestions in a field for names, a page sets `conditional`
    app.answer(Ceremony::Login(state), options)
}

pub(crate) async fn finish_login(
    State(app): State<App>,
    headers: HeaderMap,
    Json(credential): Json<PublicKeyCredential>,
) -> Result<HttpResponse, AppError> {
    let Some(Ceremony::Login(state)) = app.pending.take(&headers) else {
        return Err(NOT_STARTED);
    };
    let (id, passkey) = app.webauthn.identify_discoverable_authentication(&credential)?;
    let account = app.users.find(&id.to_string()).await?.ok_or(UNKNOWN)?;
    let known = app.users.passkey(&account.id, passkey).await?.ok_or(UNKNOWN)?;
    let result = app.webauthn.finish_discoverable_authentication_v2(&credential, state, &known.passkey)?;
    app.users.update(known, &result).await?;
    app.begin_session(&account).await
}

/// Starts to add a passkey to the caller's account, for the day on which the first one is lost. It requires a recent login.
#[protected(gate = app.tokens, max_age = "5m")]
pub(crate) async fn start_addition(
    State(app): State<App>,
    token: Bearer,
    payload: Verified<User>,
) -> Result<impl IntoResponse, AppError> {
    let account = app.users.find(&payload.user_id).await?.ok_or(UNKNOWN)?;
    let id = account.id.parse().map_err(|_| UNKNOWN)?;
    let known = app.users.passkeys(&account.id).await?.iter().map(|key| key.cred_id().clone()).collect();
    let (options, state) =
        app.webauthn.start_passkey_registration(id, &account.name, &account.name, Some(known))?;
    app.answer(Ceremony::Addition(account.id, state), discoverable(options))
}

#[protected(gate = app.tokens, max_age = "5m")]
pub(crate) async fn finish_addition(
    State(app): State<App>,
    headers: HeaderMap,
    token: Bearer,
    Json(credential): Json<RegisterPublicKeyCredential>,
    payload: Verified<User>,
) -> Result<StatusCode, AppError> {
    let state = match app.pending.take(&headers) {
        Some(Ceremony::Addition(account, state)) if account == payload.user_id => state,
        _ => return Err(NOT_STARTED),
    };
    let passkey = app.webauthn.finish_passkey_registration(&credential, &state)?;
    app.users.add_passkey(&payload.user_id, &passkey).await?;
    Ok(StatusCode::CREATED)
}

#[protected(gate = app.tokens)]
pub(crate) async fn name(
    State(app): State<App>,
    token: Bearer,
    payload: Verified<User>,
) -> Result<Json<String>, AppError> {
    Ok(Json(app.users.find(&payload.user_id).await?.ok_or(UNKNOWN)?.name))
}

impl App {
    /// Keeps the state of a ceremony here, where no client reads or repeats it, and sends the options.
    fn answer<T: serde::Serialize>(
        &self,
        ceremony: Ceremony,
        options: T,
    ) -> Result<impl IntoResponse + use<T>, AppError> {
        let cookie = self.pending.keep(ceremony)?;
        let headers = [(header::SET_COOKIE, cookie), (header::CACHE_CONTROL, "no-store".to_owned())];
        Ok((AppendHeaders(headers), Json(options)))
    }

    async fn begin_session(&self, account: &Account) -> Result<HttpResponse, AppError> {
        // Proof of possession of a key, by a user whose device has checked a PIN or a biometric (RFC 8176). Whether hardware
        // keeps the key (`hwk`) would take an attestation. `phr` is phishing-resistant (OpenID EAP ACR Values).
        let request = SessionRequest::new().amr(["pop", "user", "mfa"]).acr("phr").label("passkey");
        let pair = self.oauth.async_begin_session(account, request).await?;
        Ok(self.routes.hand_out(&pair))
    }
}

/// Asks for a passkey that the authenticator finds without a name. Without it, security keys would need one.
fn discoverable(mut options: CreationChallengeResponse) -> CreationChallengeResponse {
    let mut selection = options.public_key.authenticator_selection.unwrap_or_default();
    selection.resident_key = Some(ResidentKeyRequirement::Required);
    selection.require_resident_key = true;
    options.public_key.authenticator_selection = Some(selection);
    options
}

const NOT_STARTED: AppError = AppError::Refused(
    StatusCode::BAD_REQUEST,
    "start again: this was not started here, was used, or took too long",
);

const UNKNOWN: AppError = AppError::Refused(StatusCode::UNAUTHORIZED, "the passkey was not accepted");
