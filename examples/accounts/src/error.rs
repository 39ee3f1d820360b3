//! The error of a handler, and its response.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gatevault::{GuardError, HashingError};

/// Any failure of a handler; its text is for the client.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A guard or a login denied the call and has logged the reason.
    #[error(transparent)]
    Denied(#[from] GuardError),
    /// An error that the client can correct.
    #[error("{1}")]
    Refused(StatusCode, &'static str),
    /// An error that the client cannot correct.
    #[error("temporarily unavailable")]
    Database(#[from] sqlx::Error),
}

impl AppError {
    /// A link that was used, has expired, or was never sent. The answer does not say which.
    pub(crate) const DEAD_LINK: Self =
        Self::Refused(StatusCode::GONE, "the link is not valid any more: ask for another one");
}

impl From<HashingError> for AppError {
    fn from(error: HashingError) -> Self {
        match error {
            HashingError::TooLong { .. } | HashingError::ContainsNul => Self::Refused(
                StatusCode::UNPROCESSABLE_ENTITY,
                "a password needs at most 72 bytes, without NUL",
            ),
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
