//! The settings of a [`PasswordHasher`](super::PasswordHasher) that are about argon2id.

use super::schemes::NewHashes;
use super::{Argon2Params, PasswordHasherBuilder};

impl PasswordHasherBuilder {
    /// Makes new hashes argon2id, with the default [`Argon2Params`]. bcrypt unless set.
    ///
    /// Hashes of both schemes verify, whatever is set. A bcrypt hash is then outdated, so that
    /// `verify_and_update` returns an argon2id hash to store instead. Without this setting an argon2id hash is
    /// kept as it is: it must not be weakened, and servers of both settings would replace each other's hashes.
    ///
    /// # Security
    ///
    /// Where bcrypt hashes are left from before, see [`replacing_bcrypt`](Self::replacing_bcrypt).
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::password::Verification;
    /// use gatevault::PasswordHasher;
    ///
    /// let hasher = PasswordHasher::builder().argon2id().build()?;
    /// assert!(hasher.hash("correct horse")?.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    ///
    /// let old = PasswordHasher::builder().cost(4).build()?.hash("correct horse")?;
    /// let verification = hasher.verify_and_update("correct horse", &old);
    /// assert!(matches!(verification, Verification::MatchOutdated { new_hash } if new_hash.contains("argon2id")));
    /// # Ok::<(), gatevault::Error>(())
    /// ```
    pub fn argon2id(self) -> Self {
        self.argon2id_with(Argon2Params::default())
    }

    /// Makes new hashes argon2id, with parameters of your own.
    ///
    /// Stored hashes of less memory or less work (memory times iterations) are outdated; a new hash has no less
    /// of either than the one it replaces.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::password::Argon2Params;
    /// use gatevault::PasswordHasher;
    ///
    /// let params = Argon2Params { memory_kib: 64 * 1024, iterations: 3, parallelism: 1 };
    /// let hasher = PasswordHasher::builder().argon2id_with(params).build()?;
    ///
    /// let params = Argon2Params { memory_kib: 512 * 1024, ..params };
    /// let refused = PasswordHasher::builder().argon2id_with(params).build().unwrap_err();
    /// assert_eq!(refused.to_string(), "`memory_kib` is 524288 and must be between 8 and 262144");
    /// # Ok::<(), gatevault::ConfigError>(())
    /// ```
    pub fn argon2id_with(mut self, params: Argon2Params) -> Self {
        self.schemes.argon2id.params = params;
        if self.schemes.new_hashes == NewHashes::Bcrypt {
            self.schemes.new_hashes = NewHashes::Argon2id;
        }
        self
    }

    /// Makes new hashes argon2id, and hides at a login which users still have a bcrypt hash.
    ///
    /// Set it until the last bcrypt hash is gone, with [`cost`](Self::cost) as high as these have it.
    ///
    /// # Security
    ///
    /// Verifying a bcrypt hash takes longer than verifying an argon2id hash of the default parameters, and an
    /// unknown user costs what the latter takes: without this setting, the time that a wrong password takes shows
    /// that there is a user, and that the hash is an old one. With it, every mismatch takes the work of both
    /// schemes.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::PasswordHasher;
    ///
    /// let hasher = PasswordHasher::builder().cost(12).replacing_bcrypt().build()?;
    /// # Ok::<(), gatevault::ConfigError>(())
    /// ```
    pub fn replacing_bcrypt(mut self) -> Self {
        self.schemes.new_hashes = NewHashes::Argon2idReplacingBcrypt;
        self
    }

    /// Sets the most that a stored argon2id hash may ask for: 256 MiB, 16 iterations and 8 lanes unless set.
    ///
    /// # Security
    ///
    /// Whoever can write a stored hash chooses how long its verification runs and how much memory it fills.
    /// Hashes over the ceiling match nothing, before any work. As many are verified at once as the machine has
    /// processors: each of them may fill this much.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::password::Argon2Params;
    /// use gatevault::PasswordHasher;
    ///
    /// let ceiling = Argon2Params { memory_kib: 32 * 1024, iterations: 4, parallelism: 1 };
    /// let hasher = PasswordHasher::builder().argon2id().argon2_ceiling(ceiling).build()?;
    /// # Ok::<(), gatevault::ConfigError>(())
    /// ```
    pub fn argon2_ceiling(mut self, ceiling: Argon2Params) -> Self {
        self.schemes.argon2id.ceiling = ceiling;
        self
    }
}
