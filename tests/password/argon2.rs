//! argon2id beside bcrypt: known answers, the form of new hashes, and which hashes are replaced.

use gatevault::password::{Argon2Params, Verification};
use gatevault::{ConfigError, HashingError, PasswordHasher, verify_password};

use crate::quick;

/// `U*U`, at cost 5.
const OF_BCRYPT: &str = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
/// `U*U`.
const OF_ARGON2ID: &str =
    "$argon2id$v=19$m=16,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH0";

#[test]
fn hashes_of_the_reference_implementation_verify() {
    // Created with Python's argon2-cffi 25.1, which wraps the reference implementation in C.
    for (plain, stored) in [
        ("password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"),
        (
            "password",
            "$argon2id$v=19$m=64,t=3,p=2$c29tZXNhbHQwMTIzNDU2Nzg5$Qbcwb48XtzWUewU0mC2TgJm7NpoeTPlHd9MR+OQMZcc",
        ),
        ("", "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$bpck3K01y0JKndgUpPhTqg"),
        (
            "a\0b",
            "$argon2id$v=19$m=32,t=2,p=4$MTIzNDU2Nzg$zRqXIDCZ3f47iH1M/9CDOypR7xHMTsjv7iMd3HWTiHAOpv5sdDElu8Dm7LziaHi058UcfwTfbC0oEoOscT2nwQ",
        ),
        (
            FOUR_SCRIPTS,
            "$argon2id$v=19$m=128,t=4,p=1$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4v$aCmJevo2MMBO+d4WHMqVOWZi0h0",
        ),
        (
            &"x".repeat(4096),
            "$argon2id$v=19$m=1024,t=1,p=3$/////////////////////w$+Bs2axmXxCPZiTFSfdcu7xUlswKemtB/FgnHGPU6+ck",
        ),
        (
            "correct horse",
            "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$rk2Mi3E4dgRMg0fHaYaptWVZRKqs//6b6k3/nntqGJk",
        ),
        (
            "correct horse",
            "$argon2id$v=19$m=65536,t=3,p=4$MDEyMzQ1Njc4OWFiY2RlZg$L1b1NjppUoj/KIEORq1pof4waLxklM0mqKZzt9nCsKI",
        ),
        (
            "correct horse",
            "$argon2id$v=19$m=8,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$M7jw0GQI4Kfcxf+xPldfNRYttP89scc9XVAYAcaZ0U0",
        ),
        ("U*U", OF_ARGON2ID),
    ] {
        assert!(verify_password(plain, stored), "{plain:?} against {stored}");
        assert!(!verify_password(&format!("{plain} "), stored), "{plain:?} and a space against {stored}");
    }
}

#[test]
fn a_new_hash_has_owasps_parameters_a_salt_of_16_bytes_and_a_digest_of_32() {
    let hasher = PasswordHasher::builder().argon2id().build().unwrap();
    let stored = hasher.hash("correct horse").unwrap();
    let [salt, digest]: [&str; 2] = stored
        .strip_prefix("$argon2id$v=19$m=19456,t=2,p=1$")
        .map(|rest| rest.split('$').collect::<Vec<_>>().try_into().unwrap())
        .unwrap();
    assert_eq!((salt.len(), digest.len()), (22, 43));
    assert!(hasher.verify("correct horse", &stored) && !hasher.verify("correct Horse", &stored));
    assert_ne!(hasher.hash("correct horse").unwrap(), stored);
}

#[test]
fn the_feature_alone_changes_no_new_hash() {
    assert!(gatevault::hash_password("correct horse").unwrap().starts_with("$2b$12$"));
    assert!(quick().hash("correct horse").unwrap().starts_with("$2b$04$"));
    assert!(matches!(quick().hash("P\0P"), Err(HashingError::ContainsNul)));
}

#[test]
fn both_schemes_verify_whichever_creates_new_hashes() {
    for hasher in [quick(), argon2id(16, 2), replacing(16, 2), PasswordHasher::default()] {
        for stored in [OF_BCRYPT, OF_ARGON2ID] {
            assert!(hasher.verify("U*U", stored) && !hasher.verify("U*V", stored), "{stored} by {hasher:?}");
        }
    }
}

