//! Passkeys: an account adds one, and logs in with it. Each takes two requests, with a challenge between them.

use std::borrow::Cow;
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use axum::response::{AppendHeaders, IntoResponse};
use axum::routing::post;
use axum::{Json, Router};
use gatevault::{AuthRoutes, OAuthHandler, guarded};
use http::{StatusCode, header};
use passki::{AuthenticationState, Passki, RegistrationState, StoredPasskey};
use serde::Serialize;

use crate::accounts::{Account, Accounts};
use crate::error::AppError;
use crate::events;
use crate::pending::Pending;

#[derive(Clone)]
struct Passkeys {
    accounts: Accounts,
    oauth: Arc<OAuthHandler<Accounts>>,
    routes: AuthRoutes<Accounts>,
    passki: Arc<Passki>,
    pending: Arc<Pending<Ceremony>>,
}

/// What waits for its second request. The state stays on the server, where no client reads or repeats it.
enum Ceremony {
    Addition(i64, RegistrationState),
    Login(AuthenticationState),
}

/// Mounts the routes. `origin` is the address of the page, to which its passkeys belong.
pub(crate) fn routes(
    accounts: Accounts,
    oauth: Arc<OAuthHandler<Accounts>>,
    routes: AuthRoutes<Accounts>,
    origin: &str,
) -> Router {
    let passki = Arc::new(Passki::new("localhost", &[origin], "gatevault demo"));
    let pending = Arc::new(Pending::new(Duration::from_mins(5)));
    Router::new()
        .route("/passkeys/add", post(handlers::start_adding))
        .route("/passkeys/add/finish", post(handlers::finish_adding))
        .route("/passkeys/login", post(handlers::start_login))
        .route("/passkeys/login/finish", post(handlers::finish_login))
        .with_state(Passkeys { accounts, oauth, routes, passki, pending })
}

/// An account gets a passkey only after a recent login, so that a stolen access token adds none.
#[guarded]
pub(crate) mod handlers {
    use axum::Json;
    use axum::extract::State;
    use axum::response::IntoResponse;
    use gatevault::login::SessionRequest;
    use gatevault::protected;
    use gatevault::web::HttpResponse;
    use http::{HeaderMap, StatusCode};
    use passki::{
        AuthenticationCredential, AuthenticationOptions, Passki, RegistrationCredential, RegistrationOptions,
        ResidentKeyRequirement, UserVerificationRequirement,
    };

    use super::{Ceremony, NOT_STARTED, Passkeys, not_accepted};
    use crate::error::AppError;
    use crate::events;
    use crate::policies::User;

    #[protected(handler, max_age = "5m")]
    pub(super) async fn start_adding(
        State(app): State<Passkeys>,
        user: User,
    ) -> Result<impl IntoResponse, AppError> {
        let account = app.accounts.find(user.user_id).await?.ok_or_else(|| not_accepted("no account"))?;
        let known = app.accounts.passkeys(user.user_id).await?;
        // A passkey that the authenticator finds without a name, used by a person whom it recognizes.
        let mut options = RegistrationOptions::default();
        options.resident_key = ResidentKeyRequirement::Required;
        options.user_verification = UserVerificationRequirement::Required;
        options.exclude_credentials = Some(&known);
        let handle = account.passkey_handle.as_bytes();
        let (options, state) = app
            .passki
            .start_passkey_registration(handle, &account.name, &account.name, options)
            .map_err(not_accepted)?;
        app.begin(Ceremony::Addition(account.id, state), options)
    }

    #[protected(handler, max_age = "5m")]
    pub(super) async fn finish_adding(
        State(app): State<Passkeys>,
        headers: HeaderMap,
        Json(credential): Json<RegistrationCredential>,
        user: User,
    ) -> Result<StatusCode, AppError> {
        let state = match app.pending.take(&headers) {
            Some(Ceremony::Addition(account, state)) if account == user.user_id => state,
            _ => return Err(NOT_STARTED),
        };
        let passkey = app.passki.finish_passkey_registration(&credential, &state).map_err(not_accepted)?;
        app.accounts.add_passkey(user.user_id, &passkey).await?;
        events::report("passkey added", "user", user.user_id);
        Ok(StatusCode::CREATED)
    }

    #[public(reason = "logins have no token")]
    pub(super) async fn start_login(State(app): State<Passkeys>) -> Result<impl IntoResponse, AppError> {
        // No name and no list of passkeys, so that no caller learns which accounts exist.
        let mut options = AuthenticationOptions::default();
        options.user_verification = UserVerificationRequirement::Required;
        let (options, state) = app.passki.start_passkey_authentication(&[], options).map_err(not_accepted)?;
        app.begin(Ceremony::Login(state), options)
    }

