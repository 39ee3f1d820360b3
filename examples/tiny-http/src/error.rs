//! Why a request fails, and what the client hears of it.

use std::io::Cursor;

use gatevault::{GuardError, HashingError};
use tiny_http::Response;

/// Any failure of a handler; its text is for the client.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A guard said no, and has logged why.
    #[error(transparent)]
    Denied(#[from] GuardError),
    /// The client can do something about it.
    #[error("{1}")]
    Refused(u16, &'static str),
    /// The client can do nothing about it.
    #[error("temporarily unavailable")]
    Database(#[from] rusqlite::Error),
}

impl From<HashingError> for AppError {
    fn from(error: HashingError) -> Self {
        match error {
            HashingError::TooLong { .. } | HashingError::ContainsNul => {
                Self::Refused(422, "a password has 72 bytes at most, and no NUL")
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
