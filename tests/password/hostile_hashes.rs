//! Malformed and hostile bcrypt hashes in a user table: all of them are `false`, without any hashing.

use gatevault::{PasswordHasher, verify_password};
use proptest::prelude::*;

use crate::quick;

/// The valid hash that each case changes. The password is `U*U`.
const VALID: &str = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

#[test]
fn the_hash_that_each_case_changes_is_valid() {
    assert!(verify_password("U*U", VALID));
}

#[test]
fn other_prefixes_are_rejected() {
    for prefix in ["$2$", "$2x$", "$2c$", "$2B$", "$1$", "$3b$", "2b$", "$$2b$", " $2b$", "$2b", "$2b$$"] {
        assert_refused(&VALID.replace("$2b$", prefix));
    }
}

#[test]
fn a_cost_has_two_digits_and_is_between_4_and_31() {
    let hasher = PasswordHasher::builder().cost_ceiling(31).build().unwrap();
    for cost in ["+5", "-5", " 5", "5 ", "5", "005", "00", "01", "03", "32", "99", "0x", "5.", "٥", "٠٥", ""]
    {
        let stored = VALID.replace("$05$", &format!("${cost}$"));
        assert!(!hasher.verify("U*U", &stored), "{stored}");
    }
}

#[test]
fn a_cost_over_the_ceiling_is_rejected_without_hashing() {
    // Verifying at cost 31 would take days: the test passes if it ends.
    for cost in 17..=31 {
        assert_refused(&VALID.replace("$05$", &format!("${cost}$")));
    }
    let at_most_4 = PasswordHasher::builder().cost(4).cost_ceiling(4).build().unwrap();
    assert!(!at_most_4.verify("U*U", VALID));
    assert!(!at_most_4.verify_and_update("U*U", VALID).is_match());
}

#[test]
fn every_other_length_is_rejected() {
    for length in 0..VALID.len() {
        assert_refused(&VALID[..length]);
    }
    for tail in [".", "\0", "\n", " ", "$", "é"] {
        assert_refused(&format!("{VALID}{tail}"));
    }
    assert_refused(&VALID.repeat(20_000));
}

#[test]
fn an_invalid_character_at_any_position_is_rejected() {
    for at in 0..VALID.len() {
        for foreign in ["+", "=", "-", "_", "$", " ", "\0", "\u{7f}", "£", "é", "\u{ff10}", "🔑"] {
            if VALID[at..].starts_with(foreign) {
                continue;
            }
            let end = at + 1;
            assert_refused(&format!("{}{foreign}{}", &VALID[..at], &VALID[end..]));
            // The same with 60 bytes, so that only the character is wrong.
            let end = at + foreign.len();
            if let Some(rest) = VALID.get(end..) {
                assert_refused(&format!("{}{foreign}{rest}", &VALID[..at]));
            }
        }
    }
}

#[test]
fn a_salt_or_digest_with_spare_bits_set_is_rejected() {
    let with = |at: usize, digit: char| format!("{}{digit}{}", &VALID[..at], &VALID[at + 1..]);
    for digit in "/ABCDEFGHIJKLMN".chars() {
        assert_refused(&with(28, digit));
    }
    // `W` is 24 in bcrypt's alphabet. These three differ from it only in the two unused bits.
    for digit in "XYZ".chars() {
        assert_refused(&with(59, digit));
    }
}

#[test]
fn hashes_of_other_schemes_are_rejected() {
    for stored in [
        "",
        "U*U",
        "*",
        "!",
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY",
        "$6$rounds=5000$usesomesillystri$D4IrlXatmP7rx3P3InaxBeoomnAihCKRVQAr/36eYqvVcrvI",
        "$1$deadbeef$Q7g0UO4hRC0mgQUQ/qkjZ0",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "$bcrypt-sha256$v=2,t=2b,r=12$n79VH.0Q2TMWmt3Oqt9uku$Kq4Noyk3094Y2QlB8NdRT8SvGiI4ft2",
    ] {
        assert_refused(stored);
    }
}

proptest! {
    #[test]
    fn no_pair_of_strings_panics(plain: String, stored: String) {
        prop_assert!(!verify_password(&plain, &stored));
        prop_assert!(!quick().verify_and_update(&plain, &stored).is_match());
    }

    #[test]
fn no_almost_valid_hash_panics(
        plain in any::<String>(),
        stored in r"\$2[abxyz]\$[0+٥]?[0-9]\$[./A-Za-z0-9£=]{50,54}",
    ) {
        prop_assert!(!quick().verify(&plain, &stored));
    }

    #[test]
    fn every_password_verifies_against_its_own_hash_and_no_other(plain in "[^\0]{0,18}", other in "[^\0]{0,18}") {
        let stored = quick().hash(&plain).unwrap();
        prop_assert!(quick().verify(&plain, &stored));
        prop_assert_eq!(quick().verify(&other, &stored), plain == other);
    }
}

fn assert_refused(stored: &str) {
    assert!(!verify_password("U*U", stored), "{stored:?}");
    assert!(!PasswordHasher::default().verify_and_update("U*U", stored).is_match(), "{stored:?}");
}
