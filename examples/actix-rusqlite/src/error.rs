//! Why a request fails, and what the client hears of it.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
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
    Database(#[from] rusqlite::Error),
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
