//! The half of a key that signs.

use std::fmt;
use std::sync::Arc;

use super::scheme::Signer;
use super::{Algorithm, TokenType, VerifyingKey};
use crate::error::{ConfigError, InvalidReason};

/// A key that signs tokens and verifies what it signed; it knows its algorithm and may have an id.
///
/// Cheap to clone. Nothing of a secret is kept as it was given, and `Debug` shows nothing of it.
///
/// # Examples
///
/// ```
/// use gatevault::{SigningKey, TokenManager};
///
/// let key = SigningKey::hs512([7; 64])?.with_id("2026-11")?;
/// let tokens = TokenManager::builder().key(key).build()?;
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Clone)]
pub struct SigningKey {
    verifying: VerifyingKey,
    signer: Arc<dyn Signer>,
}

impl SigningKey {
    pub(super) fn new(verifying: VerifyingKey, signer: Arc<dyn Signer>) -> Self {
        Self { verifying, signer }
    }

    /// The same key with an id, written into every header as `kid` (RFC 7515 section 4.1.4).
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyText`] for an empty id.
    pub fn with_id(self, id: impl Into<String>) -> Result<Self, ConfigError> {
        Ok(Self { verifying: self.verifying.with_id(id)?, ..self })
    }

    /// The one algorithm of this key.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.verifying.algorithm()
    }

    /// What tells this key from others, if it has been given an id.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.verifying.id()
    }

    /// The half that verifies.
    #[must_use]
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }

    /// What the tokens that this key signs begin with: the encoded header and a dot.
    pub(crate) fn header(&self, token_type: TokenType) -> &str {
        self.verifying.headers().own(token_type)
    }

    /// Appends `.` and the signature of what the text holds so far.
    pub(crate) fn sign(&self, token: &mut String) -> Result<(), InvalidReason> {
        self.signer.sign(token)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm())
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}
