//! Stored password hashes: one is readable exactly if it has the grammar, and never verifies two passwords.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use gatevault::PasswordHasher;
use gatevault::password::{Argon2Params, Verification};

const BCRYPT_CEILING: u32 = 5;
const ARGON2_CEILING: Argon2Params = Argon2Params { memory_kib: 64, iterations: 2, parallelism: 2 };

/// Takes the first line as the password, and the rest as the stored hash.
pub fn run(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (password, stored) = split(&text);
    let hasher = hasher();
    let reason = hasher.unreadable_reason(stored);
    let is_readable = is_bcrypt(stored) || is_argon2id(stored);
    assert_eq!(reason.is_none(), is_readable, "{reason:?}");
    if let Some(reason) = reason {
        assert!(stored.len() < 8 || !reason.contains(stored), "a reason contains the hash");
    }
    let is_match = hasher.verify(password, stored);
    assert!(!is_match || is_readable, "an unreadable hash matches");
    if is_match {
        assert!(!hasher.verify(&format!("{password}x"), stored), "two passwords match");
    }
    match hasher.verify_and_update(password, stored) {
        Verification::MatchOutdated { new_hash } => {
            assert!(is_match && hasher.verify(password, &new_hash) && is_argon2id(&new_hash));
        }
        Verification::Match => assert!(is_match),
        Verification::Mismatch => assert!(!is_match),
    }
    is_hashed_whole_or_not_at_all(password);
}

/// Returns the password and the stored hash.
fn split(text: &str) -> (&str, &str) {
    text.split_once('\n').unwrap_or(("", text))
}

fn is_hashed_whole_or_not_at_all(password: &str) {
    let hash = hasher().hash(password);
    assert_eq!(hash.is_ok(), password.len() <= 4096);
    if let Ok(hash) = hash {
        assert!(is_argon2id(&hash) && hasher().verify(password, &hash), "a new hash does not verify");
    }
}

/// Returns whether a stored hash has the form of bcrypt, with a cost within the ceiling. Its salt has 16 bytes in 22 digits, and
/// its digest 23 in 31: the last digit of each has spare bits, which are zero.
fn is_bcrypt(stored: &str) -> bool {
    let Some((version, rest)) = stored.split_at_checked(4) else { return false };
    let Some((cost, digits)) = rest.split_once('$') else { return false };
    let position = |digit| BCRYPT_DIGITS.iter().position(|other| *other == digit);
    let digits: Option<Vec<usize>> = digits.bytes().map(position).collect();
    ["$2a$", "$2b$", "$2y$"].contains(&version)
        && cost.len() == 2
        && cost.bytes().all(|digit| digit.is_ascii_digit())
        && cost.parse().is_ok_and(|cost: u32| (4..=BCRYPT_CEILING).contains(&cost))
        && digits.is_some_and(|digits| digits.len() == 53 && digits[21] % 16 == 0 && digits[52] % 4 == 0)
}

const BCRYPT_DIGITS: &[u8; 64] = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Returns whether a stored hash has the canonical form of argon2id, with parameters within the ceiling.
fn is_argon2id(stored: &str) -> bool {
    let parts: Vec<&str> = stored.split('$').collect();
    let ["", "argon2id", "v=19", parameters, salt, digest] = parts[..] else { return false };
    let (Ok(salt), Ok(digest)) = (STANDARD_NO_PAD.decode(salt), STANDARD_NO_PAD.decode(digest)) else {
        return false;
    };
    let Argon2Params { memory_kib, iterations, parallelism } = ARGON2_CEILING;
    let mut allowed = (1..=parallelism)
        .flat_map(|p| (p * 8..=memory_kib).map(move |m| (m, p)))
        .flat_map(|(m, p)| (1..=iterations).map(move |t| format!("m={m},t={t},p={p}")));
    (8..=48).contains(&salt.len())
        && (16..=64).contains(&digest.len())
        && allowed.any(|form| form == parameters)
}

fn hasher() -> &'static PasswordHasher {
    static HASHER: OnceLock<PasswordHasher> = OnceLock::new();
    HASHER.get_or_init(|| {
        let cheapest = Argon2Params { memory_kib: 8, iterations: 1, parallelism: 1 };
        let builder = PasswordHasher::builder().cost(4).cost_ceiling(BCRYPT_CEILING);
        builder.argon2id_with(cheapest).argon2_ceiling(ARGON2_CEILING).build().expect("valid settings")
    })
}

#[cfg(test)]
mod tests {
    use super::{hasher, split};
    use crate::corpus::of;

    /// The target compares a match with the grammar alone, so a verifier that matches nothing would pass it.
    #[test]
    fn the_corpus_has_a_hash_of_each_scheme_that_matches_its_password_and_no_other_match() {
        let corpus = of("hashes");
        let is_match = |input: &[u8]| {
            let text = String::from_utf8_lossy(input);
            let (password, stored) = split(&text);
            hasher().verify(password, stored)
        };
        let matching: Vec<_> =
            corpus.iter().filter(|(_, input)| is_match(input)).map(|(name, _)| name).collect();
        assert_eq!(matching, ["argon2", "bcrypt", "bcrypt_2a", "bcrypt_2y"]);
    }
}
