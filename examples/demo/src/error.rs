//! The error of a handler, and its response.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use gatevault::GuardError;
use gatevault::error::BoxError;
use http::StatusCode;

use crate::events;

/// The error of any handler; its text is for the client.
#[derive(Debug)]
pub(crate) enum AppError {
    /// A guard denied the call; its event has the reason.
    Denied(GuardError),
    /// An error that the client can correct.
    Refused(StatusCode, Cow<'static, str>),
    /// An error that the client cannot correct.
    Failed(BoxError),
}

impl AppError {
    pub(crate) fn refused(status: StatusCode, why: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused(status, why.into())
    }
}

impl From<GuardError> for AppError {
    fn from(denial: GuardError) -> Self {
        Self::Denied(denial)
    }
}

impl From<sqlx::Error> for AppError {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<serde_json::Error> for AppError {
    fn from(error: serde_json::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<gatevault::error::HashingError> for AppError {
    fn from(error: gatevault::error::HashingError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<gatevault::error::TokenError> for AppError {
    fn from(error: gatevault::error::TokenError) -> Self {
        GuardError::from(error).into()
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        match self {
            Self::Denied(denial) => denial.into_response(),
            Self::Refused(status, why) => (status, why).into_response(),
            Self::Failed(error) => {
                events::report("request failed", "error", error.to_string());
                (StatusCode::SERVICE_UNAVAILABLE, "Temporarily unavailable. Try again.").into_response()
            }
        }
    }
}
