//! `PasswordHasher`, and the functions that use its defaults.

use super::{PasswordHasherBuilder, Schemes, StoredHash, Verification};
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
#[derive(Debug, Clone)]
pub struct PasswordHasher {
    schemes: Schemes,
}

impl PasswordHasher {
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

    /// Creates a hasher from validated settings.
    pub(super) fn new(schemes: Schemes) -> Self {
        Self { schemes }
    }

    /// Hashes a password with a random salt.
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

    /// Returns whether `plain` is the password of the hash `stored`. Malformed hashes return `false`.
    ///
    /// # Examples
    ///
    /// ```
    /// let hasher = gatevault::PasswordHasher::default();
    /// assert!(!hasher.verify("correct horse", "not a hash"));
    /// ```
    #[must_use]
    pub fn verify(&self, plain: &str, stored: &str) -> bool {
        self.schemes.read(stored).is_some_and(|stored| stored.verify(plain))
    }

    /// Verifies a password. If it matches and the stored hash is outdated, also hashes it again.
    ///
    /// A bcrypt hash is outdated if its cost is lower than configured or its prefix is `$2a$` or `$2y$`. A hash with a
    /// higher cost is kept, and a new hash never has a lower cost than the one it replaces. With the feature `argon2` a
    /// bcrypt hash is also outdated if new hashes are argon2id, and never the reverse. If the new hash cannot be
    /// computed, the result is [`Verification::Match`]: the login succeeds, and the next one tries again.
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
        self.schemes.read(stored).map_or(Verification::Mismatch, |stored| self.evaluate(plain, &stored, true))
    }

    /// Verifies the password of a login, like [`verify_and_update`](Self::verify_and_update), and prevents user
    /// enumeration by timing.
    ///
    /// If there is no stored hash, or it is malformed, above the ceiling or cheaper than configured, a mismatch still
    /// takes the work of a verification at the configured cost. The work for a hash of the other scheme comes on top.
    /// Pass `renews` only if the caller stores the new hash.
    pub(crate) fn verify_login(&self, plain: &str, stored: Option<&str>, renews: bool) -> Verification {
        let stored = stored.and_then(|text| self.schemes.read(text));
        let verification =
            stored.as_ref().map_or(Verification::Mismatch, |stored| self.evaluate(plain, stored, renews));
        if !verification.is_match() {
            self.schemes.equalize_time(plain, stored.as_ref());
        }
        verification
    }

    fn evaluate(&self, plain: &str, stored: &StoredHash<'_>, renews: bool) -> Verification {
        if !stored.verify(plain) {
            return Verification::Mismatch;
        }
        match renews.then(|| self.schemes.renew(plain, stored)).flatten() {
            Some(Ok(new_hash)) => Verification::MatchOutdated { new_hash },
            Some(Err(_)) | None => Verification::Match,
        }
    }
}

impl Default for PasswordHasher {
    fn default() -> Self {
        Self::new(Schemes::DEFAULT)
    }
}

/// Hashes a password with bcrypt at cost 12. The hash has 60 characters and begins with `$2b$12$`.
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
/// `stored` is a bcrypt hash or, with the feature `argon2`, an argon2id hash.
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

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    const U_STAR_U: &str = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

    #[test]
    fn a_known_user_with_the_right_password_matches_at_login() {
        let hasher = PasswordHasher::builder().cost(4).build().unwrap();
        let stored = hasher.hash("U*U").unwrap();
        assert!(matches!(hasher.verify_login("U*U", Some(&stored), true), Verification::Match));
    }

    #[test]
    fn an_outdated_hash_is_replaced_at_login() {
        let hasher = PasswordHasher::builder().cost(6).build().unwrap();
        let Verification::MatchOutdated { new_hash } = hasher.verify_login("U*U", Some(U_STAR_U), true)
        else {
            panic!("a hash of cost 5 is kept");
        };
        assert!(new_hash.starts_with("$2b$06$") && hasher.verify("U*U", &new_hash));
    }

    #[test]
    fn a_login_without_a_usable_hash_or_with_a_wrong_password_is_a_mismatch() {
        let hasher = PasswordHasher::builder().cost(6).cost_ceiling(6).build().unwrap();
        let above_the_ceiling = U_STAR_U.replace("$05$", "$31$");
        for stored in [None, Some(""), Some("junk"), Some(U_STAR_U), Some(above_the_ceiling.as_str())] {
            for plain in ["", "wrong", "U*U\0", &"x".repeat(73)] {
                assert!(!hasher.verify_login(plain, stored, true).is_match(), "{plain:?} against {stored:?}");
            }
        }
    }

    /// Asserts only a lower bound, far below the expected time, so that a busy machine cannot break the test.
    #[test]
    fn no_mismatch_at_login_is_quick() {
        let hasher = PasswordHasher::builder().cost(9).cost_ceiling(9).build().unwrap();
        let genuine = hasher.hash("U*U").unwrap();
        let time = |stored| {
            let start = Instant::now();
            assert!(!hasher.verify_login("wrong", stored, true).is_match());
            start.elapsed()
        };
        let expected = (0..3).map(|_| time(Some(&genuine))).min().unwrap();
        let above_the_ceiling = U_STAR_U.replace("$05$", "$31$");
        for stored in [None, Some("junk"), Some(above_the_ceiling.as_str()), Some(U_STAR_U)] {
            assert!(time(stored) > expected / 4, "{stored:?}");
        }
    }

    #[test]
    fn the_password_of_the_dummy_hash_does_not_log_in() {
        let hasher = PasswordHasher::builder().cost(4).build().unwrap();
        assert!(!hasher.verify_login("", None, true).is_match());
    }
}
