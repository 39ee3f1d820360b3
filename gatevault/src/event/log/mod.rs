//! The log: each event as a message of `tracing`, with the target `gatevault`.
//!
//! A message has its level and its fields where it is written, so that a filter can refuse it before anything is formatted. The
//! guide's page `errors_and_logs` lists the messages, and a test compares the two.

/// Writes a message with its level, its own fields, and the caller of the event as far as it is known.
macro_rules! log {
    ($level:ident, $event:ident, $message:literal $(, $($field:tt)+)?) => {
        tracing::$level!(
            target: "gatevault",
            $($($field)+,)?
            user = $event.user.as_ref().map(tracing::field::debug),
            token_id = $event.token_id.as_ref().map(tracing::field::debug),
            session = $event.session_id.as_ref().map(tracing::field::debug),
            issuer = $event.issuer.as_ref().map(tracing::field::debug),
            address = $event.address.map(tracing::field::display),
            $message
        )
    };
}

mod accounts;
mod guards;
mod keys;
mod logins;
mod requests;
mod sessions;
mod stores;

use super::{Decision, Event};

/// Writes the event to the log.
pub(super) fn write(event: &Event) {
    use Decision as D;
    match &event.decision {
        D::Opened | D::Denied { .. } => guards::write(event),
        D::LoggedIn
        | D::LoginFailed
        | D::Throttled { .. }
        | D::SessionBegun { .. }
        | D::SteppedUp
        | D::StepUpRefused { .. }
        | D::UserGone
        | D::ScopeNotGranted
        | D::PasswordNotVerified { .. }
        | D::PurposeRedeemed { .. }
        | D::PurposeRefused { .. } => logins::write(event),
        D::Refreshed
        | D::RefreshRefused { .. }
        | D::RefreshTokenReused
        | D::SessionOutdated
        | D::SessionExpired
        | D::SessionNotActive { .. }
        | D::LoggedOut
        | D::LoggedOutEverywhere
        | D::SessionsEnded { .. }
        | D::SessionLimitReached { .. }
        | D::Revoked { .. } => sessions::write(event),
        D::Registered
        | D::NameTaken
        | D::PasswordChanged
        | D::WrongCurrentPassword
        | D::NoPassword
        | D::NewPasswordRefused { .. }
        | D::PasswordNotHashed { .. }
        | D::KeyCreated
        | D::KeyNotCreated { .. }
        | D::KeyExchanged
        | D::KeyRefused { .. } => accounts::write(event),
        D::RequestRefused { .. } => requests::write(event),
        D::KeyRingChanged { .. }
        | D::RemoteKeysChanged { .. }
        | D::RemoteKeysFailed { .. }
        | D::SigningFailed { .. } => keys::write(event),
        D::StoreFailed { .. } | D::CleaningFailed { .. } | D::FeedUnreachable { .. } | D::FeedRecovered => {
            stores::write(event);
        }
    }
}
