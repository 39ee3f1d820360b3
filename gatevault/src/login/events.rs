//! The events of a handler.

use std::net::IpAddr;

use super::OAuthHandler;
use super::authenticator::Authenticator;
use crate::claims::UserId;
use crate::error::{GuardError, HashingError, InvalidReason, TokenError};
use crate::event::{Decision, Event};

impl<S> OAuthHandler<S> {
    /// Creates an event about a user of this handler.
    pub(super) fn event(&self, decision: Decision) -> Event {
        Event::ours(&self.issuer.tokens, decision)
    }

    /// Emits the event of a denial that is due to a scope that an OAuth2 client requested.
    pub(super) fn report_scope(&self, denial: &GuardError, user: UserId, session: Option<String>) {
        if matches!(denial, GuardError::Token(TokenError::Invalid(InvalidReason::ScopeNotGranted))) {
            Event { session_id: session, ..self.event(Decision::ScopeNotGranted).of_user(user) }.emit();
        }
    }

    /// Emits the event of a denial that is due to a pause. The name is in no event: sometimes it is a password.
    pub(super) fn report_pause(&self, denial: &GuardError, user: Option<&UserId>, address: Option<IpAddr>) {
        if let GuardError::TooManyAttempts { retry_after } = denial {
            let event = self.event(Decision::Throttled { retry_after: *retry_after });
            Event { user: user.cloned(), address, ..event }.emit();
        }
    }
}

impl<S> Authenticator<S> {
    /// Returns the one error for an unknown name, a wrong password and an unreadable hash. Only the events distinguish them.
    pub(super) fn login_failed(&self, user: Option<UserId>, address: Option<IpAddr>) -> GuardError {
        Event { user, address, ..Event::ours(&self.tokens, Decision::LoginFailed) }.emit();
        GuardError::invalid_credentials("the user name or the password is wrong")
    }

    /// Returns the denial for a password that could not be verified. A call outside of a tokio runtime is a fault of the program.
    pub(super) fn not_verified(
        &self,
        error: HashingError,
        user: Option<UserId>,
        address: Option<IpAddr>,
    ) -> GuardError {
        if matches!(error, HashingError::PoolUnavailable) {
            tracing::error!(target: "gatevault", %error, "password not verified");
        } else {
            let decision = Decision::PasswordNotVerified { error: error.to_string() };
            Event { user, address, ..Event::ours(&self.tokens, decision) }.emit();
        }
        GuardError::unavailable(error)
    }
}
