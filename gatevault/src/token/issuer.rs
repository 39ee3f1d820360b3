//! Other issuers whose tokens are accepted, such as Keycloak, Auth0 or a sister service.

use std::time::Duration;

use super::validation::{
    TokenProfile, TrustedIssuer, Validation, validate_not_empty, validate_subject_claim,
};
use crate::error::ConfigError;
use crate::key::{KeyRing, TokenType};

/// Another issuer whose access tokens open guarded functions here, in addition to our own or instead of them.
///
/// Its tokens need no `type` claim and no `jti`, and have the user in `sub`. They must name this issuer in `iss` and us in
/// `aud` (RFC 8725 sections 3.8 and 3.9), because an issuer signs tokens for many services, and ID tokens as well.
///
/// # Security
///
/// Its users open the same functions as ours. To distinguish them in a guarded function, take a `Verified<_>` as the payload
/// and check [`foreign_issuer`](crate::Verified::foreign_issuer).
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
#[must_use = "pass the issuer to `TokenManager::builder().accept(..)`"]
pub struct Issuer {
    name: String,
    keys: KeyRing,
    audience: Option<String>,
    subject_claim: String,
    required_typ: Option<TokenType>,
}

impl Issuer {
    /// Creates an issuer from its name, as in `iss`, and its keys.
    pub fn new(name: impl Into<String>, keys: impl Into<KeyRing>) -> Self {
        Self {
            name: name.into(),
            keys: keys.into(),
            audience: None,
            subject_claim: "sub".to_owned(),
            required_typ: None,
        }
    }

    /// Sets the audience that identifies us to this issuer: `aud` must contain it. Required.
    pub fn audience(self, audience: impl Into<String>) -> Self {
        Self { audience: Some(audience.into()), ..self }
    }

    /// Sets the name of the claim that identifies the user; `sub` unless set.
    pub fn subject_claim(self, name: impl Into<String>) -> Self {
        Self { subject_claim: name.into(), ..self }
    }

    /// Requires the header `"typ": "at+jwt"`, which issuers that follow RFC 9068 write.
    pub fn at_jwt(self) -> Self {
        Self { required_typ: Some(TokenType::AtJwt), ..self }
    }

    /// Validates the settings for a manager with this leeway.
    pub(super) fn into_trusted(self, leeway: Duration) -> Result<TrustedIssuer, ConfigError> {
        let audience = self.audience.ok_or(ConfigError::Missing {
            setting: "audience",
            needed_for: "an issuer signs tokens for many services, so call `Issuer::audience(..)` with the name of this one",
        })?;
        validate_not_empty("Issuer::new", &self.name)?;
        validate_not_empty("audience", &audience)?;
        validate_subject_claim(&self.subject_claim)?;
        Ok(TrustedIssuer {
            keys: self.keys,
            validation: Validation {
                profile: TokenProfile::ThirdParty,
                required_typ: self.required_typ,
                leeway,
                issuer: Some(self.name.into()),
                audience: Some(audience),
            },
            subject_claim: self.subject_claim,
        })
    }
}
