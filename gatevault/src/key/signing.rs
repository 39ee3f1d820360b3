//! `SigningKey`.

use std::fmt;
use std::sync::Arc;

use super::scheme::Signer;
use super::{Algorithm, TokenType, VerifyingKey};
use crate::error::{ConfigError, InvalidReason};

/// A key that signs tokens and verifies them, with one algorithm and an optional id.
///
/// Clones are cheap and share the key. A secret is not kept in the form in which it was given, and `Debug` shows
/// nothing of it.
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
    /// Creates a key from its two halves.
    pub(super) fn new(verifying: VerifyingKey, signer: Arc<dyn Signer>) -> Self {
        Self { verifying, signer }
    }

    /// Sets the id of the key. Every header has it as `kid` (RFC 7515 section 4.1.4).
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyText`] for an empty id.
    pub fn with_id(self, id: impl Into<String>) -> Result<Self, ConfigError> {
        Ok(Self { verifying: self.verifying.with_id(id)?, ..self })
    }

    /// Returns the algorithm of the key.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.verifying.algorithm()
    }

    /// Returns the id of the key, if it has one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.verifying.id()
    }

    /// Returns the half that verifies.
    #[must_use]
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }

    /// Returns the encoded header of new tokens, with the dot after it.
    pub(crate) fn header(&self, token_type: TokenType) -> &str {
        self.verifying.headers().of_new_token(token_type)
    }

    /// Signs the contents of `token` and appends `.` and the signature.
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
