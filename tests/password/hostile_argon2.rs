//! Malformed and hostile argon2 hashes in a user table: all of them are `false`, without any hashing.

use gatevault::password::Argon2Params;
use gatevault::{PasswordHasher, verify_password};
use proptest::prelude::*;

/// The valid hash that each case changes. The password is `U*U`.
const VALID: &str =
    "$argon2id$v=19$m=16,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH0";

#[test]
fn the_hash_that_each_case_changes_is_valid() {
    assert!(verify_password("U*U", VALID));
}

#[test]
fn valid_hashes_of_the_other_variants_and_the_old_version_are_rejected() {
    for stored in [
        "$argon2i$v=19$m=16,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$+ZKJXSOJNNobsfe5XfGdD3mtYVmw4b0Cx/I8C8JriP0",
        "$argon2d$v=19$m=16,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$YKCt2ieZS3d+zHEHEbIMv+uy1eZtVhZRUBSStv/OiCk",
        "$argon2id$v=16$m=16,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$oY3XTXxdhvTyQIhBYc9UO43DfnPUYR9JL4IIaTSqE2Y",
        "$argon2id$m=16,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$oY3XTXxdhvTyQIhBYc9UO43DfnPUYR9JL4IIaTSqE2Y",
    ] {
        assert_refused(stored);
    }
}

#[test]
fn other_names_and_versions_are_rejected() {
    for prefix in [
        "argon2id$v=19$",
        "$$argon2id$v=19$",
        " $argon2id$v=19$",
        "$Argon2id$v=19$",
        "$argon2id$",
        "$argon2$v=19$",
        "$argon2id$v=19",
        "$argon2id$v=19$$",
        "$argon2id$v=019$",
        "$argon2id$v=+19$",
        "$argon2id$v=19 $",
        "$argon2id$V=19$",
        "$argon2id$19$",
        "$argon2id$v=20$",
        "$argon2id$v=19,$",
        "$argon2id$v=19$v=19$",
        "\0$argon2id$v=19$",
    ] {
        assert_refused(&VALID.replace("$argon2id$v=19$", prefix));
    }
}

#[test]
fn parameters_have_one_order_and_one_spelling_and_nothing_else_is_accepted() {
    for params in [
        "",
        "m=16",
        "m=16,t=2",
        "m=16,p=1",
        "t=2,p=1",
        "m=16,t=2,p=",
        "m=,t=2,p=1",
        "m=16,t=,p=1",
        "m=16,p=1,t=2",
        "t=2,m=16,p=1",
        "p=1,t=2,m=16",
        "t=2,p=1,m=16",
        "m=16,m=16,t=2,p=1",
        "m=16,t=2,t=2,p=1",
        "m=16,t=2,p=1,p=1",
        "m=16,t=2,p=1,m=16",
        "m=8,m=16,t=2,p=1",
        "m=16,t=2,p=1,keyid=AAAA",
        "m=16,t=2,p=1,data=AAAA",
        "keyid=AAAA,m=16,t=2,p=1",
        "m=16,t=2,p=1,keyid=",
        "m=16,t=2,p=1,",
        ",m=16,t=2,p=1",
        "m=16,,t=2,p=1",
        "m=16;t=2;p=1",
        "m=16, t=2, p=1",
        "m=16,t=2,p=1 ",
        "M=16,t=2,p=1",
        "m:16,t=2,p=1",
        "m==16,t=2,p=1",
        "m=16,x=1,t=2,p=1",
        "m=16,t=2,p=1$",
    ] {
        assert_refused(&with_params(params));
    }
    for number in
        ["+N", "-N", "0N", "00N", " N", "N ", "N.0", "Ne0", "0xN", "N_", "\tN", "N\0", "N\n", "N,", "N="]
    {
        for (name, valid) in [("m=16", "16"), ("t=2", "2"), ("p=1", "1")] {
            let changed = format!("{}{}", &name[..2], number.replace('N', valid));
            assert_refused(&VALID.replace(name, &changed));
        }
    }
    for foreign in ["\u{661}\u{666}", "\u{ff11}\u{ff16}", "¹⁶", "XVI", "1\u{200b}6"] {
        assert_refused(&VALID.replace("m=16", &format!("m={foreign}")));
    }
}

