//! Why a request fails, and what the client hears of it.

use gatevault::{GuardError, HashingError};
use rocket::http::Status;
use rocket::request::Request;
use rocket::response::{self, Responder};

/// Any failure of a handler; its text is for the client.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A guard said no, and has logged why.
    #[error(transparent)]
    Denied(#[from] GuardError),
    /// Somebody else is called so.
    #[error("the name is taken")]
    NameTaken,
    /// A field that is not acceptable.
    #[error("{0}")]
    Invalid(&'static str),
}

impl From<HashingError> for AppError {
    fn from(error: HashingError) -> Self {
        match error {
            HashingError::TooLong { .. } | HashingError::ContainsNul => {
                Self::Invalid("a password has 72 bytes at most, and no NUL")
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
