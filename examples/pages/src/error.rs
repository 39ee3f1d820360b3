//! The error of every handler.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gatevault::GuardError;

/// A handler's error.
#[derive(Debug)]
pub(crate) enum AppError {
    Denied(GuardError),
    Template(askama::Error),
}

impl From<GuardError> for AppError {
    fn from(denial: GuardError) -> Self {
        Self::Denied(denial)
    }
}

impl From<askama::Error> for AppError {
    fn from(error: askama::Error) -> Self {
        Self::Template(error)
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        match self {
            Self::Denied(denial) => denial.into_response(),
            Self::Template(error) => {
                tracing::error!(%error, "a page could not be written");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}
