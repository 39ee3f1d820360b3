//! The dispatch between bcrypt and argon2id, with the interface of bcrypt alone. The stored hash determines the scheme
//! that verifies, and the settings determine the scheme of new hashes.

use super::argon2::{Argon2Hash, Argon2id};
use super::bcrypt::{Bcrypt, BcryptHash};
use super::unreadable::UnreadableHash;
use crate::error::{ConfigError, HashingError};

/// Both schemes with their settings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schemes {
    bcrypt: Bcrypt,
    pub(super) argon2id: Argon2id,
    pub(super) new_hashes: NewHashes,
}

/// The scheme of new hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NewHashes {
    Bcrypt,
    Argon2id,
    /// argon2id, while stored bcrypt hashes remain. Timing must not reveal their users.
    Argon2idReplacingBcrypt,
}

/// A stored hash within the ceiling of its scheme.
pub(super) enum StoredHash<'a> {
    Bcrypt(BcryptHash<'a>),
    Argon2id(Argon2Hash),
}

impl Schemes {
    pub(super) const DEFAULT: Self =
        Self { bcrypt: Bcrypt::DEFAULT, argon2id: Argon2id::DEFAULT, new_hashes: NewHashes::Bcrypt };

    /// Returns the bcrypt settings, for the builder.
    pub(super) fn bcrypt_mut(&mut self) -> &mut Bcrypt {
        self.bcrypt.bcrypt_mut()
    }

    /// Validates the settings of both schemes.
    pub(super) fn validated(self) -> Result<Self, ConfigError> {
        Ok(Self { bcrypt: self.bcrypt.validated()?, argon2id: self.argon2id.validated()?, ..self })
    }

    /// Hashes a password with the scheme of new hashes.
    pub(super) fn hash(self, plain: &str) -> Result<String, HashingError> {
        match self.new_hashes {
            NewHashes::Bcrypt => self.bcrypt.hash(plain),
            NewHashes::Argon2id | NewHashes::Argon2idReplacingBcrypt => self.argon2id.hash(plain),
        }
    }

    /// Returns a hash with the settings of new hashes that no known password matches.
    pub(super) fn dummy_hash(self) -> String {
        match self.new_hashes {
            NewHashes::Bcrypt => self.bcrypt.dummy_hash(),
            NewHashes::Argon2id | NewHashes::Argon2idReplacingBcrypt => self.argon2id.dummy_hash(),
        }
    }

    /// Parses a stored hash. Returns `None` if its prefix belongs to neither scheme, and an error if it is malformed or
    /// above its ceiling.
    pub(super) fn read(self, text: &str) -> Option<Result<StoredHash<'_>, UnreadableHash>> {
        let of_bcrypt = self.bcrypt.read(text).map(|read| read.map(StoredHash::Bcrypt));
        of_bcrypt.or_else(|| self.argon2id.read(text).map(|read| read.map(StoredHash::Argon2id)))
    }

    /// Returns whether the scheme of new hashes hashes this password.
    pub(super) fn accepts(self, plain: &str) -> bool {
        match self.new_hashes {
            NewHashes::Bcrypt => self.bcrypt.accepts(plain),
            NewHashes::Argon2id | NewHashes::Argon2idReplacingBcrypt => Argon2id::accepts(plain),
        }
    }

    /// Returns an error if the scheme of new hashes does not hash this password.
    pub(super) fn require_hashable(self, plain: &str) -> Result<(), HashingError> {
        match self.new_hashes {
            NewHashes::Bcrypt => self.bcrypt.require_hashable(plain),
            NewHashes::Argon2id | NewHashes::Argon2idReplacingBcrypt => Argon2id::require_hashable(plain),
        }
    }

    /// Returns whether a stored hash of either scheme can have this password.
    pub(super) fn can_verify(self, plain: &str) -> bool {
        self.bcrypt.can_verify(plain) || Argon2id::accepts(plain)
    }

    /// Hashes the password again if the stored hash is outdated.
    ///
    /// A bcrypt hash becomes argon2id if the settings say so, and never the reverse: the reverse would weaken the hash,
    /// and during a deployment old and new servers would replace it at every login.
    pub(super) fn renew(self, plain: &str, stored: &StoredHash<'_>) -> Option<Result<String, HashingError>> {
        match (stored, self.new_hashes) {
            (StoredHash::Bcrypt(stored), NewHashes::Bcrypt) => self.bcrypt.renew(plain, stored),
            (StoredHash::Bcrypt(_), _) => Some(self.hash(plain)),
            (StoredHash::Argon2id(_), NewHashes::Bcrypt) => None,
            (StoredHash::Argon2id(stored), _) => self.argon2id.renew(plain, stored),
        }
    }

    /// Computes dummy work, so that a verification of `spent` takes as long as one with the scheme of new hashes. Work of
    /// the other scheme does not count. While argon2id replaces bcrypt, the total is the work of both schemes.
    pub(super) fn equalize_time(self, plain: &str, spent: Option<&StoredHash<'_>>) {
        let (bcrypt, argon2id) = match spent {
            Some(StoredHash::Bcrypt(stored)) => (Some(stored), None),
            Some(StoredHash::Argon2id(stored)) => (None, Some(stored)),
            None => (None, None),
        };
        if self.new_hashes != NewHashes::Argon2id {
            self.bcrypt.equalize_time(plain, bcrypt);
        }
        if self.new_hashes != NewHashes::Bcrypt {
            self.argon2id.equalize_time(plain, argon2id);
        }
    }
}

