//! `PasswordHasherBuilder`.

use super::legacy::LegacyVerifiers;
use super::{PasswordHasher, Schemes};
use crate::error::ConfigError;

/// Builds a [`PasswordHasher`]; start with [`PasswordHasher::builder`].
///
/// # Examples
///
/// ```
/// use gatevault::PasswordHasher;
///
/// let hasher = PasswordHasher::builder().cost(13).cost_ceiling(14).build()?;
/// # Ok::<(), gatevault::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build()` is called"]
pub struct PasswordHasherBuilder {
    pub(super) schemes: Schemes,
    legacy: LegacyVerifiers,
}

impl PasswordHasherBuilder {
    /// Sets the bcrypt cost of new hashes, 4 to 31. Each step doubles the work. Default: 12.
    pub fn cost(mut self, cost: u32) -> Self {
        self.schemes.bcrypt_mut().cost = cost;
        self
    }

    /// Sets the highest bcrypt cost of a stored hash, up to 31. Default: 16.
    ///
    /// # Security
    ///
    /// An attacker who can write a stored hash chooses how long its verification takes: hours at cost 31. A hash above
    /// the ceiling matches nothing and causes no work.
    pub fn cost_ceiling(mut self, ceiling: u32) -> Self {
        self.schemes.bcrypt_mut().ceiling = ceiling;
        self
    }

    /// Adds a verifier of hashes that another system made, so that its users keep their passwords.
    ///
    /// The closure takes the password and the stored hash. It returns `Some(true)` if the password is right,
    /// `Some(false)` if it is wrong, and `None` if the hash is not of its format. Several verifiers are asked in the order
    /// in which they were added, until one returns `Some`. None is asked for a hash that begins with `$2a$`, `$2b$`,
    /// `$2y$` or, with the feature `argon2`, `$argon2id$`, even if that hash is malformed or above the ceiling, nor for an
    /// empty one.
    ///
    /// After `Some(true)`, [`verify_and_update`](PasswordHasher::verify_and_update) returns a new hash, and a login
    /// stores it through [`on_outdated_hash`](crate::OAuthHandler::on_outdated_hash) or the `replace_hash` of its user
    /// store: the closure is asked once for each user. A password that the scheme of new hashes does not accept, such as
    /// one of 80 bytes under bcrypt, logs in and keeps its legacy hash; argon2id accepts up to 4096 bytes.
    ///
    /// The async forms call the closure on the hashing pool, where it may block.
    ///
    /// # Security
    ///
    /// - Compare in constant time, and reject a hash whose cost you would not pay: the ceilings do not apply.
    /// - The dummy work of a failed login is done after the closure has answered, so that a failed login of a legacy user
    ///   is never shorter than one of an unknown user. The time of a slow closure shows which users have a legacy hash, until
    ///   they have moved.
    /// - A panic is a wrong password and a warning. Avoid it: the panic hook may print the password. Passwords above 4096
    ///   bytes are wrong, and the closure is not asked.
    /// - Sessions keep a SHA-256 digest of the hash that the user had. Of a hash without a salt it can be guessed.
    ///
    /// # Examples
    ///
    /// Spring Security writes the name of the scheme in braces in front of the hash:
    ///
    /// ```
    /// use gatevault::password::Verification;
    /// use gatevault::{PasswordHasher, verify_password};
    ///
    /// let hasher = PasswordHasher::builder()
    ///     .legacy(|plain, stored| Some(verify_password(plain, stored.strip_prefix("{bcrypt}")?)))
    ///     .build()?;
    ///
    /// let stored = "{bcrypt}$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    /// assert!(!hasher.verify("wrong", stored));
    /// match hasher.verify_and_update("U*U", stored) {
    ///     Verification::MatchOutdated { new_hash } => assert!(new_hash.starts_with("$2b$12$")), // store it
    ///     other => unreachable!("a legacy hash is outdated: {other:?}"),
    /// }
    /// # Ok::<(), gatevault::Error>(())
    /// ```
    pub fn legacy(mut self, verify: impl Fn(&str, &str) -> Option<bool> + Send + Sync + 'static) -> Self {
        self.legacy = self.legacy.with(verify);
        self
    }

    /// Validates the settings and builds the hasher.
    ///
    /// # Errors
    ///
    /// `NumberOutOfBounds`: `cost_ceiling` is not in 4 to 31, or `cost` is not in 4 to the ceiling.
    pub fn build(self) -> Result<PasswordHasher, ConfigError> {
        Ok(PasswordHasher::new(self.schemes.validated()?, self.legacy))
    }
}

impl Default for PasswordHasherBuilder {
    fn default() -> Self {
        Self { schemes: Schemes::DEFAULT, legacy: LegacyVerifiers::default() }
    }
}
