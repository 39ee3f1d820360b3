//! Why a request fails, and what the client hears of it.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gatevault::{GuardError, HashingError};

/// Any failure of a handler; its text is for the client.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A guard said no, and has logged why.
    #[error(transparent)]
    Denied(#[from] GuardError),
    /// The client can do something about it.
    #[error("{1}")]
    Refused(StatusCode, &'static str),
    /// The client can do nothing about it.
    #[error("temporarily unavailable")]
    Database(#[from] sqlx::Error),
}

impl From<HashingError> for AppError {
    fn from(error: HashingError) -> Self {
        match error {
            HashingError::TooLong { .. } | HashingError::ContainsNul => {
                Self::Refused(StatusCode::UNPROCESSABLE_ENTITY, "a password has 72 bytes at most, and no NUL")
            }
            error => GuardError::unavailable(error).into(),
        }
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
