//! The operations. Each says in one place what it is and what its callers need.

use std::sync::{Mutex, PoisonError};

use gatevault::guarded;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Note {
    pub text: String,
}

#[derive(Debug, Default)]
pub struct Notes(Mutex<Vec<Note>>);

impl Notes {
    fn with<T>(&self, work: impl FnOnce(&mut Vec<Note>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[guarded]
pub(crate) mod operations {
    use std::sync::Arc;

    use axum::Json;
    use axum::extract::State;
    use axum::http::StatusCode;
    use gatevault::{GuardError, protected};

    use super::{Note, Notes};
    use crate::users::User;

    /// Returns how many notes there are.
    #[utoipa::path(get, path = "/notes/count", responses((status = 200, body = String)))]
    #[public(reason = "a number on the front page")]
    pub(crate) async fn count(State(notes): State<Arc<Notes>>) -> String {
        notes.with(|notes| notes.len()).to_string()
    }

    /// Lists the notes.
    #[utoipa::path(get, path = "/notes", responses((status = 200, body = Vec<Note>)))]
    #[protected(handler, payload = _: User, scope = "notes:read")]
    pub(crate) async fn list(State(notes): State<Arc<Notes>>) -> Result<Json<Vec<Note>>, GuardError> {
        Ok(Json(notes.with(|notes| notes.clone())))
    }

    /// Adds a note.
    #[utoipa::path(post, path = "/notes", request_body = Note, responses((status = 201)))]
    #[protected(handler, scopes("notes:read", "notes:write"))]
    pub(crate) async fn add(
        State(notes): State<Arc<Notes>>,
        user: User,
        Json(note): Json<Note>,
    ) -> Result<StatusCode, GuardError> {
        let text = format!("{} (user {})", note.text, user.user_id);
        notes.with(|notes| notes.push(Note { text }));
        Ok(StatusCode::CREATED)
    }

    /// Deletes all notes.
    #[utoipa::path(delete, path = "/notes", operation_id = "deleteAll", responses((status = 204)))]
    #[protected(handler, payload = _: User, any_scope("notes:write", "admin"), max_age = "5m")]
    pub(crate) async fn clear(State(notes): State<Arc<Notes>>) -> Result<StatusCode, GuardError> {
        notes.with(Vec::clear);
        Ok(StatusCode::NO_CONTENT)
    }
}
