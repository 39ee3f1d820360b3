//! Why a password could not be hashed.

use super::BoxError;

/// A password that cannot be hashed, or a machine that could not do it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HashingError {
    /// The password is longer than its scheme takes: bcrypt reads 72 bytes and ignores the rest, so that two
    /// long passwords could be one.
    #[error("the password has {bytes} bytes and may have {limit} at most: ask for a shorter one")]
    TooLong {
        /// Length of the password in bytes of UTF-8.
        bytes: usize,
        /// The most that the scheme takes.
        limit: usize,
    },
    /// bcrypt stops at a NUL byte, so everything behind it would not count.
    #[error("the password contains a NUL character: refuse it at registration")]
    ContainsNul,
    /// As many hashings wait already as may, so that this one was refused instead of being made to wait.
    #[error("too many hashings are waiting already: try again in a moment")]
    Busy,
    /// The hashing pool cannot be reached: no tokio runtime is running here, or it is shutting down.
    #[error("the hashing pool is not available: call the async form from within a running tokio runtime")]
    PoolUnavailable,
    /// The scheme's implementation failed, most likely because the system gave no random salt.
    #[error("the password could not be hashed")]
    Failed(#[source] BoxError),
}

impl HashingError {
    /// Refuses a password of more bytes than its scheme takes.
    pub(crate) fn require_at_most(limit: usize, plain: &str) -> Result<(), Self> {
        let bytes = plain.len();
        if bytes <= limit { Ok(()) } else { Err(Self::TooLong { bytes, limit }) }
    }
}
