//! Somebody who got hold of a refresh token, as malware on a device would. No application has such routes.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use gatevault::{Bearer, GuardError, RefreshCookie, protected};
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;

use crate::calls::Handler;

/// What the thief holds, and the handler that takes it for anybody's.
#[derive(Clone)]
struct Thief {
    oauth: Handler,
    cookie: RefreshCookie,
    loot: Arc<Mutex<Option<String>>>,
}

/// Below the path of the cookie, which the browser sends nowhere else.
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
    tracing::info!(target: "gatevault", "demo: a thief copies the refresh token");
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize)]
struct Outcome {
    was_accepted: bool,
    status: u16,
    /// What a client is told.
    text: String,
}

async fn use_it(State(thief): State<Thief>) -> Result<Json<Outcome>, StatusCode> {
    let stolen = thief.loot().ok_or(StatusCode::NOT_FOUND)?;
    tracing::info!(target: "gatevault", "demo: the thief presents the stolen refresh token");
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
