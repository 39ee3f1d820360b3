//! `VerifyingKey`.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::header::EncodedHeaders;
use super::scheme::Verifier;
use super::{Algorithm, SigningKey};
use crate::error::{ConfigError, Warning};

/// A key that verifies tokens, with one algorithm and an optional id. Clones are cheap and share the key.
///
/// One key serves several algorithms: an RSA key from a JWK without `alg`. The issuer that published it may sign with
/// any algorithm from `RS256` to `PS512`.
///
/// # Examples
///
/// ```
/// use gatevault::{KeyRing, TokenManager, VerifyingKey};
///
/// let key = VerifyingKey::hs256("a secret of at least thirty-two bytes")?;
/// let tokens = TokenManager::builder().key_ring(KeyRing::verifying([key])?).build()?;
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Clone)]
pub struct VerifyingKey {
    algorithm: Algorithm,
    id: Option<Arc<str>>,
    headers: Arc<EncodedHeaders>,
    pub(super) verifier: Arc<dyn Verifier>,
    /// Every algorithm that the key serves, if there is more than one.
    pub(super) family: &'static [Algorithm],
    /// The thumbprints of its certificates. They select the key and decide nothing.
    pub(super) thumbprints: Arc<[String]>,
    warning: Option<Warning>,
    number: u64,
}

/// The number of the next key that this process creates.
static NEXT_NUMBER: AtomicU64 = AtomicU64::new(0);

impl VerifyingKey {
    /// Creates a key without an id.
    pub(super) fn new(algorithm: Algorithm, verifier: Arc<dyn Verifier>) -> Self {
        let headers = Arc::new(EncodedHeaders::new(algorithm, None));
        let number = NEXT_NUMBER.fetch_add(1, Ordering::Relaxed);
        let (family, thumbprints) = Default::default();
        Self { algorithm, id: None, headers, verifier, family, thumbprints, warning: None, number }
    }

    /// Sets the warning that a manager with this key reports.
    pub(super) fn with_warning(self, warning: Option<Warning>) -> Self {
        Self { warning, ..self }
    }

    /// Creates a key for HMAC with SHA-256. The secret can also sign.
    ///
    /// # Errors
    ///
    /// The same as [`SigningKey::hs256`].
    pub fn hs256(secret: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        SigningKey::hs256(secret).map(|key| key.verifying_key().clone())
    }

    /// Creates a key for HMAC with SHA-384. The secret can also sign.
    ///
    /// # Errors
    ///
    /// The same as [`SigningKey::hs256`].
    pub fn hs384(secret: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        SigningKey::hs384(secret).map(|key| key.verifying_key().clone())
    }

    /// Creates a key for HMAC with SHA-512. The secret can also sign.
    ///
    /// # Errors
    ///
    /// The same as [`SigningKey::hs256`].
    pub fn hs512(secret: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        SigningKey::hs512(secret).map(|key| key.verifying_key().clone())
    }

    /// Sets the id of the key. Tokens refer to it as `kid` (RFC 7515 section 4.1.4).
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyText`] for an empty id.
    pub fn with_id(self, id: impl Into<String>) -> Result<Self, ConfigError> {
        let id = id.into();
        if id.is_empty() {
            return Err(ConfigError::EmptyText { setting: "with_id" });
        }
        let headers = Arc::new(EncodedHeaders::new(self.algorithm, Some(&id)));
        Ok(Self { id: Some(id.into()), headers, ..self })
    }

    /// Returns the algorithm of the key. It is `RS256` for an RSA key that serves several algorithms.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns the id of the key, if it has one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Returns the warning about the secret, if it is too short.
    pub(crate) fn warning(&self) -> Option<Warning> {
        self.warning
    }

    /// Returns a number that is unique in this process. Clones share it.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Returns the precomputed headers of the key's tokens.
    pub(crate) fn headers(&self) -> &EncodedHeaders {
        &self.headers
    }

    /// Returns the algorithm for the `alg` of a header, if the key serves it.
    pub(crate) fn algorithm_for(&self, alg: &str) -> Option<Algorithm> {
        Algorithm::named(alg).filter(|algorithm| self.serves(*algorithm))
    }

    /// Returns whether one of the key's certificates has the thumbprint `x5t` or `x5t#S256` (RFC 7515 section 4.1.7).
    pub(crate) fn has_thumbprint(&self, thumbprint: &str) -> bool {
        self.thumbprints.iter().any(|other| other == thumbprint)
    }

    /// Returns whether `signature`, in base64url, is valid for `message` (RFC 7515 section 5.2).
    pub(crate) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &str) -> bool {
        self.serves(algorithm) && self.verifier.verifies(algorithm, message, signature)
    }

    /// Returns whether `signature`, in base64url, is valid for `message` under an algorithm that the key serves.
    pub(crate) fn verifies_any(&self, message: &[u8], signature: &str) -> bool {
        let others = self.family.iter().filter(|algorithm| **algorithm != self.algorithm);
        let algorithms = std::iter::once(&self.algorithm).chain(others);
        algorithms.filter(|algorithm| self.verifier.verifies(**algorithm, message, signature)).count() > 0
    }

    fn serves(&self, algorithm: Algorithm) -> bool {
        algorithm == self.algorithm || self.family.contains(&algorithm)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = f.debug_struct("VerifyingKey");
        match self.family {
            [] => key.field("algorithm", &self.algorithm),
            family => key.field("algorithms", &family),
        };
        key.field("id", &self.id()).finish_non_exhaustive()
    }
}
