//! Builds and validates a `TokenManager`.

use std::fmt;
use std::time::Duration;

use super::revocation::Revocations;
use super::settings::Settings;
use super::signature_cache::SignatureCache;
use super::validation::{
    TokenProfile, TrustedIssuer, Validation, validate_not_empty, validate_subject_claim,
};
use super::{Issuer, TokenManager};
use crate::clock::{Clock, SystemClock};
use crate::error::{ConfigError, Warning};
use crate::key::{KeyRing, SigningKey, TokenType, VerifyingKey};

/// A builder of a [`TokenManager`]. Every setting except the key has a default.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use gatevault::TokenManager;
///
/// let tokens = TokenManager::builder()
///     .secret("a secret of at least thirty-two bytes")
///     .access_expiry(Duration::from_secs(5 * 60))
///     .issuer("https://id.example")
///     .audience("billing")
///     .build()?;
/// # Ok::<(), gatevault::Error>(())
/// ```
#[must_use = "call `build()` to create the manager"]
pub struct TokenManagerBuilder {
    /// An invalid secret is an error of `build`, which validates all settings.
    secret: Option<Result<SigningKey, ConfigError>>,
    key: Option<SigningKey>,
    key_ring: Option<KeyRing>,
    issuers: Vec<Issuer>,
    access_expiry: Duration,
    refresh_expiry: Duration,
    leeway: Duration,
    issuer: Option<String>,
    audience: Option<String>,
    subject_claim: Option<String>,
    required_typ: Option<TokenType>,
    max_token_bytes: usize,
    cached_signatures: Option<usize>,
    clock: Box<dyn Clock>,
    short_key: ShortKey,
}

/// The reaction to an HMAC secret that is shorter than its hash.
#[derive(Clone, Copy)]
enum ShortKey {
    Warn,
    Deny,
}

impl Default for TokenManagerBuilder {
    fn default() -> Self {
        Self {
            secret: None,
            key: None,
            key_ring: None,
            issuers: Vec::new(),
            access_expiry: Duration::from_mins(15),
            refresh_expiry: Duration::from_hours(7 * 24),
            leeway: Duration::ZERO,
            issuer: None,
            audience: None,
            subject_claim: None,
            required_typ: None,
            max_token_bytes: 8 * 1024,
            cached_signatures: None,
            clock: Box::new(SystemClock),
            short_key: ShortKey::Warn,
        }
    }
}

impl TokenManagerBuilder {
    /// Sets the shared secret of HS256; [`generate_secret`](crate::generate_secret) creates one. The bytes are not kept.
    pub fn secret(self, secret: impl AsRef<[u8]>) -> Self {
        Self { secret: Some(SigningKey::hs256(secret)), ..self }
    }

    /// Sets the key to sign and verify with, if it is not an HS256 secret.
    pub fn key(self, key: SigningKey) -> Self {
        Self { key: Some(key), ..self }
    }

    /// Sets the keys to sign and verify with, if there are several or they change.
    pub fn key_ring(self, key_ring: KeyRing) -> Self {
        Self { key_ring: Some(key_ring), ..self }
    }

    /// Accepts the access tokens of another issuer too. Call it once for each issuer.
    ///
    /// A manager with issuers and without a key of its own verifies tokens but cannot create them.
    pub fn accept(mut self, issuer: Issuer) -> Self {
        self.issuers.push(issuer);
        self
    }

    /// Sets how long an access token lives; 15 minutes unless set. Fractions of a second are ignored.
    pub fn access_expiry(self, access_expiry: Duration) -> Self {
        Self { access_expiry, ..self }
    }

    /// Sets how long a refresh token lives; 7 days unless set. Fractions of a second are ignored.
    pub fn refresh_expiry(self, refresh_expiry: Duration) -> Self {
        Self { refresh_expiry, ..self }
    }

    /// Sets how far the clocks of the nodes that create and verify tokens may differ; zero unless set.
    pub fn leeway(self, leeway: Duration) -> Self {
        Self { leeway, ..self }
    }

    /// Sets our name as an issuer: written as `iss`, and required in every token.
    pub fn issuer(self, issuer: impl Into<String>) -> Self {
        Self { issuer: Some(issuer.into()), ..self }
    }

    /// Sets our audience: written as `aud`, and required in every token. If it is not set, a token with an audience is
    /// rejected.
    pub fn audience(self, audience: impl Into<String>) -> Self {
        Self { audience: Some(audience.into()), ..self }
    }

    /// Sets the name of the claim that identifies the user; `user_id` unless set, or `sub` with [`at_jwt`](Self::at_jwt).
    pub fn subject_claim(self, name: impl Into<String>) -> Self {
        Self { subject_claim: Some(name.into()), ..self }
    }

    /// Creates and requires access tokens that follow RFC 9068: their header has `"typ": "at+jwt"`, so that no other kind
    /// of JWT is mistaken for an access token.
    ///
    /// It needs an [`issuer`](Self::issuer) and an [`audience`](Self::audience). Add the `client_id` that the RFC requires
    /// to your claims.
    pub fn at_jwt(self) -> Self {
        Self { required_typ: Some(TokenType::AtJwt), ..self }
    }

    /// Sets the length in bytes above which tokens are rejected unread; 8 KiB unless set.
    pub fn max_token_bytes(self, max_token_bytes: usize) -> Self {
        Self { max_token_bytes, ..self }
    }

