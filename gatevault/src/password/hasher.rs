//! `PasswordHasher`, and the functions that use its defaults.

use std::fmt;
use std::sync::Arc;

use super::legacy::LegacyVerifiers;
use super::{PasswordHasherBuilder, Schemes, Verification};
use crate::error::HashingError;

/// Hashes and verifies passwords with configurable settings. Clones are cheap.
///
/// The default is bcrypt with cost 12, and rejects stored hashes with a cost above 16. With the feature `argon2`,
/// argon2id hashes verify too, and the builder's `argon2id()` selects argon2id for new hashes.
///
/// # Examples
///
/// ```
/// use gatevault::PasswordHasher;
///
/// let hasher = PasswordHasher::builder().cost(10).build()?;
/// let stored = hasher.hash("correct horse")?;
/// assert!(hasher.verify("correct horse", &stored));
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Clone)]
pub struct PasswordHasher {
    pub(super) schemes: Schemes,
    pub(super) legacy: LegacyVerifiers,
    /// The hash that is verified where a user has none.
    pub(super) dummy_hash: Arc<str>,
}

impl PasswordHasher {
    /// Creates a hasher whose settings are valid.
    pub(super) fn new(schemes: Schemes, legacy: LegacyVerifiers) -> Self {
        Self { schemes, legacy, dummy_hash: schemes.dummy_hash().into() }
    }

    /// Creates a builder with the default settings.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::{ConfigError, PasswordHasher};
    ///
    /// let refused = PasswordHasher::builder().cost(17).build().unwrap_err();
    /// assert_eq!(refused.to_string(), "`cost` is 17 and must be between 4 and 16");
    /// ```
    pub fn builder() -> PasswordHasherBuilder {
        PasswordHasherBuilder::default()
    }

    /// Hashes a password with a random salt, an empty one too. For a registration use
    /// [`OAuthHandler::hash_new_password`](crate::OAuthHandler::hash_new_password), which has a minimum length.
    ///
    /// # Errors
    ///
    /// `TooLong` above 72 bytes, and `ContainsNul`, because bcrypt would ignore part of the password. argon2id accepts
    /// 4096 bytes, and NUL characters. `Failed` if the system's random source fails.
    ///
    /// # Examples
    ///
    /// ```
    /// let hasher = gatevault::PasswordHasher::builder().cost(4).build()?;
    /// assert_ne!(hasher.hash("correct horse")?, hasher.hash("correct horse")?);
    /// # Ok::<(), gatevault::Error>(())
    /// ```
    pub fn hash(&self, plain: &str) -> Result<String, HashingError> {
        self.schemes.hash(plain)
    }

    /// Returns whether `plain` is the password of the hash `stored`.
    ///
    /// A hash that is malformed, of an unknown format or above the ceiling returns `false`, and each such call logs a
    /// warning with the reason. Hashes of other systems verify with a [`legacy`](PasswordHasherBuilder::legacy) verifier.
    ///
    /// # Examples
    ///
    /// ```
    /// let hasher = gatevault::PasswordHasher::default();
    /// assert!(!hasher.verify("correct horse", "not a hash"));
    /// ```
    #[must_use]
    pub fn verify(&self, plain: &str, stored: &str) -> bool {
        self.check(plain, stored, false).reported().is_match()
    }

    /// Verifies a password. If it matches and the stored hash is outdated, also hashes it again.
    ///
    /// A bcrypt hash is outdated if its cost is lower than configured or its prefix is `$2a$` or `$2y$`. A hash with a
    /// higher cost is kept, and a new hash never has a lower cost than the one it replaces. With the feature `argon2` a
    /// bcrypt hash is also outdated if new hashes are argon2id, and never the reverse. A hash that a
    /// [`legacy`](PasswordHasherBuilder::legacy) verifier has verified is always outdated. If the new hash cannot be
    /// computed, the result is [`Verification::Match`]: the login succeeds, and the next one tries again.
    ///
    /// A stored hash that cannot be verified is a mismatch, and each such call logs a warning with the reason.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::password::Verification;
    /// use gatevault::PasswordHasher;
    ///
    /// let old = PasswordHasher::builder().cost(4).build()?.hash("correct horse")?;
    /// let hasher = PasswordHasher::builder().cost(5).build()?;
    /// let verification = hasher.verify_and_update("correct horse", &old);
    /// assert!(matches!(verification, Verification::MatchOutdated { new_hash } if new_hash.contains("$05$")));
    /// # Ok::<(), gatevault::Error>(())
    /// ```
    pub fn verify_and_update(&self, plain: &str, stored: &str) -> Verification {
        self.check(plain, stored, true).reported()
    }

    /// Returns why this hasher cannot verify a stored hash, or `None` if it can. For tools and checks of a database: a login
    /// logs the same reason. The reason never contains the hash.
    ///
    /// [Legacy verifiers](super::PasswordHasherBuilder::legacy) are asked with an empty password.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::PasswordHasher;
    ///
    /// let hasher = PasswordHasher::default();
    /// assert_eq!(hasher.unreadable_reason("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"), None);
    /// assert!(hasher.unreadable_reason("$6$salt$hash").is_some_and(|reason| reason.contains("sha512-crypt")));
    /// ```
    #[must_use]
    pub fn unreadable_reason(&self, stored: &str) -> Option<String> {
        let unreadable = match self.schemes.read(stored) {
            Some(read) => read.err(),
            None => self.legacy.verify("", stored).err(),
        };
        unreadable.map(|reason| reason.to_string())
    }
}

impl Default for PasswordHasher {
    fn default() -> Self {
        Self::new(Schemes::DEFAULT, LegacyVerifiers::default())
    }
}

/// Omits the dummy hash, which looks like that of a user.
impl fmt::Debug for PasswordHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut hasher = f.debug_struct("PasswordHasher");
        hasher.field("schemes", &self.schemes).field("legacy", &self.legacy).finish_non_exhaustive()
    }
}

/// Hashes a password with bcrypt at cost 12. The hash has 60 characters and begins with `$2b$12$`.
///
/// It has no minimum length and hashes an empty password too. For a registration use
/// [`OAuthHandler::hash_new_password`](crate::OAuthHandler::hash_new_password), which refuses a short one.
///
/// # Errors
///
/// The same as [`PasswordHasher::hash`]: above 72 bytes, a NUL character, or no randomness.
///
/// # Examples
///
/// ```
/// let stored = gatevault::hash_password("correct horse")?;
/// assert!(stored.starts_with("$2b$12$"));
/// # Ok::<(), gatevault::Error>(())
/// ```
pub fn hash_password(plain: &str) -> Result<String, HashingError> {
    PasswordHasher::default().hash(plain)
}

/// Returns whether `plain` is the password of the hash `stored`. Malformed hashes return `false`.
///
/// `stored` is a bcrypt hash or, with the feature `argon2`, an argon2id hash. Any other string logs a warning.
///
/// # Examples
///
/// ```
/// use gatevault::verify_password;
///
/// let stored = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
/// assert!(verify_password("U*U", stored));
/// assert!(!verify_password("U*V", stored));
/// assert!(!verify_password("U*U", "not a hash"));
/// ```
#[must_use]
pub fn verify_password(plain: &str, stored: &str) -> bool {
    PasswordHasher::default().verify(plain, stored)
}
