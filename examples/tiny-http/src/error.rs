//! The error of a handler, and its response.

use std::io::Cursor;

use gatevault::{GuardError, HashingError};
use tiny_http::Response;

/// Any failure of a handler; its text is for the client.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A guard denied the call and has logged the reason.
    #[error(transparent)]
    Denied(#[from] GuardError),
    /// An error that the client can correct.
    #[error("{1}")]
    Refused(u16, &'static str),
    /// An error that the client cannot correct.
    #[error("temporarily unavailable")]
    Database(#[from] rusqlite::Error),
}

impl From<HashingError> for AppError {
    fn from(error: HashingError) -> Self {
        match error {
            HashingError::TooLong { .. } | HashingError::ContainsNul => {
                Self::Refused(422, "a password needs at most 72 bytes, without NUL")
            }
            error => GuardError::unavailable(error).into(),
        }
    }
}

impl From<AppError> for Response<Cursor<Vec<u8>>> {
    fn from(error: AppError) -> Self {
        let text = error.to_string();
        let status = match error {
            AppError::Denied(denial) => return denial.into(),
            AppError::Refused(status, _) => status,
            AppError::Database(error) => {
                tracing::error!(%error, "the database failed");
                503
            }
        };
        Self::from_string(text).with_status_code(status)
    }
}
