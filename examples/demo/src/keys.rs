//! The API keys of a user.

use std::sync::Arc;

use axum::Router;
use axum::routing::{delete, post};
use gatevault::{OAuthHandler, guarded};
use serde::Serialize;

use crate::accounts::Accounts;

#[derive(Clone)]
struct Keys {
    oauth: Arc<OAuthHandler<Accounts>>,
}

#[derive(Serialize)]
struct Key {
    id: String,
    name: String,
    scopes: String,
    /// Shown once, when the key is created.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

pub(crate) fn routes(oauth: Arc<OAuthHandler<Accounts>>) -> Router {
    Router::new()
        .route("/keys", post(handlers::create_key).get(handlers::list_keys))
        .route("/keys/{id}", delete(handlers::revoke_key))
        .with_state(Keys { oauth })
}

#[guarded]
pub(crate) mod handlers {
    use axum::Json;
    use axum::extract::{Path, State};
    use gatevault::{KeyRequest, Verified, protected};
    use http::StatusCode;

    use super::{Key, Keys, SCOPE};
    use crate::error::AppError;
    use crate::policies::User;

    /// Creates a key with one scope. `of_login` refuses the token of a key, so no key creates another one.
    #[protected(handler)]
    pub(super) async fn create_key(
        State(app): State<Keys>,
        Json(name): Json<String>,
        user: Verified<User>,
    ) -> Result<(StatusCode, Json<Key>), AppError> {
        if name.trim().is_empty() {
            return Err(AppError::refused(StatusCode::UNPROCESSABLE_ENTITY, "A key needs a name."));
        }
        let request = KeyRequest::new(&name).scopes([SCOPE]).of_login(user.session_id());
        let created = app.oauth.async_create_key(user.user_id, request).await?;
        let key = Key { id: created.id, name, scopes: SCOPE.to_owned(), key: Some(created.key) };
        Ok((StatusCode::CREATED, Json(key)))
    }

    #[protected(handler)]
    pub(super) async fn list_keys(State(app): State<Keys>, user: User) -> Result<Json<Vec<Key>>, AppError> {
        let keys = app.oauth.async_api_keys(user.user_id).await?.into_iter();
        let keys =
            keys.map(|key| Key { id: key.id, name: key.name, scopes: key.scopes.join(" "), key: None });
        Ok(Json(keys.collect()))
    }

    /// Ends a key. Tokens that it was exchanged for are denied from now on.
    #[protected(handler)]
    pub(super) async fn revoke_key(
        State(app): State<Keys>,
        Path(id): Path<String>,
        user: User,
    ) -> Result<StatusCode, AppError> {
        let was_valid = app.oauth.async_revoke(user.user_id, &id).await?;
        Ok(if was_valid { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND })
    }
}

const SCOPE: &str = "reports:read";