#[test]
fn a_parameter_over_its_ceiling_is_rejected_without_hashing() {
    // Hashing with these would need 4 TiB or run for years: the test passes if it ends.
    for params in [
        "m=262145,t=1,p=1",
        "m=4194304,t=2,p=1",
        "m=8388608,t=2,p=1",
        "m=4294967295,t=2,p=1",
        "m=4294967296,t=2,p=1",
        "m=18446744073709551616,t=2,p=1",
        "m=340282366920938463463374607431768211472,t=2,p=1",
        "m=16,t=17,p=1",
        "m=16,t=4294967295,p=1",
        "m=16,t=4294967296,p=1",
        "m=262144,t=4294967295,p=1",
        "m=72,t=2,p=9",
        "m=16,t=2,p=16777215",
        "m=4294967295,t=4294967295,p=16777215",
        "m=16,t=2,p=4294967295",
    ] {
        assert_refused(&with_params(params));
    }
}

#[test]
fn a_valid_hash_verifies_within_the_ceilings_and_is_rejected_over_them() {
    // One hash over each of the default ceilings.
    let higher = Argon2Params { memory_kib: 262_145, iterations: 17, parallelism: 9 };
    let higher = PasswordHasher::builder().argon2_ceiling(higher).build().unwrap();
    for stored in [
        "$argon2id$v=19$m=262145,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$XWmn1oBaao9Q7d5Sj35M3C52PK4x9SxvVkbMsIQkYKY",
        "$argon2id$v=19$m=16,t=17,p=1$MDEyMzQ1Njc4OWFiY2RlZg$xUUv3qAD3luEoN/SVdY5woKgikMazGNomQVFVVx0TdY",
        "$argon2id$v=19$m=72,t=2,p=9$MDEyMzQ1Njc4OWFiY2RlZg$skSekMuKYY+N88xkXDgBAEU1vcN8WE5Vr+dgDzR8XOk",
    ] {
        assert_refused(stored);
        assert!(higher.verify("U*U", stored), "{stored}");
    }
    let lower = Argon2Params { memory_kib: 15, iterations: 1, parallelism: 1 };
    let lower = PasswordHasher::builder().argon2id_with(lower).argon2_ceiling(lower).build().unwrap();
    assert!(!lower.verify("U*U", VALID) && !lower.verify_and_update("U*U", VALID).is_match());
}

#[test]
fn a_valid_hash_with_too_long_a_salt_or_an_unsafe_digest_length_is_rejected() {
    // A salt of 49 bytes; digests of 15 and 65.
    for stored in [
        "$argon2id$v=19$m=16,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmMA$DzTJxo5S/x6Z+iFjibUPbzz7sWJLs0IdJKAwbv6BPaE",
        "$argon2id$v=19$m=16,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$5w06hwvW+Pux7v/7oJ+x",
        "$argon2id$v=19$m=16,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$EvAcSCF3AthvWLR51w9KRkWzBX3GpL81enJdKx9cpX0gIQ0sPsiVqhAOMIWC2CME8wvtrT+PrTclY9GPn2Ifbwg",
    ] {
        assert_refused(stored);
    }
}

#[test]
fn parameters_that_the_rfc_does_not_allow_are_rejected_under_every_ceiling() {
    let all = Argon2Params { memory_kib: u32::MAX, iterations: u32::MAX, parallelism: 0xff_ffff };
    let hasher = PasswordHasher::builder().argon2_ceiling(all).build().unwrap();
    for params in [
        "m=0,t=2,p=1",
        "m=7,t=2,p=1",
        "m=16,t=0,p=1",
        "m=16,t=2,p=0",
        "m=16,t=2,p=3",
        "m=16,t=2,p=16777216",
        "m=0,t=0,p=0",
    ] {
        assert!(!hasher.verify("U*U", &with_params(params)), "{params}");
    }
}

