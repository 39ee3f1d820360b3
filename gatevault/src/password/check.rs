//! The verification of a stored hash, with the reason if it cannot be verified: by a scheme or, if its prefix belongs to
//! none, by a legacy verifier.

use std::hint::black_box;

use super::unreadable::UnreadableHash;
use super::{PasswordHasher, StoredHash, Verification};
use crate::error::HashingError;

/// The result of a verification, with the reason for the log if the stored hash cannot be verified.
pub(crate) struct PasswordCheck {
    pub(crate) verification: Verification,
    pub(crate) unreadable: Option<UnreadableHash>,
}

impl PasswordCheck {
    /// Logs the reason for callers who do not know the user, and returns the result.
    pub(super) fn reported(self) -> Verification {
        if let Some(reason) = self.unreadable {
            reason.report(None);
        }
        self.verification
    }
}

impl From<Verification> for PasswordCheck {
    fn from(verification: Verification) -> Self {
        Self { verification, unreadable: None }
    }
}

impl From<UnreadableHash> for PasswordCheck {
    fn from(reason: UnreadableHash) -> Self {
        Self { verification: Verification::Mismatch, unreadable: Some(reason) }
    }
}

impl PasswordHasher {
    /// Returns whether any stored hash can have this password: of a scheme or, beside legacy verifiers, of another system.
    pub(crate) fn accepts(&self, plain: &str) -> bool {
        self.schemes.can_verify(plain) || self.legacy.accepts(plain)
    }

    /// Returns an error if [`hash`](Self::hash) refuses this password. It computes nothing.
    pub(crate) fn require_hashable(&self, plain: &str) -> Result<(), HashingError> {
        self.schemes.require_hashable(plain)
    }

    /// Verifies a password. Computes a new hash only if `renews` is true, the password matches and the hash is outdated.
    pub(super) fn check(&self, plain: &str, stored: &str, renews: bool) -> PasswordCheck {
        self.check_and_keep(plain, stored, renews).0
    }

    /// Verifies the password of a login, like [`verify_and_update`](Self::verify_and_update), and prevents user
    /// enumeration by timing.
    ///
    /// If there is no stored hash, or it is unreadable, of another system or cheaper than configured, a mismatch still
    /// takes the work of a verification at the configured cost. The work for a hash of the other scheme and of a legacy
    /// verifier comes on top. Pass `renews` only if the caller stores the new hash. The caller logs the reason.
    pub(crate) fn verify_login(&self, plain: &str, stored: Option<&str>, renews: bool) -> PasswordCheck {
        let (check, spent) = match stored {
            Some(stored) => self.check_and_keep(plain, stored, renews),
            None => (Verification::Mismatch.into(), None),
        };
        if !check.verification.is_match() {
            self.equalize_time(plain, spent.as_ref());
        }
        check
    }

    /// Computes dummy work after a mismatch. Where no stored hash was verified, that is the dummy hash, in the same steps: only
    /// to compute its digest would be some hundred nanoseconds shorter, because a stored hash is parsed too.
    fn equalize_time(&self, plain: &str, spent: Option<&StoredHash<'_>>) {
        let (plain, spent) = self.dummy_work(plain, spent);
        let dummy = match spent {
            Some(_) => None,
            None => black_box(self.check_and_keep(plain, &self.dummy_hash, false)).1,
        };
        self.schemes.equalize_time(plain, spent.or(dummy.as_ref()));
    }

    /// Verifies a password, and returns the stored hash beside the result if a scheme has verified it.
    fn check_and_keep<'a>(
        &self,
        plain: &str,
        stored: &'a str,
        renews: bool,
    ) -> (PasswordCheck, Option<StoredHash<'a>>) {
        let stored = match self.schemes.read(stored) {
            Some(Ok(stored)) => stored,
            Some(Err(reason)) => return (reason.into(), None),
            None => return (self.check_legacy(plain, stored, renews), None),
        };
        if !stored.verify(plain) {
            return (Verification::Mismatch.into(), Some(stored));
        }
        let renewed = renews.then(|| self.schemes.renew(plain, &stored)).flatten().and_then(Result::ok);
        (matched(renewed).into(), Some(stored))
    }

    fn check_legacy(&self, plain: &str, stored: &str, renews: bool) -> PasswordCheck {
        match self.legacy.verify(plain, stored) {
            Ok(true) => matched(renews.then(|| self.schemes.hash(plain)).and_then(Result::ok)).into(),
            Ok(false) => Verification::Mismatch.into(),
            Err(reason) => reason.into(),
        }
    }

    /// Returns the arguments of the dummy work after a mismatch: a password, and the hash that was verified.
    ///
    /// A password that no new hash can have costs the schemes nothing. If a stored hash can have it nevertheless, of argon2id
    /// or of another system, each user gets the whole dummy work with a password that the schemes accept.
    fn dummy_work<'a, 'h>(
        &self,
        plain: &'a str,
        spent: Option<&'h StoredHash<'h>>,
    ) -> (&'a str, Option<&'h StoredHash<'h>>) {
        if self.schemes.accepts(plain) || !self.accepts(plain) { (plain, spent) } else { ("", None) }
    }
}

