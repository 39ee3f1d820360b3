//! The check that `#[protected]` inserts before a body. Each denial logs one event with its reason.

use std::borrow::Cow;
use std::error::Error;

use serde::de::MapAccess;

use super::authentication::RequiredAuthentication;
use super::gate::GateRef;
use super::{AsGate, Function, GateVault, Requirement};
use crate::claims::{ClaimReader, FromClaims, FromVerified, TokenKind, Verified};
use crate::error::GuardError;
use crate::token::{TokenManager, TokenText};

/// A check of one call: the gate to ask, and what the token must satisfy.
#[derive(Debug, Clone, Copy)]
pub struct Guard<'g> {
    /// The guarded function, for the log.
    function: &'static Function,
    gate: Option<GateRef<'g>>,
    kind: TokenKind,
    authentication: Option<&'static RequiredAuthentication>,
}

impl<'g> Guard<'g> {
    /// Creates a check by the gate of a token source, or else by the installed gate.
    #[inline]
    #[must_use]
    pub fn of_source(function: &'static Function, gate: Option<GateRef<'g>>) -> Self {
        let installed = || GateVault::installed();
        let gate = gate.or_else(installed);
        Guard { function, gate, kind: TokenKind::Access, authentication: None }
    }

    /// Creates a check by a borrowed gate.
    pub fn with(function: &'static Function, gate: &'g (impl AsGate + ?Sized)) -> Self {
        Guard { function, gate: Some(gate.as_gate()), kind: TokenKind::Access, authentication: None }
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

    /// Requires an authentication of the caller that meets `required`.
    #[must_use]
    pub fn authentication(self, required: &'static RequiredAuthentication) -> Self {
        Guard { authentication: Some(required), ..self }
    }

    /// Verifies the token and returns the payload.
    ///
    /// # Errors
    ///
    /// The denial, already logged.
    #[inline]
    pub fn verify<P: for<'t> FromVerified<'t>>(self, token: Option<Cow<'_, str>>) -> Result<P, GuardError> {
        self.verify_in(token, &mut TokenText::default(), P::from_verified)
    }

    /// Verifies the token, whose claims may borrow from `text`, and returns the payload that `convert` creates.
    ///
    /// # Errors
    ///
    /// The denial, already logged.
    #[inline]
    pub fn verify_in<'t, C: FromClaims<'t>, P>(
        self,
        token: Option<Cow<'_, str>>,
        text: &'t mut TokenText,
        convert: impl FnOnce(Verified<C>) -> P,
    ) -> Result<P, GuardError> {
        self.decide(token, text, convert).map_err(|denial| log_denial(self.function, denial))
    }

    /// Verifies the token if there is one.
    ///
    /// # Errors
    ///
    /// The denial of an invalid token, already logged.
    #[inline]
    pub fn verify_optional<'t, C: FromClaims<'t>, P>(
        self,
        token: Option<Cow<'_, str>>,
        text: &'t mut TokenText,
        convert: impl FnOnce(Verified<C>) -> Option<P>,
    ) -> Result<Option<P>, GuardError> {
        match self.decide(token, text, convert) {
            Err(GuardError::MissingToken) => {
                log_success(self.function, false);
                Ok(None)
            }
            decided => decided.map_err(|denial| log_denial(self.function, denial)),
        }
    }

    /// Verifies the token of a function without a payload.
    ///
    /// # Errors
    ///
    /// The denial, already logged.
    #[inline]
    pub fn admit(self, token: Option<Cow<'_, str>>) -> Result<(), GuardError> {
        self.verify::<SubjectOnly>(token).map(drop)
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
        convert: impl FnOnce(Verified<C>) -> P,
    ) -> Result<P, GuardError> {
        let Some(gate) = self.gate else {
            return Err(GuardError::NotInstalled);
        };
        let Some(token) = token else {
            return Err(GuardError::MissingToken);
        };
        let now = gate.now()?;
        let verified: Verified<C> = gate.verify(&token, self.kind, text, now)?;
        if let Some(required) = self.authentication {
            required.check(&verified, now)?;
        }
        // Convert before any other call. The compiler must assume that a call changes the claims, and would copy them first.
        let payload = convert(verified);
        log_success(self.function, true);
        Ok(payload)
    }
}

/// Returns the denial of a verified caller who does not meet a requirement, and logs it.
#[cold]
#[must_use]
pub fn unmet(function: &'static Function, requirement: Requirement) -> GuardError {
    log_denial(function, requirement.unmet())
}

/// Returns the denial of a call for which there is no gate, and logs it.
#[cold]
#[must_use]
pub fn without_gate(function: &'static Function) -> GuardError {
    log_denial(function, GuardError::NotInstalled)
}

/// Logs a call that passed. Not inlined, because every guarded function would contain a copy of the event.
#[inline(never)]
fn log_success(function: &'static Function, token: bool) {
    tracing::debug!(target: "gatevault", %function, token, "verified");
}

/// Logs a denial with its reason, and returns it. A fault of the program is an error in the log; every other denial is normal.
#[cold]
fn log_denial(function: &'static Function, denial: GuardError) -> GuardError {
    let reason = denial.source().map(ToString::to_string);
    if denial.status() == 500 {
        tracing::error!(target: "gatevault", %function, %denial, reason, "denied");
    } else {
        tracing::info!(target: "gatevault", %function, %denial, reason, "denied");
    }
    denial
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