    #[public(reason = "logins have no token")]
    pub(super) async fn finish_login(
        State(app): State<Passkeys>,
        headers: HeaderMap,
        Json(credential): Json<AuthenticationCredential>,
    ) -> Result<HttpResponse, AppError> {
        let Some(Ceremony::Login(state)) = app.pending.take(&headers) else { return Err(NOT_STARTED) };
        let id = Passki::base64_decode(&credential.raw_id).map_err(not_accepted)?;
        let (account, passkey) =
            app.accounts.find_by_passkey(&id).await?.ok_or_else(|| not_accepted("unknown passkey"))?;
        let result =
            app.passki.finish_passkey_authentication(&credential, &state, &passkey).map_err(not_accepted)?;
        // The authenticator names the account as well, and must name the one that has the passkey.
        if result.user_handle.as_deref() != Some(account.passkey_handle.as_bytes()) {
            return Err(not_accepted("passkey of another account"));
        }
        let mut used = passkey.clone();
        used.counter = result.counter;
        app.accounts.replace_passkey(&passkey, &used).await?;
        // Proof of possession of a key, by a user whom the authenticator recognized (RFC 8176). `phr` is phishing-resistant.
        let request = SessionRequest::new().amr(["pop", "user", "mfa"]).acr("phr").label("Passkey login");
        let pair = app.oauth.async_begin_session(&account, request).await?;
        Ok(app.routes.hand_out(&pair))
    }
}

impl Passkeys {
    /// Keeps the state of a ceremony, and sends its options.
    fn begin<T: Serialize>(
        &self,
        ceremony: Ceremony,
        options: T,
    ) -> Result<impl IntoResponse + use<T>, AppError> {
        let cookie = self.pending.keep(ceremony)?;
        let headers = [(header::SET_COOKIE, cookie), (header::CACHE_CONTROL, "no-store".to_owned())];
        Ok((AppendHeaders(headers), Json(options)))
    }
}

impl Accounts {
    async fn passkeys(&self, account: i64) -> Result<Vec<StoredPasskey>, AppError> {
        let query = sqlx::query_scalar("SELECT passkey FROM passkeys WHERE account = ?").bind(account);
        let stored: Vec<String> = query.fetch_all(&self.database).await?;
        Ok(stored.iter().map(|passkey| serde_json::from_str(passkey)).collect::<Result<_, _>>()?)
    }

    async fn find_by_passkey(&self, id: &[u8]) -> Result<Option<(Account, StoredPasskey)>, AppError> {
        let query = sqlx::query_as("SELECT account, passkey FROM passkeys WHERE id = ?").bind(id);
        let found: Option<(i64, String)> = query.fetch_optional(&self.database).await?;
        let Some((account, passkey)) = found else { return Ok(None) };
        let account = self.find(account).await?.ok_or_else(|| not_accepted("no account"))?;
        Ok(Some((account, serde_json::from_str(&passkey)?)))
    }

    async fn add_passkey(&self, account: i64, passkey: &StoredPasskey) -> Result<(), AppError> {
        let insert = "INSERT INTO passkeys (id, account, passkey) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
        let insert = sqlx::query(insert).bind(&passkey.credential_id).bind(account);
        match insert.bind(serde_json::to_string(passkey)?).execute(&self.database).await?.rows_affected() {
            0 => Err(AppError::refused(StatusCode::CONFLICT, "The passkey is registered already.")),
            _ => Ok(()),
        }
    }

    /// Writes the counter that shows a copied authenticator. The condition lets one of two logins with the same counter win.
    async fn replace_passkey(&self, known: &StoredPasskey, used: &StoredPasskey) -> Result<(), AppError> {
        let update = sqlx::query("UPDATE passkeys SET passkey = ? WHERE id = ? AND passkey = ?");
        let update = update.bind(serde_json::to_string(used)?).bind(&known.credential_id);
        match update.bind(serde_json::to_string(known)?).execute(&self.database).await?.rows_affected() {
            0 => Err(AppError::refused(StatusCode::CONFLICT, "The passkey was used at the same time.")),
            _ => Ok(()),
        }
    }
}

/// Reports why a passkey was not accepted. The client does not learn it, because it would help an attacker.
fn not_accepted(reason: impl Display) -> AppError {
    events::report("passkey not accepted", "reason", reason.to_string());
    AppError::refused(StatusCode::UNAUTHORIZED, "The passkey was not accepted.")
}

const NOT_STARTED: AppError = AppError::Refused(
    StatusCode::BAD_REQUEST,
    Cow::Borrowed("Start again: this was not started here, was used, or took too long."),
);