fn matched(new_hash: Option<String>) -> Verification {
    new_hash.map_or(Verification::Match, |new_hash| Verification::MatchOutdated { new_hash })
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
        assert!(matches!(hasher.verify_login("U*U", Some(&stored), true).verification, Verification::Match));
    }

    #[test]
    fn an_outdated_hash_is_replaced_at_login() {
        let hasher = PasswordHasher::builder().cost(6).build().unwrap();
        let Verification::MatchOutdated { new_hash } =
            hasher.verify_login("U*U", Some(U_STAR_U), true).verification
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
                assert!(
                    !hasher.verify_login(plain, stored, true).verification.is_match(),
                    "{plain:?} against {stored:?}"
                );
            }
        }
    }

    /// Asserts only a lower bound, far below the expected time, so that a busy machine cannot break the test.
    #[test]
    fn no_mismatch_at_login_is_quick() {
        let hasher = PasswordHasher::builder().cost(9).cost_ceiling(9).legacy(quick_legacy).build().unwrap();
        let genuine = hasher.hash("U*U").unwrap();
        let time = |plain, stored| {
            let start = Instant::now();
            assert!(!hasher.verify_login(plain, stored, true).verification.is_match());
            start.elapsed()
        };
        let expected = (0..3).map(|_| time("wrong", Some(&genuine))).min().unwrap();
        let above_the_ceiling = U_STAR_U.replace("$05$", "$31$");
        let long = "x".repeat(80);
        for plain in ["wrong", &long] {
            for stored in
                [None, Some("junk"), Some(&above_the_ceiling), Some(U_STAR_U), Some("old"), Some("")]
            {
                assert!(time(plain, stored) > expected / 4, "{stored:?}");
            }
        }
    }

    #[test]
    fn a_password_that_only_stored_hashes_can_have_costs_the_whole_dummy_work_for_each_user() {
        let bcrypt = PasswordHasher::builder().cost(6);
        let migrating = bcrypt.clone().legacy(quick_legacy).build().unwrap();
        let long = "x".repeat(80);
        for unhashable in [long.as_str(), "a\0b"] {
            let stored = migrating.schemes.read(U_STAR_U).unwrap().unwrap();
            assert!(matches!(migrating.dummy_work(unhashable, Some(&stored)), ("", None)));
            assert!(matches!(migrating.dummy_work(unhashable, None), ("", None)));
            assert!(matches!(migrating.dummy_work("wrong", Some(&stored)), ("wrong", Some(_))));
            // Without legacy verifiers only an argon2id hash can have it.
            let bcrypt = bcrypt.clone().build().unwrap();
            let is_replaced = bcrypt.dummy_work(unhashable, None).0.is_empty();
            assert_eq!(
                (is_replaced, bcrypt.accepts(unhashable)),
                (cfg!(feature = "argon2"), cfg!(feature = "argon2"))
            );
        }
    }

    #[test]
    fn a_password_that_no_stored_hash_can_have_is_not_accepted() {
        let bcrypt = PasswordHasher::builder().cost(6);
        let migrating = bcrypt.clone().legacy(quick_legacy).build().unwrap();
        for hasher in [bcrypt.build().unwrap(), migrating] {
            assert!(hasher.accepts("") && hasher.accepts(&"x".repeat(72)));
            assert!(!hasher.accepts(&"x".repeat(4097)));
        }
    }

    fn quick_legacy(plain: &str, stored: &str) -> Option<bool> {
        (stored == "old").then(|| plain == "U*U")
    }

    #[test]
    fn the_dummy_hash_is_verified_in_the_steps_of_a_current_stored_hash() {
        for hasher in [PasswordHasher::default(), PasswordHasher::builder().cost(6).build().unwrap()] {
            assert!(is_like_a_current_hash(&hasher), "{hasher:?}");
        }
    }

    #[cfg(feature = "argon2")]
    #[test]
    fn the_dummy_hash_is_of_the_scheme_of_new_hashes() {
        let small = crate::password::Argon2Params { memory_kib: 64, iterations: 3, parallelism: 2 };
        let builders = [PasswordHasher::builder().argon2id(), PasswordHasher::builder().argon2id_with(small)];
        for builder in builders.into_iter().flat_map(|builder| [builder.clone(), builder.replacing_bcrypt()])
        {
            let hasher = builder.build().unwrap();
            assert!(is_like_a_current_hash(&hasher) && hasher.dummy_hash.starts_with("$argon2id$"));
        }
    }

    /// Returns whether the dummy hash is as long as a new hash and the scheme neither rejects nor renews it.
    fn is_like_a_current_hash(hasher: &PasswordHasher) -> bool {
        let stored = hasher.schemes.read(&hasher.dummy_hash).unwrap().unwrap();
        hasher.dummy_hash.len() == hasher.hash("correct horse").unwrap().len()
            && hasher.schemes.renew("correct horse", &stored).is_none()
    }

    #[test]
    fn the_password_of_the_dummy_hash_does_not_log_in() {
        let hasher = PasswordHasher::builder().cost(4).build().unwrap();
        assert!(!hasher.verify_login("", None, true).verification.is_match());
    }
}
