//! The async forms: the same calls, on the bounded pool.
//!
//! Each future owns its password, so it borrows nothing and can be spawned. It wipes the password when it completes or
//! is dropped. Events are logged where the future is polled, in the caller's span.

use zeroize::Zeroizing;

use super::{PasswordCheck, PasswordHasher, Verification, pool};
use crate::error::HashingError;

/// # Async forms
///
/// The methods named `async_..` run on a pool that all hashers of the process share. It runs at most one task for each
/// processor, and a queue holds at most 32 more for each processor, in order. When the queue is full, a call fails at
/// once with [`HashingError::Busy`], which a login answers with 503. Dropping a future in the queue frees its place.
/// Outside a tokio runtime every method returns [`HashingError::PoolUnavailable`].
impl PasswordHasher {
    /// Hashes a password on the pool. The async form of [`hash`](Self::hash).
    ///
    /// # Errors
    ///
    /// The errors of [`hash`](Self::hash) and of every [async form](Self#async-forms).
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let hasher = gatevault::PasswordHasher::builder().cost(4).build()?;
    /// let stored = hasher.async_hash("correct horse").await?;
    /// assert!(stored.starts_with("$2b$04$"));
    /// # Ok::<(), gatevault::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn async_hash<P: Into<String>>(
        &self,
        plain: P,
    ) -> impl Future<Output = Result<String, HashingError>> + Send + 'static + use<P> {
        let hashed = self.on_pool(plain, Self::hash);
        async { hashed.await? }
    }

    /// Verifies a password on the pool. The async form of [`verify`](Self::verify). A malformed hash is `Ok(false)`.
    ///
    /// # Errors
    ///
    /// The errors of every [async form](Self#async-forms).
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let hasher = gatevault::PasswordHasher::builder().cost(4).build()?;
    /// let stored = hasher.async_hash("correct horse").await?;
    /// assert!(hasher.async_verify("correct horse", stored).await?);
    /// # Ok::<(), gatevault::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn async_verify<P: Into<String>, S: Into<String>>(
        &self,
        plain: P,
        stored: S,
    ) -> impl Future<Output = Result<bool, HashingError>> + Send + 'static + use<P, S> {
        let stored = stored.into();
        let check = self.on_pool(plain, move |hasher, plain| hasher.check(plain, &stored, false));
        async { Ok(check.await?.reported().is_match()) }
    }

    /// Verifies a password on the pool and, if the hash is outdated, hashes it again. The async form of
    /// [`verify_and_update`](Self::verify_and_update).
    ///
    /// # Errors
    ///
    /// The errors of every [async form](Self#async-forms).
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let hasher = gatevault::PasswordHasher::builder().cost(4).build()?;
    /// let stored = hasher.async_hash("correct horse").await?;
    /// assert!(hasher.async_verify_and_update("correct horse", stored).await?.is_match());
    /// # Ok::<(), gatevault::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn async_verify_and_update<P: Into<String>, S: Into<String>>(
        &self,
        plain: P,
        stored: S,
    ) -> impl Future<Output = Result<Verification, HashingError>> + Send + 'static + use<P, S> {
        let stored = stored.into();
        let check = self.on_pool(plain, move |hasher, plain| hasher.check(plain, &stored, true));
        async { Ok(check.await?.reported()) }
    }

    /// Verifies the password of a login on the pool. The async form of [`verify_login`](Self::verify_login).
    pub(crate) fn async_verify_login<P: Into<String>>(
        &self,
        plain: P,
        stored: Option<String>,
        renews: bool,
    ) -> impl Future<Output = Result<PasswordCheck, HashingError>> + Send + 'static + use<P> {
        self.on_pool(plain, move |hasher, plain| hasher.verify_login(plain, stored.as_deref(), renews))
    }

    /// Runs `work` on the pool with a copy of the password that is wiped afterwards.
    fn on_pool<T, P, W>(
        &self,
        plain: P,
        work: W,
    ) -> impl Future<Output = Result<T, HashingError>> + Send + 'static + use<T, P, W>
    where
        T: Send + 'static,
        P: Into<String>,
        W: FnOnce(&Self, &str) -> T + Send + 'static,
    {
        let hasher = self.clone();
        let plain = Zeroizing::new(plain.into());
        pool::run(move || work(&hasher, &plain))
    }
}

/// Hashes a password with bcrypt at cost 12 on a bounded thread pool. The async form of
/// [`hash_password`](crate::hash_password), which has no minimum length: for a registration use
/// [`OAuthHandler::async_hash_new_password`](crate::OAuthHandler::async_hash_new_password).
///
/// # Errors
///
/// The errors of [`hash_password`](crate::hash_password) and of every [async form](PasswordHasher#async-forms).
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let stored = gatevault::async_hash_password("correct horse").await?;
/// assert!(stored.starts_with("$2b$12$"));
/// # Ok::<(), gatevault::Error>(())
/// # }).unwrap();
/// ```
pub fn async_hash_password<P: Into<String>>(
    plain: P,
) -> impl Future<Output = Result<String, HashingError>> + Send + 'static + use<P> {
    PasswordHasher::default().async_hash(plain)
}

/// Verifies a password on a bounded thread pool. The async form of [`verify_password`](crate::verify_password). A
/// malformed hash is `Ok(false)`.
///
/// # Errors
///
/// The errors of every [async form](PasswordHasher#async-forms).
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let stored = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
/// assert!(gatevault::async_verify_password("U*U", stored).await?);
/// # Ok::<(), gatevault::Error>(())
/// # }).unwrap();
/// ```
pub fn async_verify_password<P: Into<String>, S: Into<String>>(
    plain: P,
    stored: S,
) -> impl Future<Output = Result<bool, HashingError>> + Send + 'static + use<P, S> {
    PasswordHasher::default().async_verify(plain, stored)
}
