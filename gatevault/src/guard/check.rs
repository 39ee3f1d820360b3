//! The check that `#[protected]` splices before a body. Each denial emits one event, with its reason.

use std::error::Error;
use std::time::Duration;

use serde::de::MapAccess;

use super::gate::GateRef;
use super::{AsGate, GateVault, Requirement, TokenSource};
use crate::claims::{ClaimReader, FromClaims, FromVerified, TokenKind, Verified};
use crate::error::GuardError;
use crate::token::TokenText;

/// One check, about to be made.
#[derive(Debug, Clone, Copy)]
pub struct Guard<'g> {
    /// The guarded function, for the log.
    function: &'static str,
    gate: Option<GateRef<'g>>,
    kind: TokenKind,
    max_age: Option<Duration>,
}

impl Guard<'static> {
    /// A check by the installed gate.
    #[must_use]
    pub fn installed(function: &'static str) -> Self {
        Guard { function, gate: GateVault::installed(), kind: TokenKind::Access, max_age: None }
    }
}

impl<'g> Guard<'g> {
    /// A check by a gate on loan.
    pub fn with(function: &'static str, gate: &'g (impl AsGate + ?Sized)) -> Self {
        Guard { function, gate: Some(gate.as_gate()), kind: TokenKind::Access, max_age: None }
    }

    /// The same check, asking for a refresh token.
    #[must_use]
    pub fn refresh(self) -> Self {
        Guard { kind: TokenKind::Refresh, ..self }
    }

    /// The same check, asking for a token that was issued no more than `seconds` ago.
    #[must_use]
    pub fn max_age(self, seconds: u64) -> Self {
        Guard { max_age: Some(Duration::from_secs(seconds)), ..self }
    }

    /// Verifies the token and hands out the payload.
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

    /// Verifies the token and hands out a payload that may borrow from `text`.
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
        self.decide(source, text, P::from_verified).map_err(|denial| log(self.function, denial))
    }

    /// Verifies the token if there is one.
    ///
    /// # Errors
    ///
    /// The denial of a token that is there and not good, already logged.
    #[inline]
    pub fn verify_optional<P: for<'t> OptionalPayload<'t>>(
        self,
        source: &(impl TokenSource + ?Sized),
    ) -> Result<P, GuardError> {
        self.verify_optional_in(source, &mut TokenText::default())
    }

    /// Verifies the token if there is one, for a payload that may borrow from `text`.
    ///
    /// # Errors
    ///
    /// The denial of a token that is there and not good, already logged.
    #[inline]
    pub fn verify_optional_in<'t, P: OptionalPayload<'t>>(
        self,
        source: &(impl TokenSource + ?Sized),
        text: &'t mut TokenText,
    ) -> Result<P, GuardError> {
        match self.decide(source, text, |verified| P::from_verified_or_none(Some(verified))) {
            Err(GuardError::MissingToken) => {
                admitted(self.function, false);
                Ok(P::from_verified_or_none(None))
            }
            decided => decided.map_err(|denial| log(self.function, denial)),
        }
    }

    /// Verifies the token where nobody wants its payload.
    ///
    /// # Errors
    ///
    /// The denial, already logged.
    #[inline]
    pub fn admit(self, source: &(impl TokenSource + ?Sized)) -> Result<(), GuardError> {
        self.verify::<Anyone>(source).map(drop)
    }

    /// Verifies the token, and passes on what was verified: claims are large, and moved no oftener than they must.
    #[inline]
    fn decide<'t, C: FromClaims<'t>, P>(
        self,
        source: &(impl TokenSource + ?Sized),
        text: &'t mut TokenText,
        pass_on: impl FnOnce(Verified<C>) -> P,
    ) -> Result<P, GuardError> {
        let Some(gate) = self.gate else {
            return Err(GuardError::NotInstalled);
        };
        let verified = gate.verify(source, self.kind, text)?;
        if let Some(max_age) = self.max_age
            && !gate.is_fresh(&verified, max_age)?
        {
            return Err(Requirement::MaxAge(max_age).unmet());
        }
        // Before any other call: none is known not to write to where the verified claims are.
        let payload = pass_on(verified);
        admitted(self.function, true);
        Ok(payload)
    }
}

/// The denial of a verified caller who does not meet a requirement of the function.
#[cold]
#[must_use]
pub fn unmet(function: &'static str, requirement: Requirement) -> GuardError {
    log(function, requirement.unmet())
}

/// Tells the log of a caller who was let in. Not inlined: the event would be in every guarded function.
#[inline(never)]
fn admitted(function: &'static str, token: bool) {
    tracing::debug!(target: "gatevault", function, token, "verified");
}

#[cold]
fn log(function: &'static str, denial: GuardError) -> GuardError {
    let reason = denial.source().map(ToString::to_string);
    tracing::info!(target: "gatevault", function, %denial, reason, "denied");
    denial
}

/// The payload of a guard that takes calls without a token.
#[diagnostic::on_unimplemented(
    message = "with `optional`, the payload must be an `Option`",
    label = "not an `Option`, and a call without a token has no payload",
    note = "write `Option<{Self}>`"
)]
pub trait OptionalPayload<'t> {
    /// The claims that are read from a token that is there.
    type Claims: FromClaims<'t>;

    /// Takes what was verified, if anything was.
    fn from_verified_or_none(verified: Option<Verified<Self::Claims>>) -> Self;
}

impl<'t, P: FromVerified<'t>> OptionalPayload<'t> for Option<P> {
    type Claims = P::Claims;

    fn from_verified_or_none(verified: Option<Verified<P::Claims>>) -> Self {
        verified.map(P::from_verified)
    }
}

/// Claims of which only the subject is wanted, and only that there is one.
struct Anyone;

impl<'t> FromClaims<'t> for Anyone {
    fn read_claims<A: MapAccess<'t>>(claims: &mut ClaimReader<'t, '_, A>) -> Result<Self, A::Error> {
        while claims.next_name()?.is_some() {
            claims.skip()?;
        }
        claims.read_user_id().map(|_| Self)
    }
}
