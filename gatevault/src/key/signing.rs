//! The half of a key that signs, and the header that says so.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::hmac::HmacKey;
use super::{Algorithm, VerifyingKey};
use crate::error::{ConfigError, Warning};

/// A key that signs tokens and verifies what it signed; it knows its algorithm and may have an id.
///
/// The secret is not kept, and `Debug` shows nothing of it.
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
    /// The encoded header segment of every token signed with this key.
    header: String,
    verifying: VerifyingKey,
    warning: Option<Warning>,
}

impl SigningKey {
    /// A key for HMAC with SHA-256; 32 random bytes are right for it.
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyKey`] for a secret of no bytes, [`ConfigError::KeyAsSecret`] for a PEM or SSH key.
    pub fn hs256(secret: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        Self::hmac(Algorithm::HS256, secret.as_ref())
    }

    /// A key for HMAC with SHA-384; 48 random bytes are right for it.
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyKey`] for a secret of no bytes, [`ConfigError::KeyAsSecret`] for a PEM or SSH key.
    pub fn hs384(secret: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        Self::hmac(Algorithm::HS384, secret.as_ref())
    }

    /// A key for HMAC with SHA-512; 64 random bytes are right for it.
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyKey`] for a secret of no bytes, [`ConfigError::KeyAsSecret`] for a PEM or SSH key.
    pub fn hs512(secret: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        Self::hmac(Algorithm::HS512, secret.as_ref())
    }

    /// The same key with an id, written into every header as `kid` (RFC 7515 section 4.1.4).
    ///
    /// A token that names another id is refused; one that names none is verified with this key.
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyText`] for an empty id.
    pub fn with_id(self, id: impl Into<String>) -> Result<Self, ConfigError> {
        let id = id.into();
        if id.is_empty() {
            return Err(ConfigError::EmptyText { setting: "with_id" });
        }
        let header = encode_header(self.algorithm(), Some(&id));
        Ok(Self { header, verifying: self.verifying.with_id(id), ..self })
    }

    /// The one algorithm of this key.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.verifying.algorithm()
    }

    pub(crate) fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }

    pub(crate) fn warning(&self) -> Option<Warning> {
        self.warning
    }

    /// The encoded header segment (RFC 7515 section 3).
    pub(crate) fn header(&self) -> &str {
        &self.header
    }

    /// Appends `.` and the signature of what the text holds so far.
    pub(crate) fn sign(&self, token: &mut String) {
        self.verifying.hmac().sign(token);
    }

    fn hmac(algorithm: Algorithm, secret: &[u8]) -> Result<Self, ConfigError> {
        let (bytes, recommended) = (secret.len(), algorithm.recommended_bytes());
        if is_key_text(secret) {
            return Err(ConfigError::KeyAsSecret);
        }
        let hmac = (!secret.is_empty())
            .then(|| HmacKey::new(algorithm, secret))
            .flatten()
            .ok_or(ConfigError::EmptyKey { recommended })?;
        Ok(Self {
            header: encode_header(algorithm, None),
            verifying: VerifyingKey::new(algorithm, hmac),
            warning: (bytes < recommended).then_some(Warning::ShortKey { bytes, recommended }),
        })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm())
            .field("id", &self.verifying.id())
            .finish_non_exhaustive()
    }
}

/// Whether this is a key for signatures of another kind. Whoever verifies with a public key has it for all to see, so
/// that an HMAC keyed with its text could be made by anybody (RFC 8725 section 2.1).
fn is_key_text(secret: &[u8]) -> bool {
    const MARKS: [&[u8]; 4] = [b"-----BEGIN ", b"ssh-rsa ", b"ssh-ed25519 ", b"ecdsa-sha2-"];
    let text = secret.trim_ascii_start();
    MARKS.iter().any(|mark| text.starts_with(mark))
}

/// The spelling that `PyJWT` writes too, so that a header is recognised by its bytes.
fn encode_header(algorithm: Algorithm, id: Option<&str>) -> String {
    let kid = id.map(|id| format!(r#","kid":{}"#, serde_json::Value::from(id))).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{algorithm}","typ":"JWT"{kid}}}"#))
}
