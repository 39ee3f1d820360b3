//! The async form of hashing a new password.

use super::awaiting::Awaiting;
use super::{Auth, OAuthHandler, UserStore};
use crate::error::HashingError;

impl<S: UserStore> OAuthHandler<S> {
    /// Hashes a new password with the handler's [`hasher`](Self::hasher) on the bounded pool, for a registration or a password
    /// change of your own.
    ///
    /// In a function that returns a `Result` with an error from [`GuardError`](crate::GuardError), `?` answers 422 for a
    /// password that the user must replace by another one, and 503 while the pool is full.
    ///
    /// # Errors
    ///
    /// - [`HashingError::TooShort`] below the [`minimum_password_length`](Self::minimum_password_length).
    /// - [`HashingError::TooLong`] and [`HashingError::ContainsNul`] if the scheme does not accept the password.
    /// - [`HashingError::Busy`] if the pool is full, [`HashingError::PoolUnavailable`] without a tokio runtime, and
    ///   [`HashingError::Failed`] if the system's random source fails.
    pub async fn async_hash_new_password(&self, plain: &str) -> Result<String, HashingError> {
        self.hash_new::<Awaiting>(plain).await
    }
}

impl<S: UserStore> Auth<S> {
    /// Hashes a new password, for a registration or a password change of your own. `?` in a handler answers 422 for a password
    /// that is too short or too long.
    ///
    /// # Errors
    ///
    /// As for [`OAuthHandler::async_hash_new_password`].
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::{Auth, GuardError, UserStore};
    ///
    /// async fn register<S: UserStore>(auth: &Auth<S>, name: &str, password: &str) -> Result<(), GuardError> {
    ///     let hash = auth.hash_new_password(password).await?;
    ///     // Insert the name and the hash into your table, whose names are UNIQUE.
    /// #   let _ = (name, hash);
    ///     Ok(())
    /// }
    /// ```
    pub async fn hash_new_password(&self, plain: &str) -> Result<String, HashingError> {
        self.handler().async_hash_new_password(plain).await
    }
}
