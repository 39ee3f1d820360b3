//! The messages of logins and purpose tokens.

use tracing::field::{debug, display};

use super::super::{Decision, Event};

/// Writes a decision about a login or a purpose token.
pub(super) fn write(event: &Event) {
    let user = event.user.as_ref().map(debug);
    let session = event.session_id.as_ref().map(debug);
    match &event.decision {
        Decision::LoggedIn => tracing::info!(target: "gatevault", user, session, "logged in"),
        // The name is in no event: users sometimes type their password into that field.
        Decision::LoginFailed => tracing::info!(target: "gatevault", user, "login failed"),
        Decision::Throttled { retry_after } => {
            let (retry_after, address) = (retry_after.as_secs(), event.address.map(display));
            tracing::info!(target: "gatevault", retry_after, address, "login throttled");
        }
        Decision::SessionBegun { amr } => {
            let address = event.address;
            tracing::info!(target: "gatevault", user, session, ?amr, ?address, "session begun");
        }
        Decision::SteppedUp => tracing::info!(target: "gatevault", user, session, "session stepped up"),
        Decision::StepUpRefused { reason } => {
            tracing::info!(target: "gatevault", user, reason, "step-up refused");
        }
        Decision::PasswordNotVerified { error } => {
            tracing::warn!(target: "gatevault", %error, "password not verified");
        }
        Decision::UserGone => tracing::info!(target: "gatevault", user, "tokens not created: no such user"),
        Decision::ScopeNotGranted => {
            tracing::info!(target: "gatevault", "tokens not created: scope not granted");
        }
        Decision::PurposeRedeemed { purpose } => {
            tracing::info!(target: "gatevault", purpose, user, "purpose token redeemed");
        }
        Decision::PurposeRefused { purpose, denial, reason } => {
            tracing::info!(target: "gatevault", purpose, %denial, reason, "purpose token refused");
        }
        _ => {}
    }
}