impl StoredHash<'_> {
    /// Returns whether `plain` is the password of this hash.
    pub(super) fn verify(&self, plain: &str) -> bool {
        match self {
            Self::Bcrypt(stored) => stored.verify(plain),
            Self::Argon2id(stored) => stored.verify(plain),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::super::{Argon2Params, PasswordHasher, PasswordHasherBuilder, Verification};

    const U_STAR_U: &str = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    /// Eight blocks, one pass; the password is `correct horse`.
    const CHEAPEST: &str =
        "$argon2id$v=19$m=8,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$M7jw0GQI4Kfcxf+xPldfNRYttP89scc9XVAYAcaZ0U0";
    const PARAMS: Argon2Params = Argon2Params { memory_kib: 8192, iterations: 3, parallelism: 1 };

    /// Asserts only lower bounds, far below the expected times, so that a busy machine cannot break the test.
    #[test]
    fn no_mismatch_at_login_is_quick_with_any_schemes() {
        let argon2id = hasher(PasswordHasher::builder().argon2id_with(PARAMS));
        let bcrypt = hasher(PasswordHasher::builder().cost(8));
        let both = hasher(PasswordHasher::builder().cost(8).argon2id_with(PARAMS).replacing_bcrypt());
        let of_argon2id = argon2id.hash("U*U").unwrap();
        let of_bcrypt = bcrypt.hash("U*U").unwrap();
        // A busy machine can only lengthen a time, so the shortest is the nearest to the true one.
        let shortest = |hasher, stored: &str| (0..5).map(|_| time(hasher, Some(stored))).min().unwrap();
        let (argon2id_time, bcrypt_time) = (shortest(&argon2id, &of_argon2id), shortest(&bcrypt, &of_bcrypt));
        let cheap = of_argon2id.replace("m=8192,t=3", "m=8,t=1");
        for stored in [None, Some("junk"), Some(U_STAR_U), Some(CHEAPEST), Some(&cheap)] {
            assert!(time(&argon2id, stored) > argon2id_time / 4, "{stored:?}");
            assert!(time(&bcrypt, stored) > bcrypt_time / 4, "{stored:?}");
            assert!(time(&both, stored) > (argon2id_time + bcrypt_time) / 4, "{stored:?}");
        }
        for stored in [&of_argon2id, &of_bcrypt] {
            assert!(time(&both, Some(stored)) > (argon2id_time + bcrypt_time) / 4, "{stored:?}");
        }
    }

    #[test]
    fn a_login_verifies_hashes_of_both_schemes_and_moves_them_to_the_configured_one() {
        let argon2id = hasher(PasswordHasher::builder().argon2id_with(PARAMS));
        let Verification::MatchOutdated { new_hash } =
            argon2id.verify_login("U*U", Some(U_STAR_U), true).verification
        else {
            panic!("a bcrypt hash is kept");
        };
        assert!(matches!(
            argon2id.verify_login("U*U", Some(&new_hash), true).verification,
            Verification::Match
        ));
        let bcrypt = hasher(PasswordHasher::builder().cost(5));
        assert!(matches!(
            bcrypt.verify_login("U*U", Some(&new_hash), true).verification,
            Verification::Match
        ));
    }

    #[test]
    fn the_passwords_of_the_dummy_hashes_do_not_log_in() {
        let both = hasher(PasswordHasher::builder().cost(4).replacing_bcrypt());
        assert!(!both.verify_login("", None, true).verification.is_match());
        assert!(!both.verify_login(&"x".repeat(4097), Some(CHEAPEST), true).verification.is_match());
    }

    fn hasher(builder: PasswordHasherBuilder) -> PasswordHasher {
        builder.build().unwrap()
    }

    fn time(hasher: &PasswordHasher, stored: Option<&str>) -> Duration {
        let once = || {
            let start = Instant::now();
            assert!(!hasher.verify_login("wrong", stored, true).verification.is_match());
            start.elapsed()
        };
        once().min(once())
    }
}
