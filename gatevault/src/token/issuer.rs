//! Other issuers whose tokens are accepted, such as Keycloak, Auth0 or a sister service.

use std::time::Duration;

use super::foreign::AccessRules;
use super::trusted::{
    AudienceRule, IssuerName, TokenProfile, TrustedIssuer, static_subject_claim, validate_not_empty,
};
use super::validation::Times;
use crate::error::ConfigError;
use crate::key::{Algorithm, KeyRing, TokenType};

/// Another issuer whose access tokens open guarded functions here, in addition to our own or instead of them.
///
/// Its tokens need no `type` claim and no `jti`, and have the user in `sub`. They must name this issuer in `iss` and us in
/// `aud` (RFC 8725 sections 3.8 and 3.9), because an issuer signs tokens for many services. ID tokens, refresh tokens and
/// logout tokens are refused; see [`any_kind`](Self::any_kind).
///
/// Several issuers may share keys: the `iss` of a token, and then its `aud`, choose the issuer by whose settings it is
/// validated.
///
/// # Security
///
/// Its users open the same functions as ours. To distinguish them in a guarded function, take a `Verified<_>` as the payload
/// and check [`foreign_issuer`](crate::Verified::foreign_issuer).
///
/// A token that says nothing of its kind counts as an access token, and some ID tokens differ only in their audience. Use an
/// audience that is this service and no client, or [`at_jwt`](Self::at_jwt). The guide has
/// [settings for each provider](crate::guide::other_issuers).
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
    is_multi_tenant: bool,
    keys: KeyRing,
    algorithms: Option<Vec<Algorithm>>,
    audiences: Vec<String>,
    audience_claims: Vec<(String, String)>,
    subject_claim: String,
    required_typ: Option<TokenType>,
    access: AccessRules,
    leeway: Option<Duration>,
    clock_skew: Option<Duration>,
    max_lifetime: Option<Duration>,
}

impl Issuer {
    /// Creates an issuer from its name, as in `iss`, and its keys.
    pub fn new(name: impl Into<String>, keys: impl Into<KeyRing>) -> Self {
        Self {
            name: name.into(),
            is_multi_tenant: false,
            keys: keys.into(),
            algorithms: None,
            audiences: Vec::new(),
            audience_claims: Vec::new(),
            subject_claim: "sub".to_owned(),
            required_typ: None,
            access: AccessRules::default(),
            leeway: None,
            clock_skew: None,
            max_lifetime: None,
        }
    }

    /// Creates an issuer with one name for each tenant. `name` has the claim of the tenant in braces, once.
    ///
    /// The tenant is one segment of letters, digits, `-`, `_`, `~` and `.`. If the token has the claim, it must have the same
    /// value. [`foreign_issuer`](crate::Verified::foreign_issuer) returns the name with the tenant.
    ///
    /// # Security
    ///
    /// Users of every tenant are accepted. Check the tenant in your guarded functions, or accept the tenants one by one:
    /// several [`Issuer::new`] may share keys. A name that is accepted exactly, or that is ours, is never that of a tenant.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::{GuardError, Issuer, KeyRing, Payload, TokenManager, protected};
    /// # use gatevault::VerifyingKey;
    ///
    /// # let keys = KeyRing::verifying([VerifyingKey::hs256("a secret of at least thirty-two bytes")?])?;
    /// let entra = Issuer::multi_tenant("https://login.microsoftonline.com/{tid}/v2.0", keys).audience("billing");
    /// let tokens = TokenManager::builder().accept(entra).build()?;
    ///
    /// #[protected(require = is_customer(&payload["tid"]))]
    /// fn invoices(payload: Payload) -> Result<(), GuardError> {
    ///     Ok(())
    /// }
    /// # fn is_customer(_: &serde_json::Value) -> bool { false }
    /// # Ok::<(), gatevault::Error>(())
    /// ```
    pub fn multi_tenant(name: impl Into<String>, keys: impl Into<KeyRing>) -> Self {
        Self { is_multi_tenant: true, ..Self::new(name, keys) }
    }

    /// Adds an audience that identifies us to this issuer; `aud` must contain one of those that were added. Required, unless
    /// [`audience_claim`](Self::audience_claim) is set.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// Adds a claim, with its value, that takes the place of `aud` in tokens without it, such as `client_id` in the access
    /// tokens of Amazon Cognito. After several calls, one of them must match. A token that has an `aud` must satisfy
    /// [`audience`](Self::audience).
    pub fn audience_claim(mut self, claim: impl Into<String>, value: impl Into<String>) -> Self {
        self.audience_claims.push((claim.into(), value.into()));
        self
    }