#[test]
fn every_byte_of_a_long_password_counts_and_so_does_a_nul() {
    let hasher = argon2id(8, 1);
    let longest = "é".repeat(2048);
    for (plain, other) in [
        (longest.as_str(), format!("{}ê", "é".repeat(2047))),
        ("P\0P", "P\0Q".to_owned()),
        ("P", "P\0".to_owned()),
        (&"x".repeat(73), "x".repeat(72)),
    ] {
        let stored = hasher.hash(plain).unwrap();
        assert!(hasher.verify(plain, &stored) && !hasher.verify(&other, &stored));
    }
}

#[test]
fn more_than_4096_bytes_are_rejected_with_a_message_that_names_the_limit() {
    let too_long = "hunter2".repeat(586);
    let error = argon2id(8, 1).hash(&too_long).unwrap_err();
    assert!(matches!(error, HashingError::TooLong { bytes: 4102, limit: 4096 }));
    assert_eq!(
        error.to_string(),
        "the password has 4102 bytes and may have 4096 at most: ask for a shorter one"
    );
    assert!(!argon2id(8, 1).verify(&too_long, OF_ARGON2ID));
    assert!(!argon2id(8, 1).verify_and_update(&"x".repeat(1 << 20), OF_BCRYPT).is_match());
}

#[test]
fn a_bcrypt_hash_of_any_cost_becomes_argon2id_if_that_is_set() {
    for stored in [OF_BCRYPT, &OF_BCRYPT.replace("$2b$", "$2y$")] {
        for hasher in [argon2id(16, 2), replacing(16, 2)] {
            let new_hash = replacement(&hasher, stored).unwrap();
            assert!(new_hash.starts_with("$argon2id$v=19$m=16,t=2,p=1$"));
            assert_eq!(replacement(&hasher, &new_hash), None);
            // A server without this setting still verifies the new hash and keeps it.
            assert_eq!(replacement(&quick(), &new_hash), None);
        }
    }
}

#[test]
fn a_hash_with_less_memory_or_fewer_iterations_is_replaced_by_one_with_no_less_of_either() {
    for (memory_kib, iterations, expected) in [
        (16, 2, None),
        (16, 1, None),
        (8, 4, None),
        (8, 1, None),
        (16, 3, Some("m=16,t=3,")),
        (32, 2, Some("m=32,t=2,")),
        (32, 1, Some("m=32,t=1,")),
        (24, 1, Some("m=24,t=2,")),
        (15, 3, Some("m=16,t=3,")),
    ] {
        let new_hash = replacement(&argon2id(memory_kib, iterations), OF_ARGON2ID);
        let found =
            new_hash.as_deref().map(|hash| &hash["$argon2id$v=19$".len()..][..expected.map_or(0, str::len)]);
        assert_eq!(found, expected, "{memory_kib} KiB, {iterations} iterations");
    }
}

#[test]
fn a_short_salt_or_digest_is_outdated_and_another_number_of_lanes_is_not() {
    for (plain, stored) in [
        ("password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"),
        ("", "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$bpck3K01y0JKndgUpPhTqg"),
    ] {
        assert!(matches!(
            argon2id(8, 1).verify_and_update(plain, stored),
            Verification::MatchOutdated { .. }
        ));
    }
    let three_lanes =
        "$argon2id$v=19$m=1024,t=1,p=3$/////////////////////w$+Bs2axmXxCPZiTFSfdcu7xUlswKemtB/FgnHGPU6+ck";
    let verification = argon2id(8, 1).verify_and_update(&"x".repeat(4096), three_lanes);
    assert!(matches!(verification, Verification::Match));
}

#[test]
fn a_wrong_password_gets_no_new_hash_from_either_scheme() {
    for stored in [OF_BCRYPT, OF_ARGON2ID, "junk", ""] {
        for hasher in [argon2id(64, 3), replacing(64, 3), quick()] {
            assert!(matches!(hasher.verify_and_update("U*V", stored), Verification::Mismatch));
        }
    }
}

