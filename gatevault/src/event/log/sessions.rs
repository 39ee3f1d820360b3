//! The messages of refreshes, logouts and revocations.

use tracing::field::{debug, display};

use super::super::{Decision, Event};

/// Writes a decision about a session.
pub(super) fn write(event: &Event) {
    let user = event.user.as_ref().map(debug);
    let session = event.session_id.as_ref().map(debug);
    match &event.decision {
        Decision::Refreshed => tracing::info!(target: "gatevault", user, session, "refreshed"),
        Decision::RefreshRefused { denial, reason } => {
            tracing::info!(target: "gatevault", %denial, reason, "refresh token refused");
        }
        Decision::RefreshTokenReused => {
            tracing::warn!(target: "gatevault", user, session, "refresh token reused: session ended");
        }
        Decision::SessionOutdated => {
            tracing::info!(target: "gatevault", user, session, "password changed: session ended");
        }
        Decision::SessionExpired => {
            tracing::info!(target: "gatevault", user, session, "session not continued: it has expired");
        }
        Decision::SessionNotActive { outcome } => {
            let outcome = display(outcome);
            tracing::info!(target: "gatevault", user, session, outcome, "session not continued: it is not active");
        }
        Decision::LoggedOut => tracing::info!(target: "gatevault", user, "logged out"),
        Decision::LoggedOutEverywhere => tracing::info!(target: "gatevault", user, "logged out everywhere"),
        Decision::SessionsEnded { sessions } => {
            tracing::info!(target: "gatevault", user, sessions, "sessions ended");
        }
        Decision::SessionLimitReached { sessions } => {
            tracing::info!(target: "gatevault", user, sessions, "session limit reached: oldest sessions ended");
        }
        Decision::Revoked { kind, is_stored } => write_revocation(event, kind, *is_stored),
        _ => {}
    }
}

/// Writes a revocation: in the store, or in this process only.
fn write_revocation(event: &Event, kind: &str, is_stored: bool) {
    let Event { user, token_id, session_id, issuer, .. } = event;
    let (user, token_id, session) =
        (user.as_ref().map(debug), token_id.as_ref().map(debug), session_id.as_ref().map(debug));
    if is_stored {
        tracing::info!(target: "gatevault", kind, user, token_id, session, ?issuer, "revocation recorded");
    } else {
        tracing::info!(target: "gatevault", kind, user, token_id, session, ?issuer, "revoked in this process");
    }
}