    /// Sets the only algorithms that are accepted. Default: those of the keys. An RSA key from a JWK without `alg` serves all
    /// of RS256 to PS512.
    pub fn algorithms(self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        Self { algorithms: Some(algorithms.into_iter().collect()), ..self }
    }

    /// Sets the name of the claim that identifies the user; `sub` unless set.
    pub fn subject_claim(self, name: impl Into<String>) -> Self {
        Self { subject_claim: name.into(), ..self }
    }

    /// Requires the header `"typ": "at+jwt"`, which issuers that follow RFC 9068 write.
    pub fn at_jwt(self) -> Self {
        Self { required_typ: Some(TokenType::AtJwt), ..self }
    }

    /// Sets how long after `exp` a token is still accepted. Default: the manager's [`leeway`].
    ///
    /// [`leeway`]: crate::token::TokenManagerBuilder::leeway
    pub fn leeway(self, leeway: Duration) -> Self {
        Self { leeway: Some(leeway), ..self }
    }

    /// Sets how far `iat`, `nbf` and `auth_time` may be ahead of our clock. Default: the manager's [`clock_skew`].
    ///
    /// [`clock_skew`]: crate::token::TokenManagerBuilder::clock_skew
    pub fn clock_skew(self, clock_skew: Duration) -> Self {
        Self { clock_skew: Some(clock_skew), ..self }
    }

    /// Sets how long an access token may live, from its `iat` to its `exp`. Default: 24 hours, or the manager's [`access_expiry`] if that
    /// is longer. Revocations are kept for as long.
    ///
    /// [`access_expiry`]: crate::token::TokenManagerBuilder::access_expiry
    pub fn max_lifetime(self, max_lifetime: Duration) -> Self {
        Self { max_lifetime: Some(max_lifetime), ..self }
    }

    /// Accepts tokens whose `type`, `typ` or `token_use` claim is `name`, besides `access`, `Bearer`, `at+jwt` and
    /// `access_token`: for an issuer with a word of its own for access tokens.
    pub fn access_type(mut self, name: impl Into<String>) -> Self {
        self.access.access_types.push(name.into());
        self
    }

    /// Accepts tokens that are bound to a key of their client (`cnf`, RFC 7800), such as `DPoP` tokens.
    ///
    /// # Security
    ///
    /// The binding is not verified here, so a thief can use a stolen token. Use it only behind a proxy that verifies the
    /// binding of every request.
    pub fn accept_bound(self) -> Self {
        Self { access: AccessRules { accept_bound: true, ..self.access }, ..self }
    }

    /// Accepts tokens of every kind, for an issuer whose clients send ID tokens by design.
    ///
    /// # Security
    ///
    /// ID tokens are often in browsers and logs, and anyone who runs the client has them. Refresh tokens in the form of a JWT
    /// are accepted too.
    pub fn any_kind(self) -> Self {
        Self { access: AccessRules { any_kind: true, ..self.access }, ..self }
    }

    /// Validates the settings for a manager with these limits on times.
    pub(super) fn into_trusted(self, default: Times) -> Result<TrustedIssuer, ConfigError> {
        if self.audiences.is_empty() && self.audience_claims.is_empty() {
            return Err(ConfigError::Missing {
                setting: "audience",
                needed_for: "an issuer signs tokens for many services, so call `Issuer::audience(..)` with the name of \
                             this one, or `Issuer::audience_claim(..)` if its tokens have no `aud`",
            });
        }
        validate_not_empty("Issuer::new", &self.name)?;
        self.audiences.iter().try_for_each(|audience| validate_not_empty("audience", audience))?;
        for part in self.audience_claims.iter().flat_map(|(claim, value)| [claim, value]) {
            validate_not_empty("audience_claim", part)?;
        }
        if self.algorithms.as_ref().is_some_and(Vec::is_empty) {
            return Err(ConfigError::EmptyText { setting: "algorithms" });
        }
        self.access.access_types.iter().try_for_each(|name| validate_not_empty("access_type", name))?;
        let subject_claim = static_subject_claim(&self.subject_claim)?;
        let times = Times {
            leeway: self.leeway.unwrap_or(default.leeway),
            clock_skew: self.clock_skew.unwrap_or(default.clock_skew),
            max_lifetime: self.max_lifetime.unwrap_or(default.max_lifetime),
        };
        times.validate_settings()?;
        Ok(TrustedIssuer {
            keys: self.keys,
            algorithms: self.algorithms,
            name: if self.is_multi_tenant {
                IssuerName::template(&self.name)?
            } else {
                IssuerName::Exact(self.name.into())
            },
            audience: AudienceRule { names: self.audiences, claims: self.audience_claims },
            subject_claim,
            required_typ: self.required_typ,
            times,
            profile: TokenProfile::ThirdParty(self.access),
        })
    }
}
