//! The issuers whose tokens a manager accepts: ourselves, and others.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::foreign::{AccessRules, ForeignClaims};
use super::validation::Times;
use crate::claims::{IssuedClaims, RESERVED, RawRegistered, Strings};
use crate::error::{ConfigError, InvalidReason, Mismatch, excerpt};
use crate::key::{Algorithm, KeyRing, TokenType};

/// An issuer whose tokens a manager accepts.
#[derive(Debug)]
pub(super) struct TrustedIssuer {
    pub(super) keys: KeyRing,
    /// The algorithms that are accepted, if the issuer names them.
    pub(super) algorithms: Option<Vec<Algorithm>>,
    pub(super) name: IssuerName,
    pub(super) audience: AudienceRule,
    pub(super) subject_claim: &'static str,
    /// The `typ` that the header of an access token must have, if it matters.
    pub(super) required_typ: Option<TokenType>,
    pub(super) times: Times,
    pub(super) profile: TokenProfile,
}

/// The rules for the claims that an issuer writes.
#[derive(Debug)]
pub(super) enum TokenProfile {
    /// Our own tokens: `type` and `jti` are required.
    FirstParty,
    /// Tokens of another issuer: few claims are certain to be there, and only access tokens are accepted.
    ThirdParty(AccessRules),
}

/// The name of an issuer, as in `iss`.
#[derive(Debug)]
pub(super) enum IssuerName {
    /// Our tokens need no name.
    Any,
    Exact(Arc<str>),
    /// One name for each tenant: `prefix`, the tenant, `suffix`. If the token has the claim, it must be the tenant.
    Template {
        prefix: String,
        claim: String,
        suffix: String,
    },
}

/// The exactness of an issuer's name. Of several issuers that a token may mean, the most exact one is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exactness {
    Any,
    Template,
    Exact,
}

/// The audiences that identify us to an issuer.
#[derive(Debug, Default)]
pub(super) struct AudienceRule {
    /// The accepted values of `aud`.
    pub(super) names: Vec<String>,
    /// For tokens without `aud`: claims with an accepted value each.
    pub(super) claims: Vec<(String, String)>,
}

impl TrustedIssuer {
    /// Returns whether the issuer is another one than ourselves.
    pub(super) fn is_foreign(&self) -> bool {
        matches!(self.profile, TokenProfile::ThirdParty(_))
    }

    /// Returns how long a token that is accepted now can be accepted at most: an access token, or a refresh token of our own.
    pub(super) fn longest_lifetime(&self, refresh_expiry: Duration) -> Duration {
        if self.is_foreign() {
            return self.times.longest();
        }
        Times { max_lifetime: self.times.max_lifetime.max(refresh_expiry), ..self.times }.longest()
    }

    /// Writes our name and our audience into the claims of a new token.
    pub(super) fn with_parties<'i>(&'i self, issued: IssuedClaims<'i>) -> IssuedClaims<'i> {
        let audience = self.audience.names.first().map(String::as_str);
        IssuedClaims { issuer: self.name.as_str(), audience, ..issued }
    }

    /// Returns how exactly the issuer names itself.
    pub(super) fn exactness(&self) -> Exactness {
        match self.name {
            IssuerName::Any => Exactness::Any,
            IssuerName::Template { .. } => Exactness::Template,
            IssuerName::Exact(_) => Exactness::Exact,
        }
    }

    /// Returns the `iss` of a token of our own key, if we have no name: it is that of the service that created it.
    #[inline]
    pub(super) fn unconfigured_name<'r>(&self, raw: &'r RawRegistered<'_>) -> Option<&'r str> {
        let iss = raw.iss.as_ref().filter(|_| matches!(self.name, IssuerName::Any))?;
        Some(&*iss.0)
    }

    /// Returns whether this is another issuer whose tokens can have this `iss`.
    pub(super) fn is_named(&self, iss: &str) -> bool {
        self.is_foreign() && self.name.matches(Some(iss), None)
    }

    /// Returns whether tokens of this issuer may have the algorithm.
    pub(super) fn allows(&self, algorithm: Algorithm) -> bool {
        self.algorithms.as_ref().is_none_or(|allowed| allowed.contains(&algorithm))
    }

    /// Validates `iss` and `aud`.
    pub(super) fn validate_parties(
        &self,
        raw: &RawRegistered<'_>,
        foreign: Option<&ForeignClaims<'_>>,
    ) -> Result<(), InvalidReason> {
        let issuer = raw.iss.as_ref().map(|iss| &*iss.0);
        let string = |name: &str| foreign.and_then(|claims| claims.string(name));
        if !self.name.matches(issuer, foreign) {
            return Err(wrong_issuer(issuer, [self]));
        }
        let accepted = match &raw.aud {
            Some(aud) => self.audience.names.iter().any(|ours| aud.contains(ours)),
            // A token without an audience is accepted if another claim takes its place, or if none is configured.
            None => self.audience.accepts_absent(string),
        };
        if accepted { Ok(()) } else { Err(self.wrong_audience(raw, string)) }
    }

    /// Returns whether the audience of an unverified token fits. It orders the issuers to try, and decides nothing.
    pub(super) fn is_audience(&self, claims: &ForeignClaims<'_>) -> bool {
        match claims.audience() {
            Some(aud) => self.audience.names.iter().any(|ours| aud.contains(ours)),
            None => self.audience.accepts_absent(|name| claims.string(name)),
        }
    }

