//! Routes that call the guarded functions, show their source, and end all other sessions.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use gatevault::{Bearer, GuardError, OAuthHandler, Verified, protected};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::accounts::Accounts;
use crate::policies::{self, User};

pub(crate) type Handler = Arc<OAuthHandler<Accounts>>;

pub(crate) fn routes(oauth: Handler) -> Router {
    Router::new()
        .route("/functions", get(functions))
        .route("/call/{function}", post(call))
        .route("/sessions/end-others", post(end_others))
        .with_state(oauth)
}

#[derive(Deserialize)]
struct Arguments {
    #[serde(default)]
    team: String,
}

/// Passes the token to a guarded function and returns its answer.
async fn call(
    token: Bearer,
    Path(function): Path<String>,
    Query(arguments): Query<Arguments>,
) -> Result<Response, GuardError> {
    let answer = match function.as_str() {
        "profile" => policies::profile(&token)?,
        "welcome" => policies::welcome(&token)?,
        "roadmap" => policies::roadmap(&token, &arguments.team)?,
        "invite" => policies::invite(&token)?,
        "export" => policies::export(&token)?,
        "close_account" => policies::close_account(&token)?,
        _ => return Ok(StatusCode::NOT_FOUND.into_response()),
    };
    Ok(answer.into_response())
}

/// Revokes the user's other sessions: a guarded async handler.
#[protected]
async fn end_others(
    State(oauth): State<Handler>,
    token: Bearer,
    payload: Verified<User>,
) -> Result<StatusCode, GuardError> {
    let this = payload.session_id().unwrap_or_default();
    oauth.async_logout_others(payload.user_id, this).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize)]
struct Function {
    name: &'static str,
    /// The callers that it admits.
    about: String,
    source: String,
}

async fn functions() -> Json<Vec<Function>> {
    Json(include_str!("policies.rs").split("\n\n").filter_map(Function::read).collect())
}

impl Function {
    /// Reads a guarded function from a paragraph of the source.
    fn read(paragraph: &'static str) -> Option<Self> {
        let (about, source) = paragraph.split_once("\n#[protected")?;
        let (_, name) = source.split_once("pub fn ")?;
        let (name, _) = name.split_once('(')?;
        let source = format!("#[protected{}", source.trim_end());
        Some(Self { name, about: about.trim_start_matches("/// ").to_owned(), source })
    }
}
