//! Links in mails: requests for them, and what each does.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gatevault::token::Purpose;
use gatevault::web::HttpResponse;
use gatevault::{ApiKeys, AuthUser as _, GuardError, UserId, UserStore as _};
use serde::Deserialize;

use crate::accounts::{self, Account};
use crate::client::ClientAddress;
use crate::login::Remember;
use crate::mailroom::{Letter, Recipient};
use crate::{App, AppError, addresses, mail_counts};

/// For an address that has no account yet. The first use creates the account, and the unique address refuses the second.
pub(crate) const REGISTER: Purpose = Purpose::new("register", Duration::from_hours(24));
/// Bound to the password hash: the first use changes it, and every link that was sent before is dead.
pub(crate) const RESET: Purpose = Purpose::new("reset", Duration::from_mins(30));
/// No state changes when it is used, so the session store remembers that it was.
pub(crate) const MAGIC_LINK: Purpose = Purpose::new("magic-link", Duration::from_mins(15)).once();

#[derive(Deserialize)]
pub(crate) struct MailRequest {
    address: String,
}

pub(crate) async fn ask_to_register(
    app: State<App>,
    client: ClientAddress,
    request: Json<MailRequest>,
) -> Result<StatusCode, AppError> {
    ask(app, client, request, Letter::Register).await
}

pub(crate) async fn ask_for_reset(
    app: State<App>,
    client: ClientAddress,
    request: Json<MailRequest>,
) -> Result<StatusCode, AppError> {
    ask(app, client, request, Letter::Reset).await
}

pub(crate) async fn ask_for_magic_link(
    app: State<App>,
    client: ClientAddress,
    request: Json<MailRequest>,
) -> Result<StatusCode, AppError> {
    ask(app, client, request, Letter::MagicLink).await
}

/// Puts a letter into the queue. The response does not depend on whether the address has an account, and neither does its time:
/// the account is looked up by the worker, after the response.
async fn ask(
    State(app): State<App>,
    ClientAddress(client): ClientAddress,
    Json(request): Json<MailRequest>,
    letter: Letter,
) -> Result<StatusCode, AppError> {
    let address = addresses::parse(&request.address);
    let invalid = AppError::Refused(StatusCode::UNPROCESSABLE_ENTITY, "this is no e-mail address");
    let address = address.ok_or(invalid)?;
    if !mail_counts::count_client(&app.users.db, client).await? {
        return Err(AppError::Refused(StatusCode::TOO_MANY_REQUESTS, "too many mails: try again in an hour"));
    }
    app.mailroom.send(letter, Recipient(address))?;
    Ok(StatusCode::ACCEPTED)
}

// Without `Debug`, so that no log can contain a token or a password.
#[derive(Deserialize)]
pub(crate) struct NewPassword {
    token: String,
    password: String,
}

/// Creates the account of a verified address. Its password is chosen here and not before: otherwise a stranger could register
/// the address, and its owner would verify an account whose password the stranger knows.
pub(crate) async fn register(
    State(app): State<App>,
    Json(given): Json<NewPassword>,
) -> Result<StatusCode, AppError> {
    let verified = app.oauth.async_redeem_purpose_token(&REGISTER, &given.token, "").await;
    let verified = verified.map_err(dead_link)?;
    let address = verified.user_id().as_str().ok_or(AppError::DEAD_LINK)?;
    let password_hash = accounts::hash(&app.hasher, given.password).await?;
    if !app.users.create(address, &password_hash).await? {
        return Err(AppError::DEAD_LINK); // the address has got an account since
    }
    Ok(StatusCode::CREATED)
}

/// Sets a new password and ends all sessions of the user, who then logs in.
pub(crate) async fn reset(
    State(app): State<App>,
    Json(given): Json<NewPassword>,
) -> Result<StatusCode, AppError> {
    let account = redeem(&app, &RESET, &given.token).await?;
    let password_hash = accounts::hash(&app.hasher, given.password).await?;
    if !app.users.replace_password(account.id, &account.password_hash, &password_hash).await? {
        return Err(AppError::DEAD_LINK); // another request with this link, or a change of the password, was first
    }
    app.oauth.async_logout_everywhere(account.id, ApiKeys::End).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub(crate) struct MagicLogin {
    token: String,
    remember: Remember,
}

/// Logs in by a link. The link itself shows a page with a button, which sends this request: mail scanners and previews fetch
/// links, and would use them up.
pub(crate) async fn log_in(
    State(app): State<App>,
    ClientAddress(client): ClientAddress,
    Json(given): Json<MagicLogin>,
) -> Result<HttpResponse, AppError> {
    let account = redeem(&app, &MAGIC_LINK, &given.token).await?;
    let session = given.remember.session().from_address(client); // RFC 8176 has no method for mail
    let pair = app.oauth.async_begin_session(&account, session).await?;
    Ok(app.routes.hand_out(&pair))
}

/// Creates the token of a link: the id of the account, by which the state is found, and the token that is bound to the state.
pub(crate) fn create(
    app: &App,
    purpose: &Purpose,
    account: &Account,
) -> Result<String, gatevault::TokenError> {
    let token = app.tokens.create_purpose_token(purpose, &account.id(), &account.password_hash)?;
    Ok(format!("{}.{token}", account.id))
}

/// Verifies the token of a link and returns the account that it was created for, with the state that it is bound to.
async fn redeem(app: &App, purpose: &Purpose, link: &str) -> Result<Account, AppError> {
    let (id, token) = link.split_once('.').ok_or(AppError::DEAD_LINK)?;
    let id = UserId::from(id.parse::<i64>().map_err(|_| AppError::DEAD_LINK)?);
    let account = app.users.find_by_id(&id).await.map_err(GuardError::unavailable)?;
    let account = account.ok_or(AppError::DEAD_LINK)?;
    let redeemed = app.oauth.async_redeem_purpose_token(purpose, token, &account.password_hash).await;
    // The id beside the token is not signed. It only found the state, which another account could have too.
    let is_of_account = redeemed.map_err(dead_link)?.user_id() == &account.id();
    is_of_account.then_some(account).ok_or(AppError::DEAD_LINK)
}

/// Returns the response to an invalid link. A store that failed has not decided anything, so the link may be tried again.
fn dead_link(denial: GuardError) -> AppError {
    match denial {
        GuardError::Token(_) => AppError::DEAD_LINK,
        other => other.into(),
    }
}
