//! The check that `#[protected]` inserts before a body. Each denial logs one event with its reason.

use std::error::Error;
use std::time::Duration;

use serde::de::MapAccess;

use super::gate::GateRef;
use super::{AsGate, GateVault, Requirement, TokenSource};
use crate::claims::{ClaimReader, FromClaims, FromVerified, TokenKind, Verified};
use crate::error::GuardError;
use crate::token::TokenText;

/// A check of one call: the gate to ask, and what the token must satisfy.
#[derive(Debug, Clone, Copy)]
pub struct Guard<'g> {
    /// The name of the guarded function, for the log.
    function: &'static str,
    gate: Option<GateRef<'g>>,
    kind: TokenKind,
    max_age: Option<Duration>,
}

impl Guard<'static> {
    /// Creates a check by the installed gate.
    #[must_use]
    pub fn installed(function: &'static str) -> Self {
        Guard { function, gate: GateVault::installed(), kind: TokenKind::Access, max_age: None }
    }
}

impl<'g> Guard<'g> {
    /// Creates a check by a borrowed gate.
    pub fn with(function: &'static str, gate: &'g (impl AsGate + ?Sized)) -> Self {
        Guard { function, gate: Some(gate.as_gate()), kind: TokenKind::Access, max_age: None }
    }

    /// Requires a refresh token instead of an access token.
    #[must_use]
    pub fn refresh(self) -> Self {
        Guard { kind: TokenKind::Refresh, ..self }
    }

    /// Requires a login, or a token without a session, that is at most `seconds` old.
    #[must_use]
    pub fn max_age(self, seconds: u64) -> Self {
        Guard { max_age: Some(Duration::from_secs(seconds)), ..self }
    }

    /// Verifies the token and returns the payload.
    ///
    /// # Errors
    ///
    /// The denial, already logged.
    #[inline]
    pub fn verify<P: for<'t> FromVerified<'t>>(
        self,
        source: &(impl TokenSource + ?Sized),
    ) -> Result<P, GuardError> {
        self.verify_in(source, &mut TokenText::default())
    }

    /// Verifies the token and returns a payload that may borrow from `text`.
    ///
    /// # Errors
    ///
    /// The denial, already logged.
    #[inline]
    pub fn verify_in<'t, P: FromVerified<'t>>(
        self,
        source: &(impl TokenSource + ?Sized),
        text: &'t mut TokenText,
    ) -> Result<P, GuardError> {
        self.decide(source, text, P::from_verified).map_err(|denial| log_denial(self.function, denial))
    }

    /// Verifies the token if there is one.
    ///
    /// # Errors
    ///
    /// The denial of an invalid token, already logged.
    #[inline]
    pub fn verify_optional<P: for<'t> OptionalPayload<'t>>(
        self,
        source: &(impl TokenSource + ?Sized),
    ) -> Result<P, GuardError> {
        self.verify_optional_in(source, &mut TokenText::default())
    }

    /// Verifies the token if there is one, and returns a payload that may borrow from `text`.
    ///
    /// # Errors
    ///
    /// The denial of an invalid token, already logged.
    #[inline]
    pub fn verify_optional_in<'t, P: OptionalPayload<'t>>(
        self,
        source: &(impl TokenSource + ?Sized),
        text: &'t mut TokenText,
    ) -> Result<P, GuardError> {
        match self.decide(source, text, |verified| P::from_verified_or_none(Some(verified))) {
            Err(GuardError::MissingToken) => {
                log_success(self.function, false);
                Ok(P::from_verified_or_none(None))
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
    pub fn admit(self, source: &(impl TokenSource + ?Sized)) -> Result<(), GuardError> {
        self.verify::<SubjectOnly>(source).map(drop)
    }

    /// Verifies the token and converts the claims with `convert`.
    ///
    /// The conversion is passed in because claims are large: they are moved as rarely as possible. The clock is read once, so
    /// that the token's expiry and `max_age` are decided at the same time.
    #[inline]
    fn decide<'t, C: FromClaims<'t>, P>(
        self,
        source: &(impl TokenSource + ?Sized),
        text: &'t mut TokenText,
        convert: impl FnOnce(Verified<C>) -> P,
    ) -> Result<P, GuardError> {
        let Some(gate) = self.gate else {
            return Err(GuardError::NotInstalled);
        };
        let Some(token) = source.token() else {
            return Err(GuardError::MissingToken);
        };
        let now = gate.now()?;
        let verified: Verified<C> = gate.verify(&token, self.kind, text, now)?;
        if let Some(max_age) = self.max_age
            && !verified.is_fresh(max_age, now)
        {
            return Err(Requirement::MaxAge(max_age).unmet());
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
pub fn unmet(function: &'static str, requirement: Requirement) -> GuardError {
    log_denial(function, requirement.unmet())
}

/// Logs a call that passed. Not inlined, because every guarded function would contain a copy of the event.
#[inline(never)]
fn log_success(function: &'static str, token: bool) {
    tracing::debug!(target: "gatevault", function, token, "verified");
}

/// Logs a denial with its reason, and returns it.
#[cold]
fn log_denial(function: &'static str, denial: GuardError) -> GuardError {
    let reason = denial.source().map(ToString::to_string);
    tracing::info!(target: "gatevault", function, %denial, reason, "denied");
    denial
}

/// The payload of a guard that accepts calls without a token.
#[diagnostic::on_unimplemented(
    message = "with `optional`, the payload must be an `Option`",
    label = "not an `Option`, and a call without a token has no payload",
    note = "write `Option<{Self}>`"
)]
pub trait OptionalPayload<'t> {
    /// The claims that are read from a token.
    type Claims: FromClaims<'t>;

    /// Converts the verified claims, or `None` for a call without a token.
    fn from_verified_or_none(verified: Option<Verified<Self::Claims>>) -> Self;
}

impl<'t, P: FromVerified<'t>> OptionalPayload<'t> for Option<P> {
    type Claims = P::Claims;

    fn from_verified_or_none(verified: Option<Verified<P::Claims>>) -> Self {
        verified.map(P::from_verified)
    }
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
