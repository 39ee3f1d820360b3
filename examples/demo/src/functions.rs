//! Routes that call the guarded functions and list all guards of this program.

use axum::extract::{Path, Query};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use gatevault::guard::GuardRecord;
use gatevault::{Bearer, GuardError};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::policies::functions;
use crate::{keys, passkeys, sources, thief};

/// The route that calls the functions.
pub(crate) fn calls() -> Router {
    Router::new().route("/call/{function}", post(call))
}

/// The route that lists the guards.
pub(crate) fn inventory() -> Router {
    Router::new().route("/guards", get(guards))
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
        "profile" => functions::profile(&token)?,
        "welcome" => functions::welcome(&token)?,
        "roadmap" => functions::roadmap(&token, &arguments.team)?,
        "invite" => functions::invite(&token)?,
        "report" => functions::report(&token)?,
        "export" => functions::export(&token)?,
        "close_account" => functions::close_account(&token)?,
        "approve" => functions::approve(&token)?,
        _ => return Ok(StatusCode::NOT_FOUND.into_response()),
    };
    Ok(answer.into_response())
}

/// A guard of this program.
#[derive(Serialize)]
struct Guard {
    name: &'static str,
    /// The demands, as the record of the guard shows them.
    needs: String,
    /// The file and the line of the function.
    place: String,
    /// The source, on this server.
    link: String,
    /// The documentation and the source of a function of the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    excerpt: Option<sources::Excerpt>,
}

async fn guards() -> Json<Vec<Guard>> {
    let shown = functions::GUARDS.iter().map(|record| Guard::of(record, true));
    let others =
        [passkeys::handlers::GUARDS, keys::handlers::GUARDS, thief::handlers::GUARDS].into_iter().flatten();
    Json(shown.chain(others.map(|record| Guard::of(record, false))).collect())
}

impl Guard {
    fn of(record: &GuardRecord, with_excerpt: bool) -> Self {
        let shown = record.to_string();
        let needs = shown.strip_prefix(record.path).unwrap_or(&shown).trim_start_matches(": ").to_owned();
        let file = record.file.rsplit_once('/').map_or(record.file, |(_, name)| name);
        let excerpt = with_excerpt.then(|| sources::excerpt(file, record.line)).flatten();
        let place = format!("{file}:{}", record.line);
        Self { name: record.name, needs, place, link: sources::link(file, record.line), excerpt }
    }
}
