//! The API keys of users: scripts read notes with them.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use gatevault::{KeyRequest, protected};
use serde::Serialize;

use crate::{App, AppError, User};

#[derive(Serialize)]
pub(crate) struct Key {
    id: String,
    name: String,
    expires_at: u64,
    /// Shown once, when the key is created.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

/// Creates a key that may read notes. No key has the scope `account`, so no key creates another one.
#[protected(handler, scope = "account", max_age = "5m")]
pub(crate) async fn create(
    State(app): State<App>,
    Json(name): Json<String>,
    user: User,
) -> Result<(StatusCode, Json<Key>), AppError> {
    if name.trim().is_empty() {
        return Err(AppError::Refused(StatusCode::UNPROCESSABLE_ENTITY, "a key needs a name"));
    }
    let request = KeyRequest::new(&name).scopes(["notes:read"]);
    let created = app.auth.create_key(user.user_id, request).await?;
    let expires_at = created.expires_at.seconds();
    Ok((StatusCode::CREATED, Json(Key { id: created.id, name, expires_at, key: Some(created.key) })))
}

#[protected(handler, scope = "account")]
pub(crate) async fn list(State(app): State<App>, user: User) -> Result<Json<Vec<Key>>, AppError> {
    let keys = app.auth.api_keys(user.user_id).await?.into_iter();
    let shown =
        keys.map(|key| Key { id: key.id, name: key.name, expires_at: key.expires_at.seconds(), key: None });
    Ok(Json(shown.collect()))
}

#[protected(handler, scope = "account")]
pub(crate) async fn end(
    State(app): State<App>,
    Path(id): Path<String>,
    user: User,
) -> Result<StatusCode, AppError> {
    let was_valid = app.auth.revoke(user.user_id, &id).await?;
    Ok(if was_valid { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND })
}