#[test]
fn a_salt_or_digest_has_one_spelling_and_a_safe_length() {
    let (salt, digest) = ("MDEyMzQ1Njc4OWFiY2RlZg", "S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH0");
    for changed in [
        "",
        "A",
        "AA",
        "MDEyMzQ1Njc",
        "MDEyMzQ1Njc4OWFiY2RlZg==",
        "MDEyMzQ1Njc4OWFiY2RlZg=",
        "MDEyMzQ1Njc4OWFiY2RlZh",
        "MDEyMzQ1Njc4OWFiY2RlZw",
        "MDEyMzQ1Njc4OWFiY2Rl\nZg",
        "MDEyMzQ1Njc4OWFiY2RlZg ",
        " MDEyMzQ1Njc4OWFiY2RlZg",
        "MDEyMzQ1Njc4OWFiY2RlZ-",
        "MDEyMzQ1Njc4OWFiY2RlZ_",
        "MDEyMzQ1Njc4OWFiY2RlZ.",
        &"A".repeat(66),
        &"A".repeat(68),
    ] {
        assert_refused(&VALID.replace(salt, changed));
    }
    for changed in [
        "",
        "S9Pxhrjkz1v/Zw0oz978",
        "S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH0=",
        "S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH1",
        "S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH2",
        "S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH3",
        "S9Pxhrjkz1v_Zw0oz978151Aqr8lLwpMu6p6CjdGyH0",
        "S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH",
        &"A".repeat(87),
        &"A".repeat(90),
        "S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH0$",
        "$S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH0",
    ] {
        assert_refused(&VALID.replace(digest, changed));
    }
}

#[test]
fn every_other_length_is_rejected() {
    for length in 0..VALID.len() {
        assert_refused(&VALID[..length]);
    }
    for tail in [".", "\0", "\n", " ", "$", "=", "A", "é", ",p=1"] {
        assert_refused(&format!("{VALID}{tail}"));
    }
    assert_refused(&VALID.repeat(12_000));
    for filler in ["A", "$", "0", "\0", "🔑"] {
        let megabyte = filler.repeat((1 << 20) / filler.len());
        assert_refused(&megabyte);
        assert_refused(&format!("{VALID}{megabyte}"));
        assert_refused(&with_params(&format!("m={megabyte}16,t=2,p=1")));
        assert_refused(&VALID.replace("MDEy", &megabyte));
    }
}

#[test]
fn an_invalid_character_at_any_position_is_rejected() {
    for at in 0..VALID.len() {
        for foreign in ["=", "-", "_", "$", " ", "\0", "\u{7f}", "£", "é", "\u{ff10}", "🔑"] {
            if !VALID[at..].starts_with(foreign) {
                assert_refused(&format!("{}{foreign}{}", &VALID[..at], &VALID[at + 1..]));
            }
            assert_refused(&format!("{}{foreign}{}", &VALID[..at], &VALID[at..]));
        }
    }
}

proptest! {
    #[test]
fn no_almost_valid_hash_panics_or_matches(
        plain in any::<String>(),
        stored in r"\$argon2(id|i|d)\$v=1[69]\$m=[+0-9]{1,2},t=[0-9٥]{1,2},p=[0-4]\$[A-Za-z0-9+/=£]{10,24}\$[A-Za-z0-9+/=£]{20,44}",
    ) {
        prop_assert!(!verify_password(&plain, &stored));
    }

    #[test]
    fn every_password_verifies_against_its_own_hash_and_no_other(plain: String, other: String) {
        let params = Argon2Params { memory_kib: 8, iterations: 1, parallelism: 1 };
        let hasher = PasswordHasher::builder().argon2id_with(params).build().unwrap();
        let stored = hasher.hash(&plain).unwrap();
        prop_assert!(hasher.verify(&plain, &stored));
        prop_assert_eq!(hasher.verify(&other, &stored), plain == other);
    }
}

fn with_params(params: &str) -> String {
    VALID.replace("m=16,t=2,p=1", params)
}

fn assert_refused(stored: &str) {
    let shown: String = stored.chars().take(200).collect();
    assert!(!verify_password("U*U", stored), "{shown:?}");
    let argon2id = PasswordHasher::builder().argon2id().build().unwrap();
    assert!(!argon2id.verify_and_update("U*U", stored).is_match(), "{shown:?}");
}