#[test]
fn parameters_out_of_range_are_errors_that_name_the_setting() {
    let ceiling = Argon2Params { memory_kib: 262_144, iterations: 16, parallelism: 8 };
    for (params, ceiling, setting, given, least, most) in [
        (of(7, 1, 1), ceiling, "memory_kib", 7, 8, 262_144),
        (of(31, 1, 4), ceiling, "memory_kib", 31, 32, 262_144),
        (of(262_145, 1, 1), ceiling, "memory_kib", 262_145, 8, 262_144),
        (of(u32::MAX, 1, 1), ceiling, "memory_kib", u32::MAX, 8, 262_144),
        (of(8, 0, 1), ceiling, "iterations", 0, 1, 16),
        (of(8, 17, 1), ceiling, "iterations", 17, 1, 16),
        (of(8, 1, 0), ceiling, "parallelism", 0, 1, 8),
        (of(72, 1, 9), ceiling, "parallelism", 9, 1, 8),
        (of(8, 1, 1), of(7, 1, 1), "argon2_ceiling.memory_kib", 7, 8, u32::MAX),
        (of(8, 1, 1), of(8, 0, 1), "argon2_ceiling.iterations", 0, 1, u32::MAX),
        (of(8, 1, 1), of(8, 1, 0), "argon2_ceiling.parallelism", 0, 1, 0xff_ffff),
        (of(8, 1, 1), of(u32::MAX, 1, u32::MAX), "argon2_ceiling.parallelism", u32::MAX, 1, 0xff_ffff),
    ] {
        let refused = PasswordHasher::builder().argon2id_with(params).argon2_ceiling(ceiling).build();
        let [given, least, most] = [given, least, most].map(u64::from);
        assert_eq!(refused.unwrap_err(), ConfigError::NumberOutOfBounds { setting, given, least, most });
    }
    for most in [of(8, 1, 1), of(262_144, 16, 8), of(u32::MAX, u32::MAX, 0xff_ffff)] {
        assert!(PasswordHasher::builder().argon2id_with(of(8, 1, 1)).argon2_ceiling(most).build().is_ok());
    }
}

#[test]
fn a_hasher_of_one_scheme_needs_no_settings_of_the_other() {
    let builder = PasswordHasher::builder().argon2id().cost(4).cost_ceiling(4);
    assert!(builder.clone().build().unwrap().hash("x").unwrap().starts_with("$argon2id$"));
    assert!(!builder.build().unwrap().verify("U*U", OF_BCRYPT));
}

#[test]
fn the_async_forms_support_both_schemes() {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        let hasher = argon2id(16, 2);
        assert!(hasher.async_verify("U*U", hasher.async_hash("U*U").await.unwrap()).await.unwrap());
        let verification = hasher.async_verify_and_update("U*U", OF_BCRYPT).await.unwrap();
        assert!(matches!(verification, Verification::MatchOutdated { .. }));
    });
}

/// Latin, Cyrillic, a symbol, a phonetic letter, and a character outside the basic multilingual plane.
const FOUR_SCRIPTS: &str = "t\u{e1}\u{411}\u{2113}\u{259}\u{1f511}";

fn of(memory_kib: u32, iterations: u32, parallelism: u32) -> Argon2Params {
    Argon2Params { memory_kib, iterations, parallelism }
}

fn argon2id(memory_kib: u32, iterations: u32) -> PasswordHasher {
    PasswordHasher::builder().argon2id_with(of(memory_kib, iterations, 1)).build().unwrap()
}

fn replacing(memory_kib: u32, iterations: u32) -> PasswordHasher {
    let builder = PasswordHasher::builder().cost(4).replacing_bcrypt();
    builder.argon2id_with(of(memory_kib, iterations, 1)).build().unwrap()
}

/// Returns the replacement of a stored hash of `U*U`.
fn replacement(hasher: &PasswordHasher, stored: &str) -> Option<String> {
    match hasher.verify_and_update("U*U", stored) {
        Verification::MatchOutdated { new_hash } => {
            assert!(hasher.verify("U*U", &new_hash));
            Some(new_hash)
        }
        Verification::Match => None,
        Verification::Mismatch => panic!("{stored} does not match"),
    }
}
