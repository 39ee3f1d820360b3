//! Builds and validates a `TokenManager`.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::pools::UserPools;
use super::revocation::Revocations;
use super::settings::Settings;
use super::signature_cache::SignatureCache;
use super::trusted::{
    AudienceRule, IssuerName, TokenProfile, TrustedIssuer, static_subject_claim, validate_not_empty,
};
use super::validation::Times;
use super::{Issuer, TokenManager};
use crate::clock::{Clock, SystemClock};
use crate::error::ConfigError;
use crate::key::{KeyRing, ShortKey, SigningKey, TokenType};

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
    clock_skew: Duration,
    max_lifetime: Option<Duration>,
    issuer: Option<String>,
    audience: Option<String>,
    subject_claim: Option<String>,
    required_typ: Option<TokenType>,
    max_token_bytes: usize,
    cached_signatures: Option<usize>,
    user_pools: Option<Vec<String>>,
    clock: Arc<dyn Clock>,
    short_key: ShortKey,
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
            clock_skew: Duration::from_secs(30),
            max_lifetime: None,
            issuer: None,
            audience: None,
            subject_claim: None,
            required_typ: None,
            max_token_bytes: 8 * 1024,
            cached_signatures: None,
            user_pools: None,
            clock: Arc::new(SystemClock),
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

    /// Sets how long after `exp` a token is still accepted; zero unless set.
    pub fn leeway(self, leeway: Duration) -> Self {
        Self { leeway, ..self }
    }

    /// Sets how far the clocks of the nodes that create and verify tokens may differ; 30 seconds unless set. `iat`, `nbf` and
    /// `auth_time` may be ahead of our clock by this much.
    ///
    /// It does not prolong a token. Where `iat` decides, it counts against the token:
    /// [`revoke_user`](TokenManager::revoke_user) also rejects tokens that were created up to this much later, by a node
    /// whose clock is ahead. The price is that a user who logs in again within that time must log in once more.
    pub fn clock_skew(self, clock_skew: Duration) -> Self {
        Self { clock_skew, ..self }
    }

    /// Sets how long an access token may live, from its `iat` to its `exp`; 24 hours unless set, or
    /// [`access_expiry`](Self::access_expiry) if that is longer.
    ///
    /// A token that expires later is rejected, because a revocation is kept only for as long. Raise it if another node
    /// creates access tokens that live longer than a day. [`Issuer::max_lifetime`] is the setting for another issuer.
    pub fn max_lifetime(self, max_lifetime: Duration) -> Self {
        Self { max_lifetime: Some(max_lifetime), ..self }
    }

    /// Sets the only pools of users whose tokens guards accept. Default: the pools of the manager's handlers, and tokens
    /// without a pool if one of the handlers has none or there is no handler.
    ///
    /// A service that only guards names the [`user_pool`](crate::OAuthHandler::user_pool) of the login service here. A token of
    /// another issuer is refused if it names another pool; without this setting its `pool` is not looked at.
    pub fn user_pools(self, pools: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { user_pools: Some(pools.into_iter().map(Into::into).collect()), ..self }
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
        Self { clock: Arc::new(clock), ..self }
    }

    /// Rejects secrets that are shorter than their hash: ours and those of issuers, and those that are added to their key rings
    /// later. Unless set, it is a [`Warning::ShortKey`](crate::error::Warning::ShortKey).
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
        let default_lifetime = self.access_expiry.max(DAY);
        let times = Times {
            leeway: self.leeway,
            clock_skew: self.clock_skew,
            max_lifetime: self.max_lifetime.unwrap_or(default_lifetime),
        };
        times.validate_settings()?;
        ConfigError::within("max_lifetime", times.max_lifetime, self.access_expiry, Duration::MAX)?;
        let [least, most] = TOKEN_BYTES;
        ConfigError::number_within("max_token_bytes", self.max_token_bytes, least, most)?;
        let signature_cache = self.cached_signatures.map(SignatureCache::new).transpose()?;
        let keys = self.keys()?;
        let first_party = keys.map(|keys| self.first_party(keys, times)).into_iter();
        let of_others = Times { max_lifetime: default_lifetime, ..times };
        let others = self.issuers.into_iter().map(|issuer| issuer.into_trusted(of_others));
        let trusted = first_party.chain(others).collect::<Result<Vec<_>, _>>()?;
        if trusted.is_empty() {
            return Err(ConfigError::MissingKey);
        }
        // A manager that is not built changes no ring.
        trusted.iter().try_for_each(|issuer| issuer.keys.judge(self.short_key))?;
        for issuer in &trusted {
            issuer.keys.adopt(&self.clock, self.short_key);
        }
        let lifetimes = trusted.iter().map(|issuer| issuer.longest_lifetime(self.refresh_expiry));
        let longest = lifetimes.max().unwrap_or_default();
        Ok(TokenManager::from_settings(Settings {
            pools: UserPools::new(self.user_pools)?,
            revocations: Revocations::new(longest),
            trusted,
            access_expiry: self.access_expiry,
            refresh_expiry: self.refresh_expiry,
            signature_cache,
            max_token_bytes: self.max_token_bytes,
            clock: self.clock,
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
    fn first_party(&mut self, keys: KeyRing, times: Times) -> Result<TrustedIssuer, ConfigError> {
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
        let subject_claim = static_subject_claim(self.subject_claim.as_deref().unwrap_or(default_subject))?;
        Ok(TrustedIssuer {
            keys,
            algorithms: None,
            name: issuer.map_or(IssuerName::Any, |name| IssuerName::Exact(name.into())),
            audience: AudienceRule { names: audience.into_iter().collect(), claims: Vec::new() },
            subject_claim,
            required_typ: self.required_typ,
            times,
            profile: TokenProfile::FirstParty,
        })
    }
}

impl fmt::Debug for TokenManagerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenManagerBuilder").finish_non_exhaustive()
    }
}

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_hours(24);
const CENTURY: Duration = Duration::from_hours(100 * 365 * 24);
/// The bounds of `max_token_bytes`: a token with the shortest claims, and more than any HTTP header carries.
const TOKEN_BYTES: [usize; 2] = [256, 1024 * 1024];
