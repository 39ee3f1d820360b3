//! The argon2id settings of a [`PasswordHasher`](super::PasswordHasher).

use super::schemes::NewHashes;
use super::{Argon2Params, PasswordHasherBuilder};

impl PasswordHasherBuilder {
    /// Selects argon2id for new hashes, with the default [`Argon2Params`]. Default: bcrypt.
    ///
    /// Hashes of both schemes verify with every setting. With this one a bcrypt hash is outdated, and
    /// `verify_and_update` returns an argon2id hash that replaces it. Without it an argon2id hash is kept: replacing it
    /// would weaken it, and servers with different settings would overwrite each other's hashes.
    ///
    /// # Security
    ///
    /// If stored bcrypt hashes remain, see [`replacing_bcrypt`](Self::replacing_bcrypt).
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

    /// Selects argon2id for new hashes, with the given parameters.
    ///
    /// A stored hash with less memory or less work (memory times iterations) is outdated. A new hash never has less of
    /// either than the hash that it replaces.
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

    /// Selects argon2id for new hashes, and hides during a login which users still have a bcrypt hash.
    ///
    /// Keep this setting until no bcrypt hash is left, with [`cost`](Self::cost) as high as in the stored hashes.
    ///
    /// # Security
    ///
    /// Prevents user enumeration by timing. Verifying a bcrypt hash takes longer than verifying an argon2id hash with
    /// the default parameters, and a login of an unknown user takes as long as the latter. Without this setting, the
    /// duration of a failed login shows that the user exists and has an old hash. With it, every mismatch takes the
    /// work of both schemes.
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

    /// Sets the highest parameters of a stored argon2id hash. Default: 256 MiB, 16 iterations and 8 lanes.
    ///
    /// # Security
    ///
    /// An attacker who can write a stored hash chooses how long its verification takes and how much memory it fills. A
    /// hash above the ceiling matches nothing and causes no work. The async forms verify as many hashes at once as the
    /// machine has processors, and each may fill this much memory.
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
