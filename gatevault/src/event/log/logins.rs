//! The messages of logins and purpose tokens.

use super::super::{Decision, Event};

/// Writes a decision about a login or a purpose token.
pub(super) fn write(event: &Event) {
    match &event.decision {
        Decision::LoggedIn => log!(info, event, "logged in"),
        // The name is in no event: users sometimes type their password into that field.
        Decision::LoginFailed => log!(info, event, "login failed"),
        Decision::Throttled { retry_after } => {
            let retry_after = retry_after.as_secs();
            log!(info, event, "login throttled", retry_after);
        }
        Decision::SessionBegun { amr } => log!(info, event, "session begun", ?amr),
        Decision::SteppedUp => log!(info, event, "session stepped up"),
        Decision::StepUpRefused { denial, reason } => {
            log!(info, event, "step-up refused", %denial, reason);
        }
        Decision::PasswordNotVerified { error } => log!(warn, event, "password not verified", %error),
        Decision::UserGone => log!(info, event, "tokens not created: no such user"),
        Decision::ScopeNotGranted => log!(info, event, "tokens not created: scope not granted"),
        Decision::PurposeRedeemed { purpose } => log!(info, event, "purpose token redeemed", purpose),
        Decision::PurposeRefused { purpose, denial, reason } => {
            log!(info, event, "purpose token refused", purpose, %denial, reason);
        }
        _ => {}
    }
}
