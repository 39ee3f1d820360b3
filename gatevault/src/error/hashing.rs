//! Why a password could not be hashed.

use super::BoxError;

/// A password that cannot be hashed, or a machine that could not do it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HashingError {
    /// bcrypt reads 72 bytes and ignores the rest, so two long passwords could be one.
    #[error("the password has {bytes} bytes and bcrypt takes at most 72: ask for a shorter one")]
    TooLong {
        /// Length of the password in bytes of UTF-8.
        bytes: usize,
    },
    /// bcrypt stops at a NUL byte, so everything behind it would not count.
    #[error("the password contains a NUL character: refuse it at registration")]
    ContainsNul,
    /// The hashing pool cannot be reached: no tokio runtime is running here, or it is shutting down.
    #[error("the hashing pool is not available: call the async form from within a running tokio runtime")]
    PoolUnavailable,
    /// The scheme's implementation failed, most likely because the system gave no random salt.
    #[error("the password could not be hashed")]
    Failed(#[source] BoxError),
}
