//! The half of a key that verifies.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::header::Headers;
use super::scheme::Verifier;
use super::{Algorithm, SigningKey};
use crate::error::{ConfigError, Warning};

/// A key that verifies tokens, of one algorithm; it may have an id. Cheap to clone.
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
    headers: Arc<Headers>,
    pub(super) verifier: Arc<dyn Verifier>,
    warning: Option<Warning>,
    number: u64,
}

/// How many keys this process has made.
static MADE: AtomicU64 = AtomicU64::new(0);

impl VerifyingKey {
    pub(super) fn new(algorithm: Algorithm, verifier: Arc<dyn Verifier>) -> Self {
        let headers = Arc::new(Headers::new(algorithm, None));
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        Self { algorithm, id: None, headers, verifier, warning: None, number }
    }

    pub(super) fn with_warning(self, warning: Option<Warning>) -> Self {
        Self { warning, ..self }
    }

    /// A key for HMAC with SHA-256; whoever has the secret can sign too.
    ///
    /// # Errors
    ///
    /// As for [`SigningKey::hs256`].
    pub fn hs256(secret: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        SigningKey::hs256(secret).map(|key| key.verifying_key().clone())
    }

    /// A key for HMAC with SHA-384; whoever has the secret can sign too.
    ///
    /// # Errors
    ///
    /// As for [`SigningKey::hs256`].
    pub fn hs384(secret: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        SigningKey::hs384(secret).map(|key| key.verifying_key().clone())
    }

    /// A key for HMAC with SHA-512; whoever has the secret can sign too.
    ///
    /// # Errors
    ///
    /// As for [`SigningKey::hs256`].
    pub fn hs512(secret: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        SigningKey::hs512(secret).map(|key| key.verifying_key().clone())
    }

    /// The same key with an id, by which a token's `kid` finds it.
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyText`] for an empty id.
    pub fn with_id(self, id: impl Into<String>) -> Result<Self, ConfigError> {
        let id = id.into();
        if id.is_empty() {
            return Err(ConfigError::EmptyText { setting: "with_id" });
        }
        let headers = Arc::new(Headers::new(self.algorithm, Some(&id)));
        Ok(Self { id: Some(id.into()), headers, ..self })
    }

    /// The one algorithm of this key.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// What tells this key from others, if it has been given an id.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    pub(crate) fn warning(&self) -> Option<Warning> {
        self.warning
    }

    /// Tells this key, and its clones, from every other that this process makes.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    pub(crate) fn headers(&self) -> &Headers {
        &self.headers
    }

    /// Whether the encoded `signature` is this key's over `message` (RFC 7515 section 5.2).
    pub(crate) fn verifies(&self, message: &[u8], signature: &str) -> bool {
        self.verifier.verifies(message, signature)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey")
            .field("algorithm", &self.algorithm)
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}
