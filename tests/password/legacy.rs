//! Verifiers of hashes that other systems made, through direct calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use gatevault::password::{Argon2Params, Verification};
use gatevault::{HashingError, PasswordHasher, verify_password};
use gatevault_tests::hex;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use tokio::runtime::Builder;

use crate::log::warnings;

/// The password is `correct horse`. Made by Python's `hashlib.pbkdf2_hmac`, in Django's form.
pub(crate) const DJANGO: &str = "pbkdf2_sha256$1000$seasalt$mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso=";
/// The password is `U*U`.
const SPRING: &str = "{bcrypt}$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

/// Verifies a hash of Django: PBKDF2 with HMAC-SHA-256 (RFC 8018 section 5.2), of one block.
pub(crate) fn django(plain: &str, stored: &str) -> Option<bool> {
    let (iterations, rest) = stored.strip_prefix("pbkdf2_sha256$")?.split_once('$')?;
    let iterations: u32 = iterations.parse().ok().filter(|iterations| *iterations <= 1_000_000)?;
    let (salt, digest) = rest.split_once('$')?;
    let mac = Hmac::<Sha256>::new_from_slice(plain.as_bytes()).ok()?;
    let prf = |message: &[u8]| mac.clone().chain_update(message).finalize().into_bytes();
    let mut last = prf(&[salt.as_bytes(), &[0, 0, 0, 1]].concat());
    let mut block = last;
    for _ in 1..iterations {
        last = prf(&last);
        block.iter_mut().zip(last).for_each(|(byte, other)| *byte ^= other);
    }
    Some(BASE64.encode(block) == digest)
}

/// Verifies `sha256$` and the digest of the password in hexadecimal digits.
fn sha256(plain: &str, stored: &str) -> Option<bool> {
    Some(stored.strip_prefix("sha256$")? == digest(plain))
}

fn digest(plain: &str) -> String {
    hex(Sha256::digest(plain))
}

fn spring(plain: &str, stored: &str) -> Option<bool> {
    Some(verify_password(plain, stored.strip_prefix("{bcrypt}")?))
}

#[test]
fn a_legacy_hash_verifies_and_its_new_hash_is_of_the_default_scheme() {
    let of_sha256 = format!("sha256${}", digest("correct horse"));
    let hasher =
        PasswordHasher::builder().cost(4).legacy(django).legacy(sha256).legacy(spring).build().unwrap();
    for (plain, stored) in [("correct horse", DJANGO), ("correct horse", &of_sha256), ("U*U", SPRING)] {
        let ((), lines) = warnings(|| {
            assert!(hasher.verify(plain, stored));
            assert!(!hasher.verify("wrong", stored));
            assert!(!hasher.verify_and_update("wrong", stored).is_match());
            let new_hash = replacement(&hasher.verify_and_update(plain, stored));
            assert!(new_hash.starts_with("$2b$04$") && hasher.verify(plain, &new_hash));
            assert!(matches!(hasher.verify_and_update(plain, &new_hash), Verification::Match));
        });
        assert!(lines.is_empty(), "{lines:?}");
    }
}

#[test]
fn the_async_forms_verify_legacy_hashes_off_the_executor() {
    let hasher = PasswordHasher::builder().cost(4).legacy(|plain, stored| {
        assert!(std::thread::current().name() != Some("executor"));
        django(plain, stored)
    });
    let hasher = hasher.build().unwrap();
    let executor = std::thread::Builder::new().name("executor".to_owned()).spawn(move || {
        Builder::new_current_thread().build().unwrap().block_on(async {
            assert!(hasher.async_verify("correct horse", DJANGO).await.unwrap());
            assert!(!hasher.async_verify("wrong", DJANGO).await.unwrap());
            let verification = hasher.async_verify_and_update("correct horse", DJANGO).await.unwrap();
            assert!(replacement(&verification).starts_with("$2b$04$"));
        });
    });
    executor.unwrap().join().unwrap();
}

#[test]
fn verifiers_are_asked_in_order_until_one_answers() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = |of: usize, answer: Option<bool>| {
        let asked = Arc::clone(&asked);
        move |_: &str, _: &str| {
            asked.fetch_add(of, SeqCst);
            answer
        }
    };
    for (first, second, is_match, expected) in [
        (Some(true), Some(false), true, 1),
        (Some(false), Some(true), false, 1),
        (None, Some(true), true, 11),
        (None, Some(false), false, 11),
        (None, None, false, 11),
    ] {
        let builder = PasswordHasher::builder().cost(4).legacy(count(1, first)).legacy(count(10, second));
        let hasher = builder.clone().build().unwrap();
        let (matched, lines) = warnings(|| hasher.verify("correct horse", "old"));
        assert_eq!((matched, asked.swap(0, SeqCst)), (is_match, expected));
        assert_eq!(lines.len(), usize::from((first, second) == (None, None)), "{lines:?}");
    }
}

