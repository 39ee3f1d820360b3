//! Errors of hashing a password.

use super::BoxError;

/// A password could not be hashed, because of the password or because of the machine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HashingError {
    /// A new password is shorter than the handler accepts, such as an empty one.
    #[error("the password has {characters} characters and needs at least {minimum}")]
    TooShort {
        /// Length of the password in characters.
        characters: usize,
        /// The minimum of the handler, in characters.
        minimum: usize,
    },
    /// The password is longer than its scheme accepts. bcrypt reads 72 bytes and ignores the rest, so two long
    /// passwords could have the same hash.
    #[error("the password has {bytes} bytes and may have {limit} at most: ask for a shorter one")]
    TooLong {
        /// Length of the password in bytes of UTF-8.
        bytes: usize,
        /// The maximum of the scheme, in bytes.
        limit: usize,
    },
    /// The password contains a NUL byte. bcrypt stops there and ignores the rest.
    #[error("the password contains a NUL character: refuse it at registration")]
    ContainsNul,
    /// The hashing queue is full. The password was not hashed.
    #[error("too many passwords are waiting to be hashed: try again later")]
    Busy,
    /// The hashing pool is not available: no tokio runtime is running, or it is shutting down.
    #[error("the hashing pool is not available: call the async form from within a running tokio runtime")]
    PoolUnavailable,
    /// The scheme's implementation failed, most likely because the operating system returned no random salt.
    #[error("the password could not be hashed")]
    Failed(#[source] BoxError),
}

impl HashingError {
    /// Returns an error for a password of more than `limit` bytes.
    pub(crate) fn require_at_most(limit: usize, plain: &str) -> Result<(), Self> {
        let bytes = plain.len();
        if bytes <= limit { Ok(()) } else { Err(Self::TooLong { bytes, limit }) }
    }
}
