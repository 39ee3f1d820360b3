//! The error of a handler, and its response.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
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
    Database(#[from] rusqlite::Error),
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

impl ResponseError for AppError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Denied(denial) => denial.status_code(),
            Self::Refused(status, _) => *status,
            Self::Database(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::Denied(denial) => return denial.error_response(),
            Self::Database(error) => tracing::error!(%error, "the database failed"),
            Self::Refused(..) => {}
        }
        HttpResponse::build(self.status_code()).body(self.to_string())
    }
}
