//! The error of a handler, and its response.

use gatevault::{GuardError, HashingError};
use rocket::http::Status;
use rocket::request::Request;
use rocket::response::{self, Responder};

/// Any failure of a handler; its text is for the client.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A guard denied the call and has logged the reason.
    #[error(transparent)]
    Denied(#[from] GuardError),
    /// Another account has this name, or one that looks like it.
    #[error("the name is taken, or looks like one that is")]
    NameTaken,
    /// A field has an invalid value.
    #[error("{0}")]
    Invalid(&'static str),
}

impl From<HashingError> for AppError {
    fn from(error: HashingError) -> Self {
        match error {
            HashingError::TooLong { .. } | HashingError::ContainsNul => {
                Self::Invalid("a password needs at most 72 bytes, without NUL")
            }
            error => GuardError::unavailable(error).into(),
        }
    }
}

impl<'r> Responder<'r, 'static> for AppError {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let status = match self {
            Self::Denied(denial) => return denial.respond_to(request),
            Self::NameTaken => Status::Conflict,
            Self::Invalid(_) => Status::UnprocessableEntity,
        };
        (status, self.to_string()).respond_to(request)
    }
}
