//! A thief with a copy of a refresh token, such as malware on a device would get. No real application has these routes.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use gatevault::{Bearer, GuardError, OAuthHandler, RefreshCookie, protected};
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;

use crate::accounts::Accounts;

type Handler = Arc<OAuthHandler<Accounts>>;

/// The stolen token, and the handler that it is presented to.
#[derive(Clone)]
struct Thief {
    oauth: Handler,
    cookie: RefreshCookie,
    loot: Arc<Mutex<Option<String>>>,
}

/// Mounts the routes below the cookie's path, because the browser sends the cookie nowhere else.
pub(crate) fn routes(oauth: Handler, cookie: RefreshCookie) -> Router {
    Router::new()
        .route("/auth/stolen", post(steal))
        .route("/auth/stolen/use", post(use_it))
        .with_state(Thief { oauth, cookie, loot: Arc::default() })
}

#[protected]
async fn steal(
    State(thief): State<Thief>,
    token: Bearer,
    headers: HeaderMap,
) -> Result<StatusCode, GuardError> {
    let cookies = headers.get_all(header::COOKIE).iter().map(http::HeaderValue::as_bytes);
    let Some(stolen) = thief.cookie.read(cookies)? else { return Ok(StatusCode::NOT_FOUND) };
    thief.hold(stolen.to_owned());
    tracing::info!(target: "gatevault", "demo: the refresh token was copied");
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize)]
struct Outcome {
    was_accepted: bool,
    status: u16,
    /// The text that a client sees.
    text: String,
}

async fn use_it(State(thief): State<Thief>) -> Result<Json<Outcome>, StatusCode> {
    let stolen = thief.loot().ok_or(StatusCode::NOT_FOUND)?;
    tracing::info!(target: "gatevault", "demo: the stolen refresh token is presented");
    let outcome = match thief.oauth.async_refresh(stolen).await {
        Ok(pair) => {
            thief.hold(pair.refresh_token);
            Outcome { was_accepted: true, status: 200, text: "a new pair of tokens".to_owned() }
        }
        Err(denial) => Outcome { was_accepted: false, status: denial.status(), text: denial.to_string() },
    };
    Ok(Json(outcome))
}

impl Thief {
    fn hold(&self, token: String) {
        *self.loot.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
    }

    fn loot(&self) -> Option<String> {
        self.loot.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
