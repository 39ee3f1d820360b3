//! The messages of registrations, password changes and API keys.

use super::super::{Decision, Event};

/// Writes a decision about an account or an API key.
pub(super) fn write(event: &Event) {
    match &event.decision {
        Decision::Registered => log!(info, event, "user registered"),
        Decision::NameTaken => log!(info, event, "registration refused: name taken"),
        Decision::PasswordChanged => log!(info, event, "password changed"),
        Decision::WrongCurrentPassword => log!(info, event, "password change refused: wrong password"),
        Decision::NoPassword => log!(info, event, "password change refused: the account has no password"),
        Decision::NewPasswordRefused { reason } => log!(info, event, "new password refused", %reason),
        Decision::PasswordNotHashed { error } => log!(warn, event, "new password not hashed", error),
        Decision::KeyCreated => log!(info, event, "API key created"),
        Decision::KeyNotCreated { reason } => log!(info, event, "API key not created", reason),
        Decision::KeyExchanged => log!(info, event, "API key exchanged"),
        Decision::KeyRefused { reason } => log!(info, event, "API key refused", reason),
        _ => {}
    }
}
