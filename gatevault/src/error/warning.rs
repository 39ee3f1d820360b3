//! Settings that work but are weak.

/// A setting that works but is weak; see [`TokenManager::warnings`](crate::TokenManager::warnings).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Warning {
    /// The HMAC secret is shorter than its hash (RFC 7518 section 3.2).
    #[error("the secret has {bytes} bytes, fewer than the {recommended} that RFC 7518 section 3.2 requires")]
    ShortKey {
        /// Bytes of the secret.
        bytes: usize,
        /// Bytes that the algorithm requires.
        recommended: usize,
    },
}
