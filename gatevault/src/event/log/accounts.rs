//! The messages of registrations, password changes and API keys.

use tracing::field::debug;

use super::super::{Decision, Event};

/// Writes a decision about an account or an API key.
pub(super) fn write(event: &Event) {
    let user = event.user.as_ref().map(debug);
    let session = event.session_id.as_ref().map(debug);
    match &event.decision {
        Decision::Registered => tracing::info!(target: "gatevault", user, "user registered"),
        Decision::NameTaken => tracing::info!(target: "gatevault", "registration refused: name taken"),
        Decision::PasswordChanged => tracing::info!(target: "gatevault", user, "password changed"),
        Decision::WrongCurrentPassword => {
            tracing::info!(target: "gatevault", user, "password change refused: wrong password");
        }
        Decision::NoPassword => {
            tracing::info!(target: "gatevault", user, "password change refused: the account has no password");
        }
        Decision::NewPasswordRefused { reason } => {
            tracing::info!(target: "gatevault", %reason, "new password refused");
        }
        Decision::PasswordNotHashed { error } => {
            tracing::warn!(target: "gatevault", error, "new password not hashed");
        }
        Decision::KeyCreated => tracing::info!(target: "gatevault", user, session, "API key created"),
        Decision::KeyNotCreated { reason } => {
            tracing::info!(target: "gatevault", user, reason, "API key not created");
        }
        Decision::KeyExchanged => tracing::info!(target: "gatevault", user, session, "API key exchanged"),
        Decision::KeyRefused { reason } => tracing::info!(target: "gatevault", reason, "API key refused"),
        _ => {}
    }
}