    /// Caches the verified signatures of about `tokens` tokens, at up to 100 bytes each; no cache unless set.
    ///
    /// A cached signature of a key pair verifies about twenty (RSA) to sixty (ECDSA) times as fast. HMACs are not cached,
    /// because a lookup takes as long as an HMAC.
    ///
    /// # Security
    ///
    /// The cache stores only that a key made a signature. Whether the key is trusted, and the token is current, for us and
    /// not revoked, is checked on every call.
    pub fn remember_signatures(self, tokens: usize) -> Self {
        Self { cached_signatures: Some(tokens), ..self }
    }

    /// Sets the clock; the system's clock unless set.
    pub fn clock(self, clock: impl Clock) -> Self {
        Self { clock: Box::new(clock), ..self }
    }

    /// Rejects secrets that are shorter than their hash. Unless set, it is a [`Warning::ShortKey`].
    pub fn deny_short_key(self) -> Self {
        Self { short_key: ShortKey::Deny, ..self }
    }

    /// Validates the settings and creates the manager.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] for the first invalid setting.
    pub fn build(mut self) -> Result<TokenManager, ConfigError> {
        ConfigError::within("access_expiry", self.access_expiry, SECOND, CENTURY)?;
        ConfigError::within("refresh_expiry", self.refresh_expiry, SECOND, CENTURY)?;
        ConfigError::within("leeway", self.leeway, Duration::ZERO, DAY)?;
        let [least, most] = TOKEN_BYTES;
        ConfigError::number_within("max_token_bytes", self.max_token_bytes, least, most)?;
        let signature_cache = self.cached_signatures.map(signature_cache).transpose()?;
        let keys = self.keys()?;
        let warnings = keys.as_ref().map_or(Ok(Vec::new()), |keys| validate_keys(keys, self.short_key))?;
        let first_party = keys.map(|keys| self.first_party(keys)).into_iter();
        let others = self.issuers.into_iter().map(|issuer| issuer.into_trusted(self.leeway));
        let trusted = first_party.chain(others).collect::<Result<Vec<_>, _>>()?;
        if trusted.is_empty() {
            return Err(ConfigError::MissingKey);
        }
        // Within the leeway an expired token is accepted.
        let longest = self.access_expiry.max(self.refresh_expiry).saturating_add(self.leeway);
        Ok(TokenManager::from_settings(Settings {
            trusted,
            access_expiry: self.access_expiry,
            refresh_expiry: self.refresh_expiry,
            signature_cache,
            revocations: Revocations::new(longest),
            max_token_bytes: self.max_token_bytes,
            clock: self.clock,
            warnings,
        }))
    }

    fn keys(&mut self) -> Result<Option<KeyRing>, ConfigError> {
        match (self.secret.take(), self.key.take(), self.key_ring.take()) {
            (None, None, None) => Ok(None),
            (Some(secret), None, None) => secret.map(KeyRing::new).map(Some),
            (None, Some(key), None) => Ok(Some(KeyRing::new(key))),
            (None, None, Some(keys)) => Ok(Some(keys)),
            _ => Err(ConfigError::TwoKeys),
        }
    }

    /// Validates the settings of our own tokens.
    fn first_party(&mut self, keys: KeyRing) -> Result<TrustedIssuer, ConfigError> {
        let (issuer, audience) = (self.issuer.take(), self.audience.take());
        for (setting, value) in [("issuer", &issuer), ("audience", &audience)] {
            value.as_ref().map_or(Ok(()), |value| validate_not_empty(setting, value))?;
            if value.is_none() && self.required_typ.is_some() {
                return Err(ConfigError::Missing {
                    setting,
                    needed_for: "every access token of `at_jwt()` contains it",
                });
            }
        }
        let default_subject = if self.required_typ.is_some() { "sub" } else { "user_id" };
        let subject_claim = self.subject_claim.take().unwrap_or_else(|| default_subject.to_owned());
        validate_subject_claim(&subject_claim)?;
        let (required_typ, leeway) = (self.required_typ, self.leeway);
        let issuer = issuer.map(Into::into);
        let validation =
            Validation { profile: TokenProfile::FirstParty, required_typ, leeway, issuer, audience };
        Ok(TrustedIssuer { keys, validation, subject_claim })
    }
}

impl fmt::Debug for TokenManagerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenManagerBuilder").finish_non_exhaustive()
    }
}

/// Logs a warning for each weak key and returns the warnings, or an error if weak keys are denied.
fn validate_keys(keys: &KeyRing, short_key: ShortKey) -> Result<Vec<Warning>, ConfigError> {
    let warnings: Vec<Warning> = keys.verifying_keys().iter().filter_map(VerifyingKey::warning).collect();
    for warning in &warnings {
        let Warning::ShortKey { bytes, recommended } = *warning;
        if matches!(short_key, ShortKey::Deny) {
            return Err(ConfigError::ShortKey { bytes, recommended });
        }
        tracing::warn!(target: "gatevault", %warning, "weak configuration");
    }
    Ok(warnings)
}

fn signature_cache(tokens: usize) -> Result<SignatureCache, ConfigError> {
    let [least, most] = CACHED_SIGNATURES;
    ConfigError::number_within("remember_signatures", tokens, least, most)?;
    SignatureCache::new(tokens).map_err(|_| ConfigError::Randomness)
}

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_hours(24);
const CENTURY: Duration = Duration::from_hours(100 * 365 * 24);
/// The bounds of `max_token_bytes`: a token with the shortest claims, and more than any HTTP header carries.
const TOKEN_BYTES: [usize; 2] = [256, 1024 * 1024];
/// The bounds of `remember_signatures`. The upper one takes 100 MB.
const CACHED_SIGNATURES: [usize; 2] = [1, 1_000_000];
