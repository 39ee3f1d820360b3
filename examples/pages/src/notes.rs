//! The notes of each user: a page with forms, behind the guard.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use askama::Template;
use axum::extract::{Form, State};
use axum::response::{Html, Redirect};
use gatevault::guard::{AsGate, GateRef};
use gatevault::web::{CsrfToken, PageToken};
use gatevault::{TokenManager, Verified, protected};
use serde::Deserialize;

use crate::User;
use crate::error::AppError;

/// The state of the handlers: the notes by user, which an application keeps in its database, and the gate of their rules.
#[derive(Debug, Clone)]
pub(crate) struct Notes {
    by_user: Arc<Mutex<HashMap<u64, Vec<String>>>>,
    tokens: TokenManager,
}

impl Notes {
    pub(crate) fn new(tokens: TokenManager) -> Self {
        Self { by_user: Arc::default(), tokens }
    }

    fn of(&self, user: u64) -> Vec<String> {
        let notes = self.by_user.lock().unwrap_or_else(PoisonError::into_inner);
        notes.get(&user).cloned().unwrap_or_default()
    }

    fn add(&self, user: u64, note: String) {
        let mut notes = self.by_user.lock().unwrap_or_else(PoisonError::into_inner);
        notes.entry(user).or_default().push(note);
    }
}

impl AsGate for Notes {
    fn as_gate(&self) -> GateRef<'_> {
        self.tokens.as_gate()
    }
}

#[derive(Template)]
#[template(path = "notes.html")]
struct NotesPage<'p> {
    name: &'p str,
    notes: Vec<String>,
    csrf_token: &'p str,
}

/// The guard has verified the visitor: `Verified` has their claims, and `CsrfToken` belongs to their session.
pub(crate) async fn page(
    State(notes): State<Notes>,
    visitor: Verified<User>,
    csrf: CsrfToken,
) -> Result<Html<String>, AppError> {
    let notes = notes.of(visitor.user_id);
    Ok(Html(NotesPage { name: &visitor.name, notes, csrf_token: csrf.as_str() }.render()?))
}

/// A part of the page, for htmx.
pub(crate) async fn count(State(notes): State<Notes>, visitor: Verified<User>) -> String {
    format!("{} notes", notes.of(visitor.user_id).len())
}

#[derive(Deserialize)]
pub(crate) struct NewNote {
    note: String,
    csrf_token: String,
}

/// A handler with rules of its own takes the token of the page. It checks the field of its form, and leads back to the page.
#[protected(gate = notes, require = payload.name != "guest")]
pub(crate) async fn add(
    token: PageToken,
    State(notes): State<Notes>,
    Form(form): Form<NewNote>,
    payload: User,
) -> Result<Redirect, AppError> {
    token.check_csrf_token(&form.csrf_token)?;
    notes.add(payload.user_id, form.note);
    Ok(Redirect::to("/notes"))
}
