//! One error over all areas.

use super::{ConfigError, FetchError, GuardError, HashingError, StoreError, TokenError};

/// Any error of this library. Every other error converts into it, so that `?` works in a function that returns it.
///
/// # Examples
///
/// ```
/// use gatevault::{Error, TokenManager};
///
/// fn subject_of(token: &str) -> Result<u64, Error> {
///     let tokens = TokenManager::new("a secret of at least thirty-two bytes")?; // ConfigError
///     let payload = tokens.decode_token::<gatevault::Payload>(token)?; // TokenError
///     Ok(payload.user_id().as_u64().unwrap_or_default())
/// }
/// assert!(matches!(subject_of("junk"), Err(Error::Token(_))));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A token was rejected or could not be created.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// A guard, a login or a refresh denied the request.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// A setting is invalid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The keys of another issuer could not be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
