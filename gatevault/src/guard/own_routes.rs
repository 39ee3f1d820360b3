//! The events of guards in routes of this library, for callers who are verified already.

use super::Requirement;
use super::check::denial_event;
use crate::claims::{Payload, Verified};
use crate::error::GuardError;
use crate::event::{Decision, Event, Function, wants_opened};
use crate::token::TokenManager;

/// Emits the event of a route of this library that was opened for a verified caller.
pub(crate) fn opened_for(function: &'static Function, caller: &Verified<Payload>, tokens: &TokenManager) {
    if wants_opened() {
        Event::new(Decision::Opened).at(function).of_verified(caller, tokens).emit();
    }
}

/// Returns the denial of a verified caller who does not meet a requirement of a route of this library, after its event.
pub(crate) fn unmet_by(
    function: &'static Function,
    requirement: Requirement,
    caller: &Verified<Payload>,
    tokens: &TokenManager,
) -> GuardError {
    let denial = requirement.unmet();
    denial_event(function, &denial).of_verified(caller, tokens).emit();
    denial
}

impl Event {
    /// Sets the user, the token, the session and the issuer from verified claims.
    pub(crate) fn of_verified(self, caller: &Verified<Payload>, tokens: &TokenManager) -> Self {
        Self {
            user: Some(caller.user_id().clone()),
            token_id: caller.token_id().map(str::to_owned),
            session_id: caller.session_id().map(str::to_owned),
            issuer: caller.foreign_issuer().or_else(|| tokens.own_name()).map(str::to_owned),
            ..self
        }
    }
}
