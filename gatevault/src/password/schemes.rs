//! Both schemes, in the shape that bcrypt has alone: what is stored says which one reads it, and the settings
//! say which one hashes.

use super::argon2::{self, Argon2id};
use super::bcrypt::{self, Bcrypt};
use crate::error::{ConfigError, HashingError};

/// The schemes with their settings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schemes {
    bcrypt: Bcrypt,
    pub(super) argon2id: Argon2id,
    pub(super) new_hashes: NewHashes,
}

/// Which scheme makes new hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NewHashes {
    Bcrypt,
    Argon2id,
    /// argon2id, while bcrypt hashes remain whose users must not stand out.
    Argon2idReplacingBcrypt,
}

/// A stored hash that may be worked on.
pub(super) enum StoredHash<'a> {
    Bcrypt(bcrypt::StoredHash<'a>),
    Argon2id(argon2::StoredHash),
}

impl Schemes {
    pub(super) const DEFAULT: Self =
        Self { bcrypt: Bcrypt::DEFAULT, argon2id: Argon2id::DEFAULT, new_hashes: NewHashes::Bcrypt };

    pub(super) fn bcrypt_mut(&mut self) -> &mut Bcrypt {
        self.bcrypt.bcrypt_mut()
    }

    pub(super) fn validated(self) -> Result<Self, ConfigError> {
        Ok(Self { bcrypt: self.bcrypt.validated()?, argon2id: self.argon2id.validated()?, ..self })
    }

    pub(super) fn hash(self, plain: &str) -> Result<String, HashingError> {
        match self.new_hashes {
            NewHashes::Bcrypt => self.bcrypt.hash(plain),
            NewHashes::Argon2id | NewHashes::Argon2idReplacingBcrypt => self.argon2id.hash(plain),
        }
    }

    pub(super) fn read(self, text: &str) -> Option<StoredHash<'_>> {
        let of_bcrypt = self.bcrypt.read(text).map(StoredHash::Bcrypt);
        of_bcrypt.or_else(|| self.argon2id.read(text).map(StoredHash::Argon2id))
    }

    /// A bcrypt hash becomes argon2id where that is the setting, and never the reverse: that would weaken the
    /// hash, and during a deployment old servers and new ones would replace it at every login.
    pub(super) fn renew(self, plain: &str, stored: &StoredHash<'_>) -> Option<Result<String, HashingError>> {
        match (stored, self.new_hashes) {
            (StoredHash::Bcrypt(stored), NewHashes::Bcrypt) => self.bcrypt.renew(plain, stored),
            (StoredHash::Bcrypt(_), _) => Some(self.hash(plain)),
            (StoredHash::Argon2id(_), NewHashes::Bcrypt) => None,
            (StoredHash::Argon2id(stored), _) => self.argon2id.renew(plain, stored),
        }
    }

    /// Computes what a verification by the scheme of new hashes would still take after `spent` on a stored hash,
    /// which is all of it when that was of the other scheme; of both schemes while one replaces the other.
    pub(super) fn spend_rest(self, plain: &str, spent: Option<&StoredHash<'_>>) {
        let (on_bcrypt, on_argon2id) = match spent {
            Some(StoredHash::Bcrypt(stored)) => (Some(stored), None),
            Some(StoredHash::Argon2id(stored)) => (None, Some(stored)),
            None => (None, None),
        };
        if self.new_hashes != NewHashes::Argon2id {
            self.bcrypt.spend_rest(plain, on_bcrypt);
        }
        if self.new_hashes != NewHashes::Bcrypt {
            self.argon2id.spend_rest(plain, on_argon2id);
        }
    }
}

impl StoredHash<'_> {
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

    /// Only lower bounds are asserted, and far below what is due: a busy machine cannot break them.
    #[test]
    fn no_mismatch_at_login_is_quick_whatever_the_schemes() {
        let argon2id = hasher(PasswordHasher::builder().argon2id_with(PARAMS));
        let bcrypt = hasher(PasswordHasher::builder().cost(8));
        let both = hasher(PasswordHasher::builder().cost(8).argon2id_with(PARAMS).replacing_bcrypt());
        let of_argon2id = argon2id.hash("U*U").unwrap();
        let of_bcrypt = bcrypt.hash("U*U").unwrap();
        let due_to_argon2id = time(&argon2id, Some(&of_argon2id));
        let due_to_bcrypt = time(&bcrypt, Some(&of_bcrypt));
        let cheap = of_argon2id.replace("m=8192,t=3", "m=8,t=1");
        for stored in [None, Some("junk"), Some(U_STAR_U), Some(CHEAPEST), Some(&cheap)] {
            assert!(time(&argon2id, stored) > due_to_argon2id / 4, "{stored:?}");
            assert!(time(&bcrypt, stored) > due_to_bcrypt / 4, "{stored:?}");
            assert!(time(&both, stored) > (due_to_argon2id + due_to_bcrypt) / 4, "{stored:?}");
        }
        for stored in [&of_argon2id, &of_bcrypt] {
            assert!(time(&both, Some(stored)) > (due_to_argon2id + due_to_bcrypt) / 4, "{stored:?}");
        }
    }

    #[test]
    fn a_login_finds_users_of_both_schemes_and_moves_them_to_the_one_that_is_set() {
        let argon2id = hasher(PasswordHasher::builder().argon2id_with(PARAMS));
        let Verification::MatchOutdated { new_hash } = argon2id.verify_login("U*U", Some(U_STAR_U), true)
        else {
            panic!("a bcrypt hash is kept");
        };
        assert!(matches!(argon2id.verify_login("U*U", Some(&new_hash), true), Verification::Match));
        let bcrypt = hasher(PasswordHasher::builder().cost(5));
        assert!(matches!(bcrypt.verify_login("U*U", Some(&new_hash), true), Verification::Match));
    }

    #[test]
    fn the_password_behind_the_dummy_hashes_opens_nothing() {
        let both = hasher(PasswordHasher::builder().cost(4).replacing_bcrypt());
        assert!(!both.verify_login("", None, true).is_match());
        assert!(!both.verify_login(&"x".repeat(4097), Some(CHEAPEST), true).is_match());
    }

    fn hasher(builder: PasswordHasherBuilder) -> PasswordHasher {
        builder.build().unwrap()
    }

    fn time(hasher: &PasswordHasher, stored: Option<&str>) -> Duration {
        let once = || {
            let start = Instant::now();
            assert!(!hasher.verify_login("wrong", stored, true).is_match());
            start.elapsed()
        };
        once().min(once())
    }
}
