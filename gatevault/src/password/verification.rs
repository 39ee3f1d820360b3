//! What came of comparing a password with a stored hash.

use std::fmt;

/// Whether a password matched, and what to store when the stored hash is outdated.
///
/// Its `Debug` form leaves the hash out.
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
///     Verification::Mismatch => panic!("refuse the login"),
///     Verification::MatchOutdated { new_hash } => stored = new_hash, // save it with the user
///     Verification::Match => {}
/// }
/// assert!(stored.starts_with("$2b$05$"));
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "a verification that is not looked at lets everybody in"]
pub enum Verification {
    /// Not the password, or a stored hash that cannot be trusted.
    Mismatch,
    /// The password; nothing to do.
    Match,
    /// The password, stored under weaker settings than today's.
    MatchOutdated {
        /// The hash to store in place of the old one.
        new_hash: String,
    },
}

impl Verification {
    /// Whether the password is the right one, outdated hash or not.
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
