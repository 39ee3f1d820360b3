//! Routes that call the guarded functions and show their source.

use axum::extract::{Path, Query};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use gatevault::{Bearer, GuardError};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::policies;

pub(crate) fn routes() -> Router {
    Router::new().route("/functions", get(functions)).route("/call/{function}", post(call))
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
