//! The messages of refreshes, logouts and revocations.

use tracing::field::display;

use super::super::{Decision, Event};

/// Writes a decision about a session.
pub(super) fn write(event: &Event) {
    match &event.decision {
        Decision::Refreshed => log!(info, event, "refreshed"),
        Decision::RefreshRefused { denial, reason } => {
            log!(info, event, "refresh token refused", %denial, reason);
        }
        Decision::RefreshTokenReused => log!(warn, event, "refresh token reused: session ended"),
        Decision::SessionOutdated => log!(info, event, "password changed: session ended"),
        Decision::SessionExpired => log!(info, event, "session not continued: it has expired"),
        Decision::SessionNotActive { outcome } => {
            let outcome = display(outcome);
            log!(info, event, "session not continued: it is not active", outcome);
        }
        Decision::LoggedOut => log!(info, event, "logged out"),
        Decision::LoggedOutEverywhere => log!(info, event, "logged out everywhere"),
        Decision::SessionsEnded { sessions } => log!(info, event, "sessions ended", sessions),
        Decision::SessionLimitReached { sessions } => {
            log!(info, event, "session limit reached: oldest sessions ended", sessions);
        }
        Decision::Revoked { kind, is_stored: true } => log!(info, event, "revocation recorded", kind),
        Decision::Revoked { kind, is_stored: false } => log!(info, event, "revoked in this process", kind),
        _ => {}
    }
}
