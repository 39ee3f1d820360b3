//! The error of a handler, and its response.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gatevault::{GuardError, HashingError};

/// Any failure of a handler; its text is for the client.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A guard denied the call and has logged the reason.
    #[error(transparent)]
    Denied(#[from] GuardError),
    /// An error that the client can correct.
    #[error("{1}")]
    Refused(StatusCode, &'static str),
    /// An error that the client cannot correct.
    #[error("temporarily unavailable")]
    Database(#[from] sqlx::Error),
}

impl From<HashingError> for AppError {
    fn from(error: HashingError) -> Self {
        GuardError::from(error).into() // 422 for a password that is too short or too long
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        match self {
            Self::Denied(denial) => denial.into_response(),
            Self::Refused(status, why) => (status, why).into_response(),
            Self::Database(ref error) => {
                tracing::error!(%error, "the database failed");
                (StatusCode::SERVICE_UNAVAILABLE, self.to_string()).into_response()
            }
        }
    }
}
