//! Validation of a token's registered claims (RFC 7519 section 4.1), after its signature was verified.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use crate::claims::{Authentication, RESERVED, RawRegistered, Registered, TokenKind};
use crate::clock::Timestamp;
use crate::error::{ConfigError, InvalidReason, TokenError};
use crate::key::{KeyRing, TokenType};

/// An issuer whose tokens a manager accepts: the manager itself, or another issuer.
#[derive(Debug)]
pub(super) struct TrustedIssuer {
    pub(super) keys: KeyRing,
    pub(super) validation: Validation,
    pub(super) subject_claim: String,
}

/// The set of registered claims that an issuer writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenProfile {
    /// Our own tokens: `type` and `jti` are required.
    FirstParty,
    /// Tokens of another issuer: few claims are certain to be there. They count as access tokens unless `type` is `refresh`.
    ThirdParty,
}

/// The requirements on an issuer's tokens besides the signature.
#[derive(Debug, Clone)]
pub(super) struct Validation {
    pub(super) profile: TokenProfile,
    /// The `typ` that the header of an access token must have, if it matters.
    pub(super) required_typ: Option<TokenType>,
    pub(super) leeway: Duration,
    pub(super) issuer: Option<Arc<str>>,
    pub(super) audience: Option<String>,
}

impl Validation {
    /// Validates the registered claims at the time `now`.
    ///
    /// Expiry is checked last, so that `Expired` means that the token was otherwise valid.
    pub(super) fn validate(
        &self,
        token_type: TokenType,
        raw: &RawRegistered<'_>,
        expected: Option<TokenKind>,
        now: Timestamp,
    ) -> Result<Registered, TokenError> {
        let kind = self.kind_of(raw)?;
        if let Some(expected) = expected.filter(|expected| *expected != kind) {
            return Err(InvalidReason::Kind { expected: expected.name() }.into());
        }
        if kind == TokenKind::Access && self.required_typ.is_some_and(|required| required != token_type) {
            return Err(InvalidReason::Type.into());
        }
        let token_id = self.token_id(raw)?;
        let session_id = raw.sid.as_ref().map(|sid| not_empty(&sid.0, "sid")).transpose()?;
        self.validate_issuer_and_audience(raw)?;
        let [iat, nbf, auth_time] = [raw.iat, raw.nbf, raw.auth_time].map(|date| date.map(|date| date.0));
        let latest = now.after(self.leeway);
        for (claim, date) in [("nbf", nbf), ("iat", iat), ("auth_time", auth_time)] {
            if date.is_some_and(|date| date > latest) {
                return Err(InvalidReason::NotYetValid { claim }.into());
            }
        }
        let expires_at = required(raw.exp.as_ref(), "exp")?.0;
        if now >= expires_at.after(self.leeway) {
            return Err(TokenError::Expired);
        }
        Ok(Registered {
            expires_at,
            issued_at: iat,
            token_id: token_id.into(),
            session_id: session_id.map(Into::into),
            authenticated_at: auth_time,
            authentication: Authentication::of(raw),
            kind,
            foreign_issuer: self
                .issuer
                .as_ref()
                .filter(|_| self.profile == TokenProfile::ThirdParty)
                .cloned(),
        })
    }

    /// Returns the kind of the token, as its `type` claim and the profile say.
    fn kind_of(&self, raw: &RawRegistered<'_>) -> Result<TokenKind, InvalidReason> {
        let known = raw.kind.as_ref().map(|name| TokenKind::from_name(&name.0));
        match (self.profile, known) {
            (TokenProfile::FirstParty, None) => Err(missing("type")),
            (TokenProfile::FirstParty, Some(kind)) => kind.ok_or_else(|| mistyped("type")),
            // A sister service also signs refresh tokens. Only that service may exchange them.
            (TokenProfile::ThirdParty, Some(Some(TokenKind::Refresh))) => {
                Err(InvalidReason::Kind { expected: TokenKind::Access.name() })
            }
            (TokenProfile::ThirdParty, _) => Ok(TokenKind::Access),
        }
    }

    /// Returns the `jti`, which is optional for other issuers and then empty.
    fn token_id<'c>(&self, raw: &'c RawRegistered<'_>) -> Result<&'c str, InvalidReason> {
        match &raw.jti {
            None if self.profile == TokenProfile::ThirdParty => Ok(""),
            jti => not_empty(&required(jti.as_ref(), "jti")?.0, "jti"),
        }
    }

    /// Validates `iss` and `aud`.
    fn validate_issuer_and_audience(&self, raw: &RawRegistered<'_>) -> Result<(), InvalidReason> {
        let issuer = raw.iss.as_ref().map(|iss| iss.0.as_ref());
        if self.issuer.is_some() && issuer != self.issuer.as_deref() {
            return Err(InvalidReason::Issuer);
        }
        let accepted = match (&raw.aud, &self.audience) {
            (Some(aud), Some(ours)) => aud.contains(ours),
            (None, None) => true,
            // A token for an audience while none is configured, or a token without an audience while one is.
            (Some(_), None) | (None, Some(_)) => false,
        };
        if accepted { Ok(()) } else { Err(InvalidReason::Audience) }
    }
}

/// Validates the `subject_claim` setting of a manager or an issuer.
pub(super) fn validate_subject_claim(name: &str) -> Result<(), ConfigError> {
    validate_not_empty("subject_claim", name)?;
    if RESERVED.contains(&name) {
        return Err(ConfigError::ReservedSubject { name: name.to_owned() });
    }
    Ok(())
}

/// Returns an error for a setting that is an empty string.
pub(super) fn validate_not_empty(setting: &'static str, value: &str) -> Result<(), ConfigError> {
    if value.is_empty() { Err(ConfigError::EmptyText { setting }) } else { Ok(()) }
}

/// Returns the claim, or the error for a missing one.
fn required<T>(claim: Option<T>, name: &'static str) -> Result<T, InvalidReason> {
    claim.ok_or_else(|| missing(name))
}

/// Returns the id, or an error if it is empty: an empty id identifies nothing.
fn not_empty<'c>(id: &'c str, name: &'static str) -> Result<&'c str, InvalidReason> {
    if id.is_empty() { Err(mistyped(name)) } else { Ok(id) }
}

fn missing(name: &'static str) -> InvalidReason {
    InvalidReason::MissingClaim(Cow::Borrowed(name))
}

fn mistyped(name: &'static str) -> InvalidReason {
    InvalidReason::MistypedClaim(Cow::Borrowed(name))
}
