//! Settings of a token manager, held against what can work before one is made.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::revocation::Revocations;
use super::seen::Seen;
use super::settings::Settings;
use super::validation::{Dialect, Party, Validation};
use super::{Issuer, TokenManager};
use crate::claims::RESERVED;
use crate::clock::{Clock, SystemClock};
use crate::error::{ConfigError, Warning};
use crate::key::{KeyRing, SigningKey, TokenType, VerifyingKey};

/// Makes a [`TokenManager`]; every setting but the key has a default.
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
#[must_use = "a builder makes nothing until `build()` is called"]
pub struct TokenManagerBuilder {
    /// A key that could not be made is an error of `build`, where all settings are judged.
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
    demanded: Option<TokenType>,
    max_token_bytes: usize,
    remembered: Option<usize>,
    clock: Box<dyn Clock>,
    short_key: ShortKey,
}

/// What becomes of an HMAC secret that is shorter than its hash.
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
            demanded: None,
            max_token_bytes: 8 * 1024,
            remembered: None,
            clock: Box::new(SystemClock),
            short_key: ShortKey::Warn,
        }
    }
}

impl TokenManagerBuilder {
    /// The shared secret of HS256; [`generate_secret`](crate::generate_secret) makes one. The bytes are not kept.
    pub fn secret(self, secret: impl AsRef<[u8]>) -> Self {
        Self { secret: Some(SigningKey::hs256(secret)), ..self }
    }

    /// The key to sign and verify with, where it is not an HS256 secret.
    pub fn key(self, key: SigningKey) -> Self {
        Self { key: Some(key), ..self }
    }

    /// The keys to sign and verify with, where there are several or they change.
    pub fn key_ring(self, key_ring: KeyRing) -> Self {
        Self { key_ring: Some(key_ring), ..self }
    }

    /// Another issuer whose access tokens are accepted too; call it once for each. With issuers alone, and no key of
    /// our own, a manager creates no tokens.
    pub fn accept(mut self, issuer: Issuer) -> Self {
        self.issuers.push(issuer);
        self
    }

    /// How long an access token lives, in whole seconds; 15 minutes unless set.
    pub fn access_expiry(self, access_expiry: Duration) -> Self {
        Self { access_expiry, ..self }
    }

    /// How long a refresh token lives, in whole seconds; 7 days unless set.
    pub fn refresh_expiry(self, refresh_expiry: Duration) -> Self {
        Self { refresh_expiry, ..self }
    }

    /// By how much the clocks of those who make and verify tokens may differ; zero unless set.
    pub fn leeway(self, leeway: Duration) -> Self {
        Self { leeway, ..self }
    }

    /// Who makes the tokens: written as `iss`, and demanded of every token.
    pub fn issuer(self, issuer: impl Into<String>) -> Self {
        Self { issuer: Some(issuer.into()), ..self }
    }

    /// Who the tokens are for: written as `aud`, and demanded of every token. Without it a token that names
    /// an audience is refused.
    pub fn audience(self, audience: impl Into<String>) -> Self {
        Self { audience: Some(audience.into()), ..self }
    }

    /// The name of the claim that says who the user is; `user_id` unless set, and `sub` with [`at_jwt`](Self::at_jwt).
    pub fn subject_claim(self, name: impl Into<String>) -> Self {
        Self { subject_claim: Some(name.into()), ..self }
    }

    /// Makes access tokens as RFC 9068 has them, and accepts no others of our own: their header says `at+jwt`, so that
    /// no other kind of JWT passes for one. It needs an [`issuer`](Self::issuer) and an [`audience`](Self::audience);
    /// the `client_id` that the RFC asks for is a claim of yours.
    pub fn at_jwt(self) -> Self {
        Self { demanded: Some(TokenType::AtJwt), ..self }
    }

    /// The longest token that is looked at, in bytes; 8 KiB unless set.
    pub fn max_token_bytes(self, max_token_bytes: usize) -> Self {
        Self { max_token_bytes, ..self }
    }

    /// Remembers the signatures of about so many tokens that key pairs have signed, with at most 100 bytes for each; none
    /// unless set. The next call with one of them is some twenty (RSA) to sixty (ECDSA) times as quick.
    ///
    /// Only that a key has made a signature is remembered. Whether the key is still trusted, the token current, for us
    /// and not revoked is judged on every call. HMACs, which are as quick as remembering, are made anew.
    pub fn remember_signatures(self, tokens: usize) -> Self {
        Self { remembered: Some(tokens), ..self }
    }

