//! Signature schemes: a trait for each half of a prepared key.

use std::any::Any;

use super::Algorithm;
use crate::error::InvalidReason;

/// Verifies signatures with a prepared key.
pub(super) trait Verifier: Any + Send + Sync {
    /// Returns whether `signature`, in base64url, is valid for `message` and for an algorithm that the key serves.
    /// Malformed signatures return `false`.
    fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &str) -> bool;
}

/// Signs tokens with a prepared key.
pub(super) trait Signer: Send + Sync {
    /// Signs the contents of `token` and appends `.` and the signature.
    fn sign(&self, token: &mut String) -> Result<(), InvalidReason>;
}
