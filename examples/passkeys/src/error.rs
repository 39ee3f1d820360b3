//! The error of a handler, and its response.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gatevault::GuardError;
use gatevault::error::TokenError;
use webauthn_rs::prelude::WebauthnError;

/// Any failure of a handler; its text is for the client.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A guard denied the call and has logged the reason.
    #[error(transparent)]
    Denied(#[from] GuardError),
    /// An error that the client can correct.
    #[error("{1}")]
    Refused(StatusCode, &'static str),
    /// A passkey that proves nothing. The reason is for the log: it would help an attacker.
    #[error("the passkey was not accepted")]
    Passkey(#[from] WebauthnError),
    /// An error that the client cannot correct.
    #[error("temporarily unavailable")]
    Database(#[from] sqlx::Error),
    /// A passkey that this program wrote differently, or cannot write.
    #[error("temporarily unavailable")]
    Stored(#[from] serde_json::Error),
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
            Self::Passkey(error) => {
                tracing::warn!(%error, "passkey refused");
                (StatusCode::UNAUTHORIZED, text).into_response()
            }
            Self::Database(_) | Self::Stored(_) => {
                tracing::error!(error = ?self, "the database failed");
                (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
            }
        }
    }
}