#[test]
fn a_verifier_is_not_asked_for_an_empty_hash_nor_for_one_with_the_prefix_of_a_scheme() {
    let hasher = PasswordHasher::builder().cost(4).legacy(|plain, stored| {
        panic!("asked for {plain} and {stored}");
    });
    let hasher = hasher.build().unwrap();
    for stored in [
        "",
        " ",
        "\u{a0}\n",
        "$2b$",
        "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2b$+31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2y$031$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2a$12$oaQbBqq8JnSM1NHRPQGXORm4GCUMqp7meTnkft4zgSnrbhoKdDV0C",
        "$argon2id$v=16$m=16,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$oY3XTXxdhvTyQIhBYc9UO43DfnPUYR9JL4IIaTSqE2Y",
        "$argon2id$v=19$m=4294967295,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH0",
    ] {
        for plain in ["", stored, "wrong"] {
            let (is_match, lines) = warnings(|| hasher.verify(plain, stored));
            assert!(!is_match && !lines.concat().contains("panicked"), "{lines:?} for {stored}");
        }
    }
}

#[test]
fn a_long_password_verifies_and_keeps_its_hash_if_the_scheme_of_new_hashes_does_not_accept_it() {
    let small = Argon2Params { memory_kib: 16, iterations: 1, parallelism: 1 };
    let bcrypt = PasswordHasher::builder().cost(4).legacy(sha256).build().unwrap();
    let argon2id = PasswordHasher::builder().cost(4).argon2id_with(small).legacy(sha256).build().unwrap();
    for plain in ["x".repeat(80), "a\0b".to_owned(), "x".repeat(4096)] {
        let stored = format!("sha256${}", digest(&plain));
        assert!(matches!(bcrypt.hash(&plain), Err(HashingError::TooLong { .. } | HashingError::ContainsNul)));
        assert!(matches!(bcrypt.verify_and_update(&plain, &stored), Verification::Match));
        let new_hash = replacement(&argon2id.verify_and_update(&plain, &stored));
        assert!(argon2id.verify(&plain, &new_hash));
    }
    // Longer ones only serve denial of service.
    let plain = "x".repeat(4097);
    let stored = format!("sha256${}", digest(&plain));
    for hasher in [bcrypt, argon2id] {
        let (verification, lines) = warnings(|| hasher.verify_and_update(&plain, &stored));
        assert!(matches!(verification, Verification::Mismatch) && lines.is_empty(), "{lines:?}");
    }
}

#[test]
fn a_verifier_that_panics_is_a_mismatch_and_a_warning_in_each_form() {
    let hasher =
        PasswordHasher::builder().cost(4).legacy(|_, _| panic!("on purpose")).legacy(|_, _| Some(true));
    let hasher = hasher.build().unwrap();
    let runtime = Builder::new_current_thread().build().unwrap();
    let calls: [&dyn Fn() -> bool; 4] = [
        &|| hasher.verify("a password", "old"),
        &|| hasher.verify_and_update("a password", "old").is_match(),
        &|| runtime.block_on(hasher.async_verify("a password", "old")).unwrap(),
        &|| runtime.block_on(hasher.async_verify_and_update("a password", "old")).unwrap().is_match(),
    ];
    for call in calls {
        let (is_match, lines) = warnings(call);
        assert!(!is_match);
        assert_eq!(lines, ["message=stored hash unreadable reason=the legacy verifier panicked"]);
    }
}

#[test]
fn the_debug_output_of_a_hasher_shows_the_number_of_its_verifiers() {
    let builder = PasswordHasher::builder().legacy(django).legacy(sha256);
    assert!(format!("{builder:?}").contains("2 verifiers"));
    assert!(format!("{:?}", builder.build().unwrap()).contains("2 verifiers"));
}

#[test]
fn the_debug_output_of_a_hasher_contains_no_hash() {
    let hasher = PasswordHasher::builder().legacy(django).build().unwrap();
    for printed in [format!("{hasher:?}"), format!("{:#?}", PasswordHasher::default())] {
        assert!(printed.contains("cost: 12") && !printed.contains('$'), "{printed}");
    }
}

fn replacement(verification: &Verification) -> String {
    match verification {
        Verification::MatchOutdated { new_hash } => new_hash.clone(),
        other => panic!("{other:?}"),
    }
}
