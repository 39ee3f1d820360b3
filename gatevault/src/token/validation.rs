//! Whether the registered claims of a genuine token make it acceptable here and now (RFC 7519 section 4.1).

use std::borrow::Cow;
use std::time::Duration;

use crate::claims::{Captured, Registered, TokenKind};
use crate::clock::Timestamp;
use crate::error::{InvalidReason, TokenError};

/// What a manager demands of the registered claims.
#[derive(Debug, Clone)]
pub(super) struct Validation {
    pub(super) leeway: Duration,
    pub(super) issuer: Option<String>,
    pub(super) audience: Option<String>,
}

impl Validation {
    /// Validates at the time `now`; expiry comes last, so that `Expired` means a token that was good.
    pub(super) fn validate(
        &self,
        captured: &Captured<'_>,
        expected: Option<TokenKind>,
        now: Timestamp,
    ) -> Result<Registered, TokenError> {
        let kind = kind_of(captured, expected)?;
        let token_id = not_empty(&required(captured.jti.as_ref(), "jti")?.0, "jti")?;
        let session_id = captured.sid.as_ref().map(|sid| not_empty(&sid.0, "sid")).transpose()?;
        self.validate_parties(captured)?;
        let (iat, nbf) = (captured.iat.map(|date| date.0), captured.nbf.map(|date| date.0));
        let latest = now.after(self.leeway);
        for (claim, date) in [("nbf", nbf), ("iat", iat)] {
            if date.is_some_and(|date| date > latest) {
                return Err(InvalidReason::NotYetValid { claim }.into());
            }
        }
        let expires_at = required(captured.exp.as_ref(), "exp")?.0;
        if now >= expires_at.after(self.leeway) {
            return Err(TokenError::Expired);
        }
        Ok(Registered {
            expires_at,
            issued_at: iat,
            token_id: token_id.into(),
            session_id: session_id.map(Into::into),
            kind,
        })
    }

    fn validate_parties(&self, captured: &Captured<'_>) -> Result<(), InvalidReason> {
        let issuer = captured.iss.as_ref().map(|iss| iss.0.as_ref());
        if self.issuer.is_some() && issuer != self.issuer.as_deref() {
            return Err(InvalidReason::Issuer);
        }
        let accepted = match (&captured.aud, &self.audience) {
            (Some(aud), Some(ours)) => aud.names(ours),
            (None, None) => true,
            // A token for somebody, when nobody said who we are; or for nobody, when we are somebody.
            (Some(_), None) | (None, Some(_)) => false,
        };
        if accepted { Ok(()) } else { Err(InvalidReason::Audience) }
    }
}

fn kind_of(captured: &Captured<'_>, expected: Option<TokenKind>) -> Result<TokenKind, InvalidReason> {
    let name = required(captured.kind.as_ref(), "type")?;
    let kind = TokenKind::from_name(&name.0).ok_or(InvalidReason::MistypedClaim(Cow::Borrowed("type")))?;
    match expected {
        Some(expected) if expected != kind => Err(InvalidReason::Kind { expected: expected.name() }),
        _ => Ok(kind),
    }
}

fn required<T>(claim: Option<T>, name: &'static str) -> Result<T, InvalidReason> {
    claim.ok_or(InvalidReason::MissingClaim(Cow::Borrowed(name)))
}

/// An id that is nothing identifies nothing.
fn not_empty<'c>(id: &'c str, name: &'static str) -> Result<&'c str, InvalidReason> {
    if id.is_empty() { Err(InvalidReason::MistypedClaim(Cow::Borrowed(name))) } else { Ok(id) }
}
