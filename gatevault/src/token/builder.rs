//! Settings of a token manager, held against what can work before one is made.

use std::fmt;
use std::time::Duration;

use super::TokenManager;
use super::manager::Settings;
use super::validation::Validation;
use crate::claims::RESERVED;
use crate::clock::{Clock, SystemClock};
use crate::error::{ConfigError, Warning};
use crate::key::SigningKey;

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
    access_expiry: Duration,
    refresh_expiry: Duration,
    leeway: Duration,
    issuer: Option<String>,
    audience: Option<String>,
    subject_claim: String,
    max_token_bytes: usize,
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
            access_expiry: Duration::from_secs(15 * 60),
            refresh_expiry: Duration::from_secs(7 * 86_400),
            leeway: Duration::ZERO,
            issuer: None,
            audience: None,
            subject_claim: "user_id".to_owned(),
            max_token_bytes: 8 * 1024,
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

    /// The name of the claim that says who the user is; `user_id` unless set.
    pub fn subject_claim(self, name: impl Into<String>) -> Self {
        Self { subject_claim: name.into(), ..self }
    }

    /// The longest token that is looked at, in bytes; 8 KiB unless set.
    pub fn max_token_bytes(self, max_token_bytes: usize) -> Self {
        Self { max_token_bytes, ..self }
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
    pub fn build(self) -> Result<TokenManager, ConfigError> {
        let key = match (self.secret, self.key) {
            (Some(secret), None) => secret?,
            (None, Some(key)) => key,
            (Some(_), Some(_)) => return Err(ConfigError::TwoKeys),
            (None, None) => return Err(ConfigError::MissingKey),
        };
        let warnings = judge_key(&key, self.short_key)?;
        within("access_expiry", self.access_expiry, SECOND, CENTURY)?;
        within("refresh_expiry", self.refresh_expiry, SECOND, CENTURY)?;
        within("leeway", self.leeway, Duration::ZERO, DAY)?;
        for (setting, text) in [("issuer", &self.issuer), ("audience", &self.audience)] {
            if text.as_ref().is_some_and(String::is_empty) {
                return Err(ConfigError::EmptyText { setting });
            }
        }
        judge_subject(&self.subject_claim)?;
        judge_limit(self.max_token_bytes)?;
        Ok(TokenManager::from_settings(Settings {
            key,
            access_expiry: self.access_expiry,
            refresh_expiry: self.refresh_expiry,
            validation: Validation { leeway: self.leeway, issuer: self.issuer, audience: self.audience },
            subject_claim: self.subject_claim,
            max_token_bytes: self.max_token_bytes,
            clock: self.clock,
            warnings,
        }))
    }
}

impl fmt::Debug for TokenManagerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenManagerBuilder").finish_non_exhaustive()
    }
}

fn judge_key(key: &SigningKey, short_key: ShortKey) -> Result<Vec<Warning>, ConfigError> {
    let Some(warning @ Warning::ShortKey { bytes, recommended }) = key.warning() else {
        return Ok(Vec::new());
    };
    match short_key {
        ShortKey::Deny => Err(ConfigError::ShortKey { bytes, recommended }),
        ShortKey::Warn => {
            tracing::warn!(target: "gatevault", %warning, "weak configuration");
            Ok(vec![warning])
        }
    }
}

fn judge_subject(name: &str) -> Result<(), ConfigError> {
    if name.is_empty() {
        return Err(ConfigError::EmptyText { setting: "subject_claim" });
    }
    if RESERVED.contains(&name) {
        return Err(ConfigError::ReservedSubject { name: name.to_owned() });
    }
    Ok(())
}

/// From what a token with the shortest claims needs, to what no header of a request carries.
fn judge_limit(bytes: usize) -> Result<(), ConfigError> {
    if (LEAST_LIMIT..=MOST_LIMIT).contains(&bytes) {
        return Ok(());
    }
    Err(ConfigError::NumberOutOfBounds {
        setting: "max_token_bytes",
        given: bytes.try_into().unwrap_or(u64::MAX),
        least: LEAST_LIMIT.try_into().unwrap_or(u64::MAX),
        most: MOST_LIMIT.try_into().unwrap_or(u64::MAX),
    })
}

fn within(
    setting: &'static str,
    given: Duration,
    least: Duration,
    most: Duration,
) -> Result<(), ConfigError> {
    if (least..=most).contains(&given) {
        return Ok(());
    }
    Err(ConfigError::DurationOutOfBounds { setting, given, least, most })
}

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);
const CENTURY: Duration = Duration::from_secs(100 * 365 * 86_400);
const LEAST_LIMIT: usize = 256;
const MOST_LIMIT: usize = 1024 * 1024;
