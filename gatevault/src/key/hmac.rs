//! HMAC (RFC 2104) with the key's two blocks hashed in advance. The secret itself is not kept, and the
//! prepared state is wiped when the key is dropped.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};

use super::Algorithm;

#[derive(Clone)]
pub(super) enum HmacKey {
    Sha256(Hmac<Sha256>),
    Sha384(Hmac<Sha384>),
    Sha512(Hmac<Sha512>),
}

impl HmacKey {
    /// Prepares a key; `None` is for a length that HMAC cannot take, of which there is none.
    pub(super) fn new(algorithm: Algorithm, secret: &[u8]) -> Option<Self> {
        let key = match algorithm {
            Algorithm::HS256 => Self::Sha256(Hmac::new_from_slice(secret).ok()?),
            Algorithm::HS384 => Self::Sha384(Hmac::new_from_slice(secret).ok()?),
            Algorithm::HS512 => Self::Sha512(Hmac::new_from_slice(secret).ok()?),
        };
        Some(key)
    }

    /// Appends `.` and the signature of what the text holds so far.
    pub(super) fn sign(&self, token: &mut String) {
        match self {
            Self::Sha256(key) => append_tag(key, token),
            Self::Sha384(key) => append_tag(key, token),
            Self::Sha512(key) => append_tag(key, token),
        }
    }

    /// Whether `tag` is the whole tag of `message`, in time that does not depend on where they differ.
    pub(super) fn verifies(&self, message: &[u8], tag: &[u8]) -> bool {
        match self {
            Self::Sha256(key) => key.clone().chain_update(message).verify_slice(tag).is_ok(),
            Self::Sha384(key) => key.clone().chain_update(message).verify_slice(tag).is_ok(),
            Self::Sha512(key) => key.clone().chain_update(message).verify_slice(tag).is_ok(),
        }
    }
}

fn append_tag<M: Mac + Clone>(key: &M, token: &mut String) {
    let tag = key.clone().chain_update(token.as_bytes()).finalize().into_bytes();
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(tag, token);
}
