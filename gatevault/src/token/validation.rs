//! Validation of a token's registered claims (RFC 7519 section 4.1), after its signature was verified.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use super::foreign::ForeignClaims;
use super::trusted::{IssuerName, TokenProfile, TrustedIssuer};
use crate::claims::{Authentication, RawRegistered, Registered, TokenKind};
use crate::clock::Timestamp;
use crate::error::{ConfigError, DecodeReason, InvalidReason, Segment, TokenError};
use crate::key::TokenType;

/// The limits on the times in an issuer's tokens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    /// The time after `exp` in which a token is still accepted.
    pub(super) leeway: Duration,
    /// The time by which `iat`, `nbf` and `auth_time` may be ahead of our clock.
    pub(super) clock_skew: Duration,
    /// The longest lifetime of an access token, and so the time for which a revocation is kept.
    pub(super) max_lifetime: Duration,
}

impl Times {
    /// Validates the settings. The longest lifetime has no upper bound: a revocation is then kept for as long.
    pub(super) fn validate_settings(&self) -> Result<(), ConfigError> {
        let day = Duration::from_hours(24);
        ConfigError::within("leeway", self.leeway, Duration::ZERO, day)?;
        ConfigError::within("clock_skew", self.clock_skew, Duration::ZERO, day)?;
        ConfigError::within("max_lifetime", self.max_lifetime, Duration::from_secs(1), Duration::MAX)
    }

    /// Returns how long from now a token that exists now can be accepted at most. Its `iat` may be ahead by the clock skew,
    /// and its lifetime longer by as much.
    pub(super) fn longest(&self) -> Duration {
        let skews = self.clock_skew.saturating_mul(2);
        self.max_lifetime.saturating_add(skews).saturating_add(self.leeway)
    }

    /// Returns an error for an access token that can outlive its revocation. `begins_at` is its `iat`, or else its `nbf`.
    ///
    /// The lifetime counts from now if that is earlier, and does not shrink as the token grows old: the revocation of a token
    /// that lives for a month would be dropped before its last day. The clock of the issuer may be ahead by the clock skew.
    pub(super) fn validate_lifetime(
        &self,
        begins_at: Option<Timestamp>,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), InvalidReason> {
        let begins_at = begins_at.map_or(now, |begins_at| begins_at.min(now));
        if expires_at <= begins_at.after(self.max_lifetime).after(self.clock_skew) {
            return Ok(());
        }
        let lifetime = expires_at.time_since(begins_at);
        Err(InvalidReason::TooLongLived { lifetime, limit: self.max_lifetime })
    }
}

impl TrustedIssuer {
    /// Validates the registered claims of `json` at the time `now`.
    ///
    /// Expiry is checked last, so that `Expired` means that the token was otherwise valid.
    #[inline]
    pub(super) fn validate(
        &self,
        token_type: TokenType,
        json: &str,
        raw: &RawRegistered<'_>,
        expected: Option<TokenKind>,
        now: Timestamp,
    ) -> Result<Registered, TokenError> {
        if self.is_foreign() {
            return self.validate_with(token_type, raw, Some(&read_foreign(json)?), expected, now);
        }
        self.validate_with(token_type, raw, None, expected, now)
    }

