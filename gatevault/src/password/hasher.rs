//! Hashing and verifying with one configuration, and the two functions that need none.

use super::{PasswordHasherBuilder, Schemes, StoredHash, Verification};
use crate::error::HashingError;

/// Hashes and verifies passwords with settings of your own; cheap to clone.
///
/// The default is bcrypt at cost 12, and refuses stored hashes of a cost over 16. With feature `argon2` argon2id
/// hashes verify too, and the builder's `argon2id()` makes new ones.
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
    /// Starts from the default settings.
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

    pub(super) fn new(schemes: Schemes) -> Self {
        Self { schemes }
    }

    /// Hashes a password under a fresh salt.
    ///
    /// # Errors
    ///
    /// `TooLong` over 72 bytes and `ContainsNul`: bcrypt would ignore a part of the password. argon2id takes 4096
    /// bytes and a NUL. `Failed` when the system gives no random salt.
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

    /// Says whether `plain` is the password behind `stored`; whatever is malformed is `false`.
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

    /// Verifies, and hashes anew when the stored hash is outdated: of a lower cost than configured, or
    /// marked `$2a$` or `$2y$`.
    ///
    /// A hash of a higher cost is kept, and a new hash never has a lower one than it replaces. With feature
    /// `argon2` a bcrypt hash is also outdated where new hashes are argon2id, and never the reverse. A match
    /// whose new hash fails is a [`Verification::Match`]: the user is not to suffer, and the next login
    /// tries again.
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
        self.schemes.read(stored).map_or(Verification::Mismatch, |stored| self.settle(plain, &stored, true))
    }

    /// Like [`verify_and_update`](Self::verify_and_update), for a login that must not tell by its time whether
    /// there is such a user.
    ///
    /// Without a stored hash, or with one that is malformed, over the ceiling or cheaper than configured,
    /// a mismatch takes the work of a verification at the configured cost. A hash of another scheme than new ones
    /// have takes its own work besides. A new hash is made only where somebody will store it.
    pub(crate) fn verify_login(&self, plain: &str, stored: Option<&str>, renews: bool) -> Verification {
        let stored = stored.and_then(|text| self.schemes.read(text));
        let verification =
            stored.as_ref().map_or(Verification::Mismatch, |stored| self.settle(plain, stored, renews));
        if !verification.is_match() {
            self.schemes.spend_rest(plain, stored.as_ref());
        }
        verification
    }

    fn settle(&self, plain: &str, stored: &StoredHash<'_>, renews: bool) -> Verification {
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

/// Hashes a password with bcrypt at cost 12: `$2b$12$..`, 60 characters.
///
/// # Errors
///
/// As [`PasswordHasher::hash`]: over 72 bytes, a NUL character, or no randomness.
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

/// Says whether `plain` is the password behind `stored`, a bcrypt hash (with feature `argon2`, or an argon2id
/// hash); whatever is malformed is `false`.
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
    fn whatever_else_comes_to_a_login_is_a_mismatch() {
        let hasher = PasswordHasher::builder().cost(6).cost_ceiling(6).build().unwrap();
        let over_the_ceiling = U_STAR_U.replace("$05$", "$31$");
        for stored in [None, Some(""), Some("junk"), Some(U_STAR_U), Some(over_the_ceiling.as_str())] {
            for plain in ["", "wrong", "U*U\0", &"x".repeat(73)] {
                assert!(!hasher.verify_login(plain, stored, true).is_match(), "{plain:?} against {stored:?}");
            }
        }
    }

    /// Only a lower bound is asserted, and far below what is due: a busy machine cannot break it.
    #[test]
    fn no_mismatch_at_login_is_quick() {
        let hasher = PasswordHasher::builder().cost(9).cost_ceiling(9).build().unwrap();
        let genuine = hasher.hash("U*U").unwrap();
        let time = |stored| {
            let start = Instant::now();
            assert!(!hasher.verify_login("wrong", stored, true).is_match());
            start.elapsed()
        };
        let due = (0..3).map(|_| time(Some(&genuine))).min().unwrap();
        let over_the_ceiling = U_STAR_U.replace("$05$", "$31$");
        for stored in [None, Some("junk"), Some(over_the_ceiling.as_str()), Some(U_STAR_U)] {
            assert!(time(stored) > due / 4, "{stored:?}");
        }
    }

    #[test]
    fn the_password_behind_the_dummy_hash_opens_nothing() {
        let hasher = PasswordHasher::builder().cost(4).build().unwrap();
        assert!(!hasher.verify_login("", None, true).is_match());
    }
}
