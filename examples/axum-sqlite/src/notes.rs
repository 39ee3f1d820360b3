//! The notes. Users read their own, admins read all.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use gatevault::{Verified, protected};

use crate::{App, AppError, Role, User};

/// An API key of this application may only read.
#[protected(handler, scope = "notes:write")]
pub(crate) async fn write(
    State(app): State<App>,
    Json(text): Json<String>,
    user: User,
) -> Result<StatusCode, AppError> {
    let query = sqlx::query("INSERT INTO notes (owner, text) VALUES (?, ?)").bind(user.user_id);
    query.bind(text).execute(&app.db).await?;
    Ok(StatusCode::CREATED)
}

pub(crate) async fn own(State(app): State<App>, who: Verified<User>) -> Result<Json<Vec<String>>, AppError> {
    notes(&app, who.user_id).await
}

#[protected(handler, require = user.user_id == owner || user.role == Role::Admin)]
pub(crate) async fn of_owner(
    State(app): State<App>,
    Path(owner): Path<i64>,
    user: User,
) -> Result<Json<Vec<String>>, AppError> {
    notes(&app, owner).await
}

async fn notes(app: &App, owner: i64) -> Result<Json<Vec<String>>, AppError> {
    let query = sqlx::query_scalar("SELECT text FROM notes WHERE owner = ? ORDER BY id").bind(owner);
    Ok(Json(query.fetch_all(&app.db).await?))
}
