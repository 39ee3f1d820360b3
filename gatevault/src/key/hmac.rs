//! HMAC (RFC 2104) with the key's two blocks hashed in advance. The secret itself is not kept, and the
//! prepared state is wiped when the key is dropped.

use std::sync::Arc;

use constant_time_eq::constant_time_eq;
use sha2::{Sha256, Sha384, Sha512};
use zeroize::{Zeroize, Zeroizing};

use super::hash::{Hash, Padded, State};
use super::scheme::{Signer, Verifier};
use super::{Algorithm, SigningKey, VerifyingKey};
use crate::base64url;
use crate::error::{ConfigError, InvalidReason, Warning};

impl SigningKey {
    /// A key for HMAC with SHA-256; 32 random bytes are right for it.
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyKey`] for a secret of no bytes, [`ConfigError::KeyAsSecret`] for a key of another
    /// kind, in PEM, SSH, JWK or DER form.
    pub fn hs256(secret: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        prepare::<Sha256, 64>(Algorithm::HS256, secret.as_ref())
    }

    /// A key for HMAC with SHA-384; 48 random bytes are right for it.
    ///
    /// # Errors
    ///
    /// As for [`hs256`](Self::hs256).
    pub fn hs384(secret: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        prepare::<Sha384, 128>(Algorithm::HS384, secret.as_ref())
    }

    /// A key for HMAC with SHA-512; 64 random bytes are right for it.
    ///
    /// # Errors
    ///
    /// As for [`hs256`](Self::hs256).
    pub fn hs512(secret: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        prepare::<Sha512, 128>(Algorithm::HS512, secret.as_ref())
    }
}

/// An HMAC needs at least as many bytes of secret as its hash has (RFC 7518 section 3.2).
fn prepare<H: Hash<BLOCK>, const BLOCK: usize>(
    algorithm: Algorithm,
    secret: &[u8],
) -> Result<SigningKey, ConfigError> {
    if is_key_text(secret) {
        return Err(ConfigError::KeyAsSecret);
    }
    let (bytes, recommended) = (secret.len(), H::BYTES);
    if bytes == 0 {
        return Err(ConfigError::EmptyKey { recommended });
    }
    let warning = (bytes < recommended).then_some(Warning::ShortKey { bytes, recommended });
    let key = Arc::new(Hmac::<H, BLOCK>::new(secret));
    Ok(SigningKey::new(VerifyingKey::new(algorithm, key.clone()).with_warning(warning), key))
}

/// The states of the hash after the key's blocks, from which every message goes on.
struct Hmac<H: Hash<BLOCK>, const BLOCK: usize> {
    inner: H::State,
    outer: H::State,
}

impl<H: Hash<BLOCK>, const BLOCK: usize> Hmac<H, BLOCK> {
    fn new(secret: &[u8]) -> Self {
        let mut block = Zeroizing::new([0; BLOCK]);
        let mut fill = |secret: &[u8]| block.iter_mut().zip(secret).for_each(|(place, byte)| *place = *byte);
        if secret.len() > BLOCK {
            fill(&H::digest(secret));
        } else {
            fill(secret);
        }
        let padded_with = |pad: u8| {
            let mut state = H::INITIAL;
            let padded = Zeroizing::new(block.map(|byte| byte ^ pad));
            state.compress(&[*padded]);
            state
        };
        Self { inner: padded_with(0x36), outer: padded_with(0x5c) }
    }

    fn tag(&self, message: &[u8]) -> Padded {
        let inner = H::finish(self.inner, message);
        H::finish(self.outer, inner.get(..H::BYTES).unwrap_or_default())
    }
}

impl<H: Hash<BLOCK>, const BLOCK: usize> Verifier for Hmac<H, BLOCK> {
    /// A tag has one spelling, so that the texts are equal where the tags are.
    fn verifies(&self, message: &[u8], signature: &str) -> bool {
        let mut text = [0; LONGEST_TEXT];
        let tag = base64url::encode_secret(&self.tag(message), H::BYTES, &mut text);
        tag.is_some_and(|tag| constant_time_eq(tag, signature.as_bytes()))
    }
}

impl<H: Hash<BLOCK>, const BLOCK: usize> Signer for Hmac<H, BLOCK> {
    fn sign(&self, token: &mut String) -> Result<(), InvalidReason> {
        let mut text = [0; LONGEST_TEXT];
        let tag = base64url::encode_secret(&self.tag(token.as_bytes()), H::BYTES, &mut text);
        let tag = tag.and_then(|tag| str::from_utf8(tag).ok()).ok_or(InvalidReason::Signing)?;
        token.push('.');
        token.push_str(tag);
        Ok(())
    }
}

impl<H: Hash<BLOCK>, const BLOCK: usize> Drop for Hmac<H, BLOCK> {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

/// Whether this is a key for signatures of another kind. Whoever verifies with a public key has it for all to see, so
/// that an HMAC keyed with its text could be made by anybody (RFC 8725 section 2.1).
fn is_key_text(secret: &[u8]) -> bool {
    const MARKS: [&[u8]; 4] = [b"-----BEGIN ", b"ssh-rsa ", b"ssh-ed25519 ", b"ecdsa-sha2-"];
    let text = secret.trim_ascii_start();
    let is_jwk = text.starts_with(b"{") && text.windows(5).any(|word| word == b"\"kty\"");
    is_jwk || is_der(secret) || MARKS.iter().any(|mark| text.starts_with(mark))
}

/// Whether this is one DER sequence (X.690 section 8.1) and nothing else. A short one must hold another, as an SPKI
/// does: random bytes begin like that once in sixteen million times.
fn is_der(secret: &[u8]) -> bool {
    let (length, contents) = match secret {
        [0x30, 0x82, high, low, contents @ ..] => (u16::from_be_bytes([*high, *low]), contents),
        [0x30, 0x81, length, contents @ ..] => (u16::from(*length), contents),
        [0x30, length, contents @ ..] if contents.first() == Some(&0x30) => (u16::from(*length), contents),
        _ => return false,
    };
    usize::from(length) == contents.len()
}

/// The encoded tag of HS512, in whole groups of 16 characters.
const LONGEST_TEXT: usize = 96;

#[cfg(test)]
mod tests {
    use hmac::{KeyInit as _, Mac as _};

    use super::*;

    /// The same as the crate that is made for it, for every message of 0 to 300 bytes and keys shorter and longer than
    /// a block.
    macro_rules! is_the_hmac_of {
        ($hash:ty, $block:literal) => {
            for key in 1..=200_u8 {
                let secret: Vec<u8> = (0..key).map(|byte| byte ^ key).collect();
                let (ours, theirs) = (
                    Hmac::<$hash, $block>::new(&secret),
                    hmac::Hmac::<$hash>::new_from_slice(&secret).unwrap(),
                );
                // All lengths for some keys, some lengths for all keys.
                for length in (0..=300).step_by(if key % 50 == 0 { 1 } else { 13 }) {
                    let message = vec![key; length];
                    let tag = theirs.clone().chain_update(&message).finalize().into_bytes();
                    assert_eq!(ours.tag(&message)[..tag.len()], tag[..], "a key of {key}, {length} bytes");
                    let (text, mut end) = (base64url::encoded(&tag), base64url::encoded(&tag));
                    assert!(ours.verifies(&message, &text));
                    end.pop();
                    assert!(!ours.verifies(&message, &end) && !ours.verifies(&message, &format!("{text}A")));
                }
            }
        };
    }

    #[test]
    fn a_tag_is_the_hmac_of_its_message() {
        is_the_hmac_of!(Sha256, 64);
        is_the_hmac_of!(Sha384, 128);
        is_the_hmac_of!(Sha512, 128);
    }
}
