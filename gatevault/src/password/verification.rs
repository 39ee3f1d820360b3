//! `Verification`.

use std::fmt;

/// The result of verifying a password, with a new hash if the stored one is outdated.
///
/// `Debug` omits the hash.
///
/// # Examples
///
/// ```
/// use gatevault::password::Verification;
/// use gatevault::PasswordHasher;
///
/// # let mut stored = PasswordHasher::builder().cost(4).build()?.hash("correct horse")?;
/// let hasher = PasswordHasher::builder().cost(5).build()?;
/// match hasher.verify_and_update("correct horse", &stored) {
///     Verification::Mismatch => panic!("reject the login"),
///     Verification::MatchOutdated { new_hash } => stored = new_hash, // store it with the user
///     Verification::Match => {}
/// }
/// assert!(stored.starts_with("$2b$05$"));
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "ignoring the result accepts every password"]
pub enum Verification {
    /// The password is wrong, or the stored hash is malformed or above the ceiling.
    Mismatch,
    /// The password is right, and the stored hash is current.
    Match,
    /// The password is right, and the stored hash is outdated.
    MatchOutdated {
        /// The hash that replaces the stored one.
        new_hash: String,
    },
}

impl Verification {
    /// Returns whether the password is right, even if the stored hash is outdated.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::password::Verification;
    ///
    /// assert!(Verification::Match.is_match());
    /// assert!(!Verification::Mismatch.is_match());
    /// ```
    #[must_use]
    pub fn is_match(&self) -> bool {
        !matches!(self, Self::Mismatch)
    }
}

impl fmt::Debug for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mismatch => "Mismatch",
            Self::Match => "Match",
            Self::MatchOutdated { .. } => "MatchOutdated { .. }",
        })
    }
}
