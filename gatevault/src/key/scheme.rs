//! What a signature scheme does with a key that was prepared once: one trait for each half.

use std::any::Any;

use crate::error::InvalidReason;

/// The half that verifies.
pub(super) trait Verifier: Any + Send + Sync {
    /// Whether the encoded `signature` is this key's over `message`; what is no signature at all is not.
    fn verifies(&self, message: &[u8], signature: &str) -> bool;
}

/// The half that signs.
pub(super) trait Signer: Send + Sync {
    /// Appends `.` and the signature of what the text holds so far.
    fn sign(&self, token: &mut String) -> Result<(), InvalidReason>;
}