    #[cold]
    fn wrong_audience<'c>(
        &self,
        raw: &RawRegistered<'_>,
        string: impl Fn(&str) -> Option<&'c str>,
    ) -> InvalidReason {
        let set_by = if self.is_foreign() { "Issuer::audience" } else { "TokenManagerBuilder::audience" };
        let mismatch = match (&raw.aud, self.audience.claims.first()) {
            (None, Some((claim, _))) => Mismatch {
                claim: claim.clone(),
                found: string(claim).map(excerpt).into_iter().collect(),
                accepted: self.audience.claims.iter().map(|(_, value)| value.clone()).collect(),
                set_by: "Issuer::audience_claim",
            },
            (None, None) if self.is_foreign() => Mismatch {
                claim: "aud".to_owned(),
                found: Vec::new(),
                accepted: self.audience.names.clone(),
                set_by: "Issuer::audience_claim",
            },
            (aud, _) => Mismatch {
                claim: "aud".to_owned(),
                found: aud.iter().flat_map(Strings::iter).map(excerpt).collect(),
                accepted: self.audience.names.clone(),
                set_by,
            },
        };
        InvalidReason::Audience(Box::new(mismatch))
    }
}

impl AudienceRule {
    fn accepts_absent<'c>(&self, string: impl Fn(&str) -> Option<&'c str>) -> bool {
        if self.claims.is_empty() {
            return self.names.is_empty();
        }
        self.claims.iter().any(|(claim, value)| string(claim) == Some(value))
    }
}

impl IssuerName {
    /// Returns whether `iss` is this name, and agrees with the claim of the tenant if the other claims are known.
    #[inline]
    pub(super) fn matches(&self, iss: Option<&str>, claims: Option<&ForeignClaims<'_>>) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(name) => iss == Some(name),
            Self::Template { claim, .. } => {
                let tenant = iss.and_then(|iss| self.tenant(iss));
                tenant.is_some_and(|tenant| claims.is_none_or(|claims| claims.agrees(claim, tenant)))
            }
        }
    }

    /// Returns the tenant in an `iss` that has the form of the template: one segment of unreserved characters (RFC 3986
    /// section 2.3).
    fn tenant<'i>(&self, iss: &'i str) -> Option<&'i str> {
        let Self::Template { prefix, suffix, .. } = self else { return None };
        let tenant = iss.strip_prefix(prefix.as_str())?.strip_suffix(suffix.as_str())?;
        let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~.".contains(&byte);
        (tenant.bytes().all(is_unreserved) && !tenant.bytes().all(|byte| byte == b'.')).then_some(tenant)
    }

    /// Reads a name with one `{claim}`.
    pub(super) fn template(name: &str) -> Result<Self, ConfigError> {
        let parts = || {
            let (prefix, rest) = name.split_once('{')?;
            let (claim, suffix) = rest.split_once('}')?;
            let is_one = !claim.is_empty() && ![prefix, claim, suffix].concat().contains(['{', '}']);
            is_one.then(|| [prefix, claim, suffix].map(str::to_owned))
        };
        let [prefix, claim, suffix] =
            parts().ok_or_else(|| ConfigError::NoPlaceholder { name: name.to_owned() })?;
        Ok(Self::Template { prefix, claim, suffix })
    }

    /// Returns the one name of the issuer, if it has one.
    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Exact(name) => Some(name),
            Self::Any | Self::Template { .. } => None,
        }
    }

    /// Returns the name for errors.
    fn shown(&self) -> Option<String> {
        match self {
            Self::Any => None,
            Self::Exact(name) => Some((**name).to_owned()),
            Self::Template { prefix, claim, suffix } => Some(format!("{prefix}{{{claim}}}{suffix}")),
        }
    }
}

/// Returns the error for an `iss` that none of the issuers has.
#[cold]
pub(super) fn wrong_issuer<'i>(
    iss: Option<&str>,
    issuers: impl IntoIterator<Item = &'i TrustedIssuer>,
) -> InvalidReason {
    let (mut accepted, mut set_by) = (Vec::new(), "TokenManagerBuilder::issuer");
    for issuer in issuers {
        accepted.extend(issuer.name.shown());
        if issuer.is_foreign() {
            set_by = "Issuer::new";
        }
    }
    let found = iss.map(excerpt).into_iter().collect();
    InvalidReason::Issuer(Box::new(Mismatch { claim: "iss".to_owned(), found, accepted, set_by }))
}

/// Validates the `subject_claim` setting of a manager or an issuer, and returns the name as a static one.
///
/// Each name is kept once, until the process ends: the events of a call need it when the manager may be gone.
pub(super) fn static_subject_claim(name: &str) -> Result<&'static str, ConfigError> {
    static NAMES: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
    validate_not_empty("subject_claim", name)?;
    if RESERVED.contains(&name) {
        return Err(ConfigError::ReservedSubject { name: name.to_owned() });
    }
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.iter().find(|known| **known == name) {
        return Ok(known);
    }
    let kept: &'static str = Box::leak(name.into());
    names.push(kept);
    Ok(kept)
}

/// Returns an error for a setting that is an empty string.
pub(super) fn validate_not_empty(setting: &'static str, value: &str) -> Result<(), ConfigError> {
    if value.is_empty() { Err(ConfigError::EmptyText { setting }) } else { Ok(()) }
}