    /// Who tells the time; the system's clock unless set.
    pub fn clock(self, clock: impl Clock) -> Self {
        Self { clock: Box::new(clock), ..self }
    }

    /// Makes a secret that is shorter than its hash an error; unless set it is a [`Warning::ShortKey`].
    pub fn deny_short_key(self) -> Self {
        Self { short_key: ShortKey::Deny, ..self }
    }

    /// The manager, if all settings can work.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] that names the first setting that cannot.
    pub fn build(mut self) -> Result<TokenManager, ConfigError> {
        ConfigError::within("access_expiry", self.access_expiry, SECOND, CENTURY)?;
        ConfigError::within("refresh_expiry", self.refresh_expiry, SECOND, CENTURY)?;
        ConfigError::within("leeway", self.leeway, Duration::ZERO, DAY)?;
        number_within("max_token_bytes", self.max_token_bytes, TOKEN_BYTES)?;
        let seen = self.remembered.map(memory).transpose()?;
        let keys = self.keys()?;
        let warnings = keys.as_ref().map_or(Ok(Vec::new()), |keys| judge_keys(keys, self.short_key))?;
        let own = keys.map(|keys| self.own(keys)).into_iter();
        let others = self.issuers.into_iter().map(|issuer| issuer.into_party(self.leeway));
        let parties = own.chain(others).collect::<Result<Vec<_>, _>>()?;
        if parties.is_empty() {
            return Err(ConfigError::MissingKey);
        }
        // Within the leeway a token is accepted although it has expired.
        let longest = self.access_expiry.max(self.refresh_expiry).saturating_add(self.leeway);
        Ok(TokenManager::from_settings(Settings {
            parties,
            access_expiry: self.access_expiry,
            refresh_expiry: self.refresh_expiry,
            seen,
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

    /// Ourselves, as one whose tokens are accepted.
    fn own(&mut self, keys: KeyRing) -> Result<Party, ConfigError> {
        let (issuer, audience) = (self.issuer.take(), self.audience.take());
        for (setting, text) in [("issuer", &issuer), ("audience", &audience)] {
            text.as_ref().map_or(Ok(()), |text| judge_text(setting, text))?;
            if text.is_none() && self.demanded.is_some() {
                return Err(ConfigError::Missing {
                    setting,
                    needed_for: "`at_jwt()` has it in every access token",
                });
            }
        }
        let default_subject = if self.demanded.is_some() { "sub" } else { "user_id" };
        let subject_claim = self.subject_claim.take().unwrap_or_else(|| default_subject.to_owned());
        judge_subject(&subject_claim)?;
        let (demanded, leeway) = (self.demanded, self.leeway);
        let issuer = issuer.map(Into::into);
        let validation = Validation { dialect: Dialect::Own, demanded, leeway, issuer, audience };
        Ok(Party { keys, validation, subject_claim })
    }
}

impl fmt::Debug for TokenManagerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenManagerBuilder").finish_non_exhaustive()
    }
}

fn judge_keys(keys: &KeyRing, short_key: ShortKey) -> Result<Vec<Warning>, ConfigError> {
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

pub(super) fn judge_subject(name: &str) -> Result<(), ConfigError> {
    judge_text("subject_claim", name)?;
    if RESERVED.contains(&name) {
        return Err(ConfigError::ReservedSubject { name: name.to_owned() });
    }
    Ok(())
}

pub(super) fn judge_text(setting: &'static str, text: &str) -> Result<(), ConfigError> {
    if text.is_empty() { Err(ConfigError::EmptyText { setting }) } else { Ok(()) }
}

fn memory(tokens: usize) -> Result<Seen, ConfigError> {
    number_within("remember_signatures", tokens, REMEMBERED)?;
    Seen::new(tokens).map_err(|_| ConfigError::Randomness)
}

fn number_within(
    setting: &'static str,
    given: usize,
    bounds: RangeInclusive<usize>,
) -> Result<(), ConfigError> {
    if bounds.contains(&given) {
        return Ok(());
    }
    let number = |number: usize| number.try_into().unwrap_or(u64::MAX);
    let (given, least, most) = (number(given), number(*bounds.start()), number(*bounds.end()));
    Err(ConfigError::NumberOutOfBounds { setting, given, least, most })
}

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_hours(24);
const CENTURY: Duration = Duration::from_hours(100 * 365 * 24);
/// From what a token with the shortest claims needs, to what no header of a request carries.
const TOKEN_BYTES: RangeInclusive<usize> = 256..=1024 * 1024;

/// Up to what takes 100 MB.
const REMEMBERED: RangeInclusive<usize> = 1..=1_000_000;
