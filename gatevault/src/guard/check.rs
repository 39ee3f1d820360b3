//! The check that `#[protected]` inserts before a body. Each call emits one event: the function was opened, or why it was not.

use std::borrow::Cow;
use std::error::Error;

use serde::de::MapAccess;

use super::authentication::RequiredAuthentication;
use super::gate::GateRef;
use super::{AsGate, GateVault, Requirement};
use crate::claims::{ClaimReader, FromClaims, FromVerified, TokenKind, Verified};
use crate::error::GuardError;
use crate::event::{CallerClaims, Decision, Event, Function, wants_opened};
use crate::token::{TokenManager, TokenText};

/// A check of one call: the gate to ask, and what the token must satisfy.
#[derive(Debug, Clone, Copy)]
pub struct Guard<'g> {
    /// The guarded function, for events.
    function: &'static Function,
    gate: Option<GateRef<'g>>,
    kind: TokenKind,
    authentication: Option<&'static RequiredAuthentication>,
    /// True if no policy follows the verification.
    is_last: bool,
}

impl<'g> Guard<'g> {
    /// Creates a check by the gate of a token source, or else by the installed gate.
    #[inline]
    #[must_use]
    pub fn of_source(function: &'static Function, gate: Option<GateRef<'g>>) -> Self {
        let installed = || GateVault::installed();
        let gate = gate.or_else(installed);
        Guard { function, gate, kind: TokenKind::Access, authentication: None, is_last: false }
    }

    /// Creates a check by a borrowed gate.
    pub fn with(function: &'static Function, gate: &'g (impl AsGate + ?Sized)) -> Self {
        Guard {
            function,
            gate: Some(gate.as_gate()),
            kind: TokenKind::Access,
            authentication: None,
            is_last: false,
        }
    }

    /// Returns the manager of the gate, if there is a gate.
    #[must_use]
    pub fn tokens(&self) -> Option<&'g TokenManager> {
        self.gate.map(GateRef::tokens)
    }

    /// Requires a refresh token instead of an access token.
    #[must_use]
    pub fn refresh(self) -> Self {
        Guard { kind: TokenKind::Refresh, ..self }
    }

    /// Sets that no policy follows: a call that is verified emits the event of an [opened](opened) function.
    ///
    /// The event comes before the claims are moved out of the verification: otherwise each call would copy them.
    #[must_use]
    pub fn last(self) -> Self {
        Guard { is_last: true, ..self }
    }

    /// Requires an authentication of the caller that meets `required`.
    #[must_use]
    pub fn authentication(self, required: &'static RequiredAuthentication) -> Self {
        Guard { authentication: Some(required), ..self }
    }

    /// Verifies the token, whose claims may borrow from `text`, and returns the payload that `convert` creates. Sets `caller`, for
    /// the events of the policies and of the [opened](opened) function.
    ///
    /// # Errors
    ///
    /// The denial, after its event.
    #[inline]
    pub fn verify<'t, C: FromClaims<'t>, P>(
        self,
        token: Option<Cow<'_, str>>,
        text: &'t mut TokenText,
        caller: &mut CallerClaims<'t>,
        convert: impl FnOnce(Verified<C>) -> P,
    ) -> Result<P, GuardError> {
        self.decide(token, text, caller, convert).map_err(|denial| denied(self.function, denial, *caller))
    }

    /// Verifies the token if there is one.
    ///
    /// # Errors
    ///
    /// The denial of an invalid token, after its event.
    #[inline]
    pub fn verify_optional<'t, C: FromClaims<'t>, P>(
        self,
        token: Option<Cow<'_, str>>,
        text: &'t mut TokenText,
        caller: &mut CallerClaims<'t>,
        convert: impl FnOnce(Verified<C>) -> Option<P>,
    ) -> Result<Option<P>, GuardError> {
        match self.decide(token, text, caller, convert) {
            Err(GuardError::MissingToken) => {
                if self.is_last {
                    opened(self.function, *caller);
                }
                Ok(None)
            }
            decided => decided.map_err(|denial| denied(self.function, denial, *caller)),
        }
    }

    /// Verifies the token and returns the payload, for a check that is complete with it.
    ///
    /// # Errors
    ///
    /// The denial, after its event.
    #[inline]
    pub fn verify_owned<P: for<'t> FromVerified<'t>>(
        self,
        token: Option<Cow<'_, str>>,
    ) -> Result<P, GuardError> {
        let (mut text, mut caller) = (TokenText::new(), CallerClaims::unknown());
        self.last().verify(token, &mut text, &mut caller, P::from_verified)
    }

    /// Verifies the token if there is one and returns the payload, for a check that is complete with it.
    ///
    /// # Errors
    ///
    /// The denial of an invalid token, after its event.
    pub fn verify_owned_optional<P: for<'t> FromVerified<'t>>(
        self,
        token: Option<Cow<'_, str>>,
    ) -> Result<Option<P>, GuardError> {
        let (mut text, mut caller) = (TokenText::new(), CallerClaims::unknown());
        self.last()
            .verify_optional(token, &mut text, &mut caller, |verified| Some(P::from_verified(verified)))
    }

    /// Verifies the token of a function without a payload.
    ///
    /// # Errors
    ///
    /// The denial, after its event.
    #[inline]
    pub fn admit<'t>(
        self,
        token: Option<Cow<'_, str>>,
        text: &'t mut TokenText,
        caller: &mut CallerClaims<'t>,
    ) -> Result<(), GuardError> {
        self.verify(token, text, caller, |_: Verified<SubjectOnly>| ())
    }

    /// Verifies the token and converts the claims with `convert`.
    ///
    /// The conversion is passed in because claims are large: they are moved as rarely as possible. The clock is read once, so
    /// that the token's expiry and `max_age` are decided at the same time.
    #[inline]
    fn decide<'t, C: FromClaims<'t>, P>(
        self,
        token: Option<Cow<'_, str>>,
        text: &'t mut TokenText,
        caller: &mut CallerClaims<'t>,
        convert: impl FnOnce(Verified<C>) -> P,
    ) -> Result<P, GuardError> {
        let Some(gate) = self.gate else {
            return Err(GuardError::NotInstalled);
        };
        let Some(token) = token else {
            return Err(GuardError::MissingToken);
        };
        let now = gate.now()?;
        let verified: Verified<C> = gate.verify(&token, self.kind, text, caller, now)?;
        if let Some(required) = self.authentication {
            required.check(&verified, now)?;
        }
        // Convert before any other call. The compiler must assume that a call changes the claims, and would copy them first.
        let payload = convert(verified);
        if self.is_last {
            opened(self.function, *caller);
        }
        Ok(payload)
    }
}

