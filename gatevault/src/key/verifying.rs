//! The half of a key that verifies.

use super::Algorithm;
use super::hmac::HmacKey;

#[derive(Clone)]
pub(crate) struct VerifyingKey {
    algorithm: Algorithm,
    id: Option<String>,
    hmac: HmacKey,
}

impl VerifyingKey {
    pub(super) fn new(algorithm: Algorithm, hmac: HmacKey) -> Self {
        Self { algorithm, id: None, hmac }
    }

    pub(super) fn with_id(self, id: String) -> Self {
        Self { id: Some(id), ..self }
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    pub(super) fn hmac(&self) -> &HmacKey {
        &self.hmac
    }

    /// Whether `signature` is this key's over `message` (RFC 7515 section 5.2).
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.hmac.verifies(message, signature)
    }
}
