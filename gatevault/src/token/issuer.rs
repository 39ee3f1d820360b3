//! Who else's tokens are accepted: an issuer with keys of its own, such as Keycloak, Auth0 or a sister service.

use std::time::Duration;

use super::builder::{judge_subject, judge_text};
use super::validation::{Dialect, Party, Validation};
use crate::error::ConfigError;
use crate::key::{KeyRing, TokenType};

/// An issuer whose access tokens open guarded functions here, beside our own or in their place.
///
/// Its tokens need no `type` claim, no `jti`, and have the user in `sub`. They must name this issuer in `iss` and us in
/// `aud` (RFC 8725 sections 3.8 and 3.9): an issuer signs for many services, and ID tokens too.
///
/// # Security
///
/// Its users open what ours do. Where a guard is to tell them apart, its payload is a `Verified<_>`, and
/// [`foreign_issuer`](crate::Verified::foreign_issuer) says whose the caller is.
///
/// # Examples
///
/// ```
/// use gatevault::{Issuer, KeyRing, TokenManager, VerifyingKey};
///
/// let keys = KeyRing::verifying([VerifyingKey::hs256("a secret of at least thirty-two bytes")?])?;
/// let partner = Issuer::new("https://id.partner.example", keys).audience("billing");
/// let tokens = TokenManager::builder().accept(partner).build()?;
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "an issuer is accepted by `TokenManager::builder().accept(..)`"]
pub struct Issuer {
    name: String,
    keys: KeyRing,
    audience: Option<String>,
    subject_claim: String,
    demanded: Option<TokenType>,
}

impl Issuer {
    /// An issuer that calls itself `name` in `iss`, and the keys it signs with.
    pub fn new(name: impl Into<String>, keys: impl Into<KeyRing>) -> Self {
        Self {
            name: name.into(),
            keys: keys.into(),
            audience: None,
            subject_claim: "sub".to_owned(),
            demanded: None,
        }
    }

    /// Who we are to this issuer: what must be in `aud`. It has no default.
    pub fn audience(self, audience: impl Into<String>) -> Self {
        Self { audience: Some(audience.into()), ..self }
    }

    /// The name of the claim that says who the user is; `sub` unless set.
    pub fn subject_claim(self, name: impl Into<String>) -> Self {
        Self { subject_claim: name.into(), ..self }
    }

    /// Refuses tokens whose header does not say `at+jwt`: what an issuer writes that follows RFC 9068.
    pub fn at_jwt(self) -> Self {
        Self { demanded: Some(TokenType::AtJwt), ..self }
    }

    /// As one whose tokens a manager accepts, if that can work.
    pub(super) fn into_party(self, leeway: Duration) -> Result<Party, ConfigError> {
        let audience = self.audience.ok_or(ConfigError::Missing {
            setting: "audience",
            needed_for: "an issuer signs for many, and who we are to it is known by `Issuer::audience(..)` alone",
        })?;
        judge_text("Issuer::new", &self.name)?;
        judge_text("audience", &audience)?;
        judge_subject(&self.subject_claim)?;
        Ok(Party {
            keys: self.keys,
            validation: Validation {
                dialect: Dialect::Foreign,
                demanded: self.demanded,
                leeway,
                issuer: Some(self.name.into()),
                audience: Some(audience),
            },
            subject_claim: self.subject_claim,
        })
    }
}
