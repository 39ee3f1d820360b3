//! Whether the registered claims of a genuine token make it acceptable here and now (RFC 7519 section 4.1).

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use crate::claims::{Captured, Registered, TokenKind};
use crate::clock::Timestamp;
use crate::error::{InvalidReason, TokenError};
use crate::key::{KeyRing, TokenType};

/// One whose tokens a manager accepts: itself, or another issuer.
#[derive(Debug)]
pub(super) struct Party {
    pub(super) keys: KeyRing,
    pub(super) validation: Validation,
    pub(super) subject_claim: String,
}

/// Whose words a token is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Ours: `type` says what the token is for, and `jti` which one it is.
    Own,
    /// That of an issuer we never get refresh tokens of: whatever does not call itself one is an access token, and few claims
    /// are sure.
    Foreign,
}

/// What is demanded of a token besides its signature.
#[derive(Debug, Clone)]
pub(super) struct Validation {
    pub(super) dialect: Dialect,
    /// The type that the headers of access tokens must say, where it is not left open.
    pub(super) demanded: Option<TokenType>,
    pub(super) leeway: Duration,
    pub(super) issuer: Option<Arc<str>>,
    pub(super) audience: Option<String>,
}

impl Validation {
    /// Validates at the time `now`; expiry comes last, so that `Expired` means a token that was good.
    pub(super) fn validate(
        &self,
        token_type: TokenType,
        captured: &Captured<'_>,
        expected: Option<TokenKind>,
        now: Timestamp,
    ) -> Result<Registered, TokenError> {
        let kind = self.kind_of(captured)?;
        if let Some(expected) = expected.filter(|expected| *expected != kind) {
            return Err(InvalidReason::Kind { expected: expected.name() }.into());
        }
        if kind == TokenKind::Access && self.demanded.is_some_and(|demanded| demanded != token_type) {
            return Err(InvalidReason::Type.into());
        }
        let token_id = self.token_id(captured)?;
        let session_id = captured.sid.as_ref().map(|sid| not_empty(&sid.0, "sid")).transpose()?;
        self.validate_parties(captured)?;
        let [iat, nbf, auth_time] =
            [captured.iat, captured.nbf, captured.auth_time].map(|date| date.map(|date| date.0));
        let latest = now.after(self.leeway);
        for (claim, date) in [("nbf", nbf), ("iat", iat), ("auth_time", auth_time)] {
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
            authenticated_at: auth_time,
            kind,
            foreign_issuer: self.issuer.as_ref().filter(|_| self.dialect == Dialect::Foreign).cloned(),
        })
    }

    fn kind_of(&self, captured: &Captured<'_>) -> Result<TokenKind, InvalidReason> {
        let known = captured.kind.as_ref().map(|name| TokenKind::from_name(&name.0));
        match (self.dialect, known) {
            (Dialect::Own, None) => Err(missing("type")),
            (Dialect::Own, Some(kind)) => kind.ok_or_else(|| mistyped("type")),
            // Of a sister service, which exchanges it itself.
            (Dialect::Foreign, Some(Some(TokenKind::Refresh))) => {
                Err(InvalidReason::Kind { expected: TokenKind::Access.name() })
            }
            (Dialect::Foreign, _) => Ok(TokenKind::Access),
        }
    }

    fn token_id<'c>(&self, captured: &'c Captured<'_>) -> Result<&'c str, InvalidReason> {
        match &captured.jti {
            None if self.dialect == Dialect::Foreign => Ok(""),
            jti => not_empty(&required(jti.as_ref(), "jti")?.0, "jti"),
        }
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

fn required<T>(claim: Option<T>, name: &'static str) -> Result<T, InvalidReason> {
    claim.ok_or_else(|| missing(name))
}

/// An id that is nothing identifies nothing.
fn not_empty<'c>(id: &'c str, name: &'static str) -> Result<&'c str, InvalidReason> {
    if id.is_empty() { Err(mistyped(name)) } else { Ok(id) }
}

fn missing(name: &'static str) -> InvalidReason {
    InvalidReason::MissingClaim(Cow::Borrowed(name))
}

fn mistyped(name: &'static str) -> InvalidReason {
    InvalidReason::MistypedClaim(Cow::Borrowed(name))
}
