//! The error of a handler, and its response.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gatevault::GuardError;
use gatevault::error::{BoxError, TokenError};

/// Any failure of a handler; its text is for the client.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A guard denied the call and has logged the reason.
    #[error(transparent)]
    Denied(#[from] GuardError),
    /// An error that the client can correct.
    #[error("{1}")]
    Refused(StatusCode, &'static str),
    /// A login that proves nothing. The reason is for the log: it would help an attacker.
    #[error("the login was not accepted")]
    Unproven(BoxError),
    /// A provider that cannot be reached, or answers what it should not.
    #[error("temporarily unavailable")]
    Provider(BoxError),
    /// An error that the client cannot correct.
    #[error("temporarily unavailable")]
    Database(#[from] sqlx::Error),
}

impl From<TokenError> for AppError {
    fn from(error: TokenError) -> Self {
        GuardError::from(error).into()
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let text = self.to_string();
        match self {
            Self::Denied(denial) => denial.into_response(),
            Self::Refused(status, why) => (status, why).into_response(),
            Self::Unproven(error) => {
                tracing::warn!(?error, "login refused");
                (StatusCode::UNAUTHORIZED, text).into_response()
            }
            Self::Provider(error) => {
                tracing::error!(?error, "the provider failed");
                (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
            }
            Self::Database(error) => {
                tracing::error!(%error, "the database failed");
                (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
            }
        }
    }
}