    fn validate_with(
        &self,
        token_type: TokenType,
        raw: &RawRegistered<'_>,
        foreign: Option<&ForeignClaims<'_>>,
        expected: Option<TokenKind>,
        now: Timestamp,
    ) -> Result<Registered, TokenError> {
        let kind = self.kind_of(token_type, raw, foreign)?;
        if let Some(expected) = expected.filter(|expected| *expected != kind) {
            return Err(InvalidReason::Kind { expected: expected.name() }.into());
        }
        if kind == TokenKind::Access && self.required_typ.is_some_and(|required| required != token_type) {
            return Err(InvalidReason::Type.into());
        }
        let [token_id, session_id] = self.ids(raw)?;
        self.validate_parties(raw, foreign)?;
        let [iat, nbf, auth_time] = [raw.iat, raw.nbf, raw.auth_time].map(|date| date.map(|date| date.0));
        // The order of `Option` is that of the times, with `None` first.
        if nbf.max(iat).max(auth_time) > Some(now.after(self.times.clock_skew)) {
            let times = [("nbf", nbf), ("iat", iat), ("auth_time", auth_time)];
            return Err(self.not_yet_valid(times, now).into());
        }
        let expires_at = raw.exp.as_ref().ok_or_else(|| missing("exp"))?.0;
        if kind == TokenKind::Access {
            self.times.validate_lifetime(iat.or(nbf), expires_at, now)?;
        }
        if now >= expires_at.after(self.times.leeway) {
            return Err(TokenError::Expired);
        }
        Ok(Registered {
            expires_at,
            issued_at: iat,
            token_id: token_id.map(Into::into),
            session_id: session_id.map(Into::into),
            authenticated_at: auth_time,
            has_unreadable_login: raw.is_unexpected("auth_time"),
            authentication: Authentication::of(raw, self.service_in(raw)),
            kind,
            foreign_issuer: self.is_foreign().then(|| self.name_in(raw)).flatten(),
        })
    }

    /// Returns the error for the first of these times that is too far ahead of our clock.
    #[cold]
    fn not_yet_valid(&self, times: [(&'static str, Option<Timestamp>); 3], now: Timestamp) -> InvalidReason {
        let limit = self.times.clock_skew;
        let first = times.into_iter().find(|(_, time)| *time > Some(now.after(limit)));
        let (claim, time) = first.unwrap_or_default();
        InvalidReason::NotYetValid { claim, ahead: time.unwrap_or(now).time_since(now), limit }
    }

    /// Returns the kind of the token, as its `type` claim and the profile say.
    fn kind_of(
        &self,
        token_type: TokenType,
        raw: &RawRegistered<'_>,
        foreign: Option<&ForeignClaims<'_>>,
    ) -> Result<TokenKind, InvalidReason> {
        if let (TokenProfile::ThirdParty(rules), Some(claims)) = (&self.profile, foreign) {
            return rules.check(token_type, claims).map(|()| TokenKind::Access);
        }
        let name = raw.kind.as_ref().ok_or_else(|| missing("type"))?;
        TokenKind::from_name(&name.0).ok_or_else(|| mistyped("type"))
    }

    /// Returns the `jti` and the `sid`. In our own tokens `jti` is required, and an empty id is an error: it identifies
    /// nothing. In other tokens it counts as absent.
    pub(super) fn ids<'c>(&self, raw: &'c RawRegistered<'_>) -> Result<[Option<&'c str>; 2], InvalidReason> {
        let ids = [&raw.jti, &raw.sid].map(|id| id.as_ref().map(|id| &*id.0));
        if self.is_foreign() {
            return Ok(ids.map(|id| id.filter(|id| !id.is_empty())));
        }
        match ids {
            [None, _] => Err(missing("jti")),
            [Some(""), _] => Err(mistyped("jti")),
            [_, Some("")] => Err(mistyped("sid")),
            ids => Ok(ids),
        }
    }

    /// Returns the service that created a token of our own key, if we have no name.
    #[inline]
    fn service_in<'r>(&self, raw: &'r RawRegistered<'_>) -> Option<&'r str> {
        self.unconfigured_name(raw).filter(|_| !self.is_foreign())
    }

    /// Returns the name of the issuer in a token whose `iss` was validated.
    fn name_in(&self, raw: &RawRegistered<'_>) -> Option<Arc<str>> {
        match &self.name {
            IssuerName::Exact(name) => Some(name.clone()),
            _ => raw.iss.as_ref().map(|iss| (*iss.0).into()),
        }
    }
}

fn read_foreign(json: &str) -> Result<ForeignClaims<'_>, TokenError> {
    ForeignClaims::read(json).ok_or(TokenError::Decode(DecodeReason::Json(Segment::Claims)))
}

pub(super) fn missing(name: &'static str) -> InvalidReason {
    InvalidReason::MissingClaim(Cow::Borrowed(name))
}

fn mistyped(name: &'static str) -> InvalidReason {
    InvalidReason::MistypedClaim(Cow::Borrowed(name))
}