/// Emits the event of a function that was opened, if a log or a sink receives it.
#[inline]
pub fn opened(function: &'static Function, caller: CallerClaims<'_>) {
    if wants_opened() {
        emit_opened(function, caller);
    }
}

/// Returns the denial of a verified caller who does not meet a requirement, after its event.
#[cold]
#[must_use]
pub fn unmet(function: &'static Function, requirement: Requirement, caller: CallerClaims<'_>) -> GuardError {
    denied(function, requirement.unmet(), caller)
}

/// Returns the denial of a call for which there is no gate, after its event.
#[cold]
#[must_use]
pub fn without_gate(function: &'static Function) -> GuardError {
    denied(function, GuardError::NotInstalled, CallerClaims::unknown())
}

#[cold]
fn emit_opened(function: &'static Function, caller: CallerClaims<'_>) {
    Event::new(Decision::Opened).at(function).of_caller(caller).emit();
}

/// Emits the event of a denial with its reason, and returns the denial.
#[cold]
fn denied(function: &'static Function, denial: GuardError, caller: CallerClaims<'_>) -> GuardError {
    denial_event(function, &denial).of_caller(caller).emit();
    denial
}

/// Returns the event of a denial, which names no caller yet.
pub(super) fn denial_event(function: &'static Function, denial: &GuardError) -> Event {
    let reason = denial.source().map(ToString::to_string);
    let decision = Decision::Denied { status: denial.status(), denial: denial.to_string(), reason };
    Event::new(decision).at(function)
}

/// Claims of which only the subject is checked.
struct SubjectOnly;

impl<'t> FromClaims<'t> for SubjectOnly {
    fn read_claims<A: MapAccess<'t>>(claims: &mut ClaimReader<'t, '_, A>) -> Result<Self, A::Error> {
        while claims.next_name()?.is_some() {
            claims.skip()?;
        }
        claims.read_user_id().map(|_| Self)
    }
}
