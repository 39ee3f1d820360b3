//! The async forms: the same calls, on the bounded pool. Every one owns its password from the call on
//! (so the future borrows nothing and can be spawned) and wipes it, also when dropped half-way.

use zeroize::Zeroizing;

use super::{PasswordHasher, Verification, pool};
use crate::error::HashingError;

/// # Async forms
///
/// The methods named `async_..` run on a pool that all hashers of the process share: at most as many at once as
/// the machine has processors, and at most 32 for each processor wait for their turn, in order. One more is
/// refused at once with [`HashingError::Busy`], which a login answers with 503. A future that is dropped while it
/// waits frees its place. Outside a running tokio runtime each is [`HashingError::PoolUnavailable`].
impl PasswordHasher {
    /// Hashes a password off the executor; the async form of [`hash`](Self::hash).
    ///
    /// # Errors
    ///
    /// As [`hash`](Self::hash), and as any [async form](Self#async-forms).
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

    /// Verifies a password off the executor; the async form of [`verify`](Self::verify).
    ///
    /// # Errors
    ///
    /// As any [async form](Self#async-forms); a malformed hash is `Ok(false)`.
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
        self.on_pool(plain, move |hasher, plain| hasher.verify(plain, &stored))
    }

    /// Verifies and, where needed, hashes anew off the executor; the async form of
    /// [`verify_and_update`](Self::verify_and_update).
    ///
    /// # Errors
    ///
    /// As any [async form](Self#async-forms).
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
        self.on_pool(plain, move |hasher, plain| hasher.verify_and_update(plain, &stored))
    }

    /// The async form of [`verify_login`](Self::verify_login).
    pub(crate) fn async_verify_login<P: Into<String>>(
        &self,
        plain: P,
        stored: Option<String>,
        renews: bool,
    ) -> impl Future<Output = Result<Verification, HashingError>> + Send + 'static + use<P> {
        self.on_pool(plain, move |hasher, plain| hasher.verify_login(plain, stored.as_deref(), renews))
    }

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

/// Hashes a password with bcrypt at cost 12 off the executor; the async form of
/// [`hash_password`](crate::hash_password).
///
/// # Errors
///
/// As [`hash_password`](crate::hash_password), and as any [async form](PasswordHasher#async-forms).
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

/// Verifies a password off the executor; the async form of [`verify_password`](crate::verify_password).
///
/// # Errors
///
/// As any [async form](PasswordHasher#async-forms); a malformed hash is `Ok(false)`.
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
