//! HMAC (RFC 2104) with the key's two blocks hashed in advance. The secret itself is not kept, and the
//! prepared state is wiped when the key is dropped.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};

use super::scheme::{self, Signer, Verifier};
use super::{Algorithm, SigningKey, VerifyingKey};
use crate::base64url;
use crate::error::{ConfigError, InvalidReason, Warning};

impl SigningKey {
    /// A key for HMAC with SHA-256; 32 random bytes are right for it.
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyKey`] for a secret of no bytes, [`ConfigError::KeyAsSecret`] for a PEM or SSH key.
    pub fn hs256(secret: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        prepare::<Hmac<Sha256>>(Algorithm::HS256, secret.as_ref(), 32)
    }

    /// A key for HMAC with SHA-384; 48 random bytes are right for it.
    ///
    /// # Errors
    ///
    /// As for [`hs256`](Self::hs256).
    pub fn hs384(secret: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        prepare::<Hmac<Sha384>>(Algorithm::HS384, secret.as_ref(), 48)
    }

    /// A key for HMAC with SHA-512; 64 random bytes are right for it.
    ///
    /// # Errors
    ///
    /// As for [`hs256`](Self::hs256).
    pub fn hs512(secret: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        prepare::<Hmac<Sha512>>(Algorithm::HS512, secret.as_ref(), 64)
    }
}

/// An HMAC needs at least as many bytes of secret as its hash has, the `recommended` ones (RFC 7518 section 3.2).
fn prepare<M: Mac + KeyInit + Clone + Send + Sync + 'static>(
    algorithm: Algorithm,
    secret: &[u8],
    recommended: usize,
) -> Result<SigningKey, ConfigError> {
    if is_key_text(secret) {
        return Err(ConfigError::KeyAsSecret);
    }
    // HMAC takes a secret of any length, so that only an empty one is left to refuse.
    let prepared = (!secret.is_empty()).then(|| <M as KeyInit>::new_from_slice(secret).ok()).flatten();
    let key = Arc::new(HmacKey(prepared.ok_or(ConfigError::EmptyKey { recommended })?));
    let bytes = secret.len();
    let warning = (bytes < recommended).then_some(Warning::ShortKey { bytes, recommended });
    Ok(SigningKey::new(VerifyingKey::new(algorithm, key.clone()).with_warning(warning), key))
}

struct HmacKey<M>(M);

impl<M: Mac + Clone + Send + Sync + 'static> Verifier for HmacKey<M> {
    fn verifies(&self, message: &[u8], signature: &str) -> bool {
        let mut buffer = [0; LONGEST_TAG];
        base64url::decode(signature, &mut buffer)
            .is_some_and(|tag| self.0.clone().chain_update(message).verify_slice(tag).is_ok())
    }
}

impl<M: Mac + Clone + Send + Sync> Signer for HmacKey<M> {
    fn sign(&self, token: &mut String) -> Result<(), InvalidReason> {
        let tag = self.0.clone().chain_update(token.as_bytes()).finalize().into_bytes();
        scheme::append(token, &tag);
        Ok(())
    }
}

/// Whether this is a key for signatures of another kind. Whoever verifies with a public key has it for all to see, so
/// that an HMAC keyed with its text could be made by anybody (RFC 8725 section 2.1).
fn is_key_text(secret: &[u8]) -> bool {
    const MARKS: [&[u8]; 4] = [b"-----BEGIN ", b"ssh-rsa ", b"ssh-ed25519 ", b"ecdsa-sha2-"];
    let text = secret.trim_ascii_start();
    MARKS.iter().any(|mark| text.starts_with(mark))
}

/// The tag of HS512, in bytes.
const LONGEST_TAG: usize = 64;
