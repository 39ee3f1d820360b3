//! The names of decisions.

use super::Decision;

impl Decision {
    /// Returns the name, such as `denied`, for counters and filters. A name does not change.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Denied { .. } => "denied",
            Self::LoggedIn => "logged_in",
            Self::LoginFailed => "login_failed",
            Self::Throttled { .. } => "throttled",
            Self::SessionBegun { .. } => "session_begun",
            Self::SteppedUp => "stepped_up",
            Self::StepUpRefused { .. } => "step_up_refused",
            Self::UserGone => "user_gone",
            Self::ScopeNotGranted => "scope_not_granted",
            Self::Refreshed => "refreshed",
            Self::RefreshRefused { .. } => "refresh_refused",
            Self::RefreshTokenReused => "refresh_token_reused",
            Self::SessionOutdated => "session_outdated",
            Self::SessionExpired => "session_expired",
            Self::SessionNotActive { .. } => "session_not_active",
            Self::LoggedOut => "logged_out",
            Self::LoggedOutEverywhere => "logged_out_everywhere",
            Self::SessionsEnded { .. } => "sessions_ended",
            Self::SessionLimitReached { .. } => "session_limit_reached",
            Self::Revoked { .. } => "revoked",
            Self::Registered => "registered",
            Self::NameTaken => "name_taken",
            Self::PasswordChanged => "password_changed",
            Self::WrongCurrentPassword => "wrong_current_password",
            Self::NoPassword => "no_password",
            Self::NewPasswordRefused { .. } => "new_password_refused",
            Self::KeyCreated => "key_created",
            Self::KeyNotCreated { .. } => "key_not_created",
            Self::KeyExchanged => "key_exchanged",
            Self::KeyRefused { .. } => "key_refused",
            Self::PurposeRedeemed { .. } => "purpose_redeemed",
            Self::PurposeRefused { .. } => "purpose_refused",
            Self::RequestRefused { .. } => "request_refused",
            Self::KeyRingChanged { .. } => "key_ring_changed",
            Self::RemoteKeysChanged { .. } => "remote_keys_changed",
            Self::RemoteKeysFailed { .. } => "remote_keys_failed",
            Self::StoreFailed { .. } => "store_failed",
            Self::SigningFailed { .. } => "signing_failed",
            Self::PasswordNotVerified { .. } => "password_not_verified",
            Self::PasswordNotHashed { .. } => "password_not_hashed",
            Self::CleaningFailed { .. } => "cleaning_failed",
            Self::FeedUnreachable { .. } => "feed_unreachable",
            Self::FeedRecovered => "feed_recovered",
        }
    }
}
