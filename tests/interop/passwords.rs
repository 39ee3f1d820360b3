//! Password hashes: created on one side, verified on the other.

use gatevault::{PasswordHasher, hash_password, verify_password};
use serde_json::json;

use crate::peer::{ask, ask_string};
use crate::report;

const PASSWORDS: [&str; 8] = [
    "correct horse battery staple",
    "x",
    "",
    "  spaces \t and a line\n",
    "пароль, 密码, كلمة السر",
    "🦀🔐🗝",
    "\u{7f}\u{80}\u{ff}\u{fffd}",
    "seventy-two bytes are all that bcrypt reads, and this has seventy-two...",
];

/// Hashes a password in Python.
fn hash_in_python(plain: &str, cost: u32, prefix: &str) -> String {
    ask_string("hash_password", json!({"plain": plain, "cost": cost, "prefix": prefix}), "hash")
}

/// Verifies a password in Python.
fn verify_in_python(plain: &str, hash: &str) -> bool {
    let answer = ask("verify_password", json!({"plain": plain, "hash": hash}));
    answer["matches"].as_bool().unwrap_or_else(|| panic!("{answer} for {hash}"))
}

/// Returns a different password: without the first letter, or `x` for an empty one.
fn another(plain: &str) -> String {
    let mut letters = plain.chars();
    letters.next().map_or_else(|| "x".to_owned(), |_| letters.collect())
}

#[test]
fn hashes_from_python_verify_in_rust() {
    let mut pairs = 0;
    for plain in PASSWORDS {
        for cost in 4..=6 {
            for prefix in ["2a", "2b"] {
                let hash = hash_in_python(plain, cost, prefix);
                assert!(verify_password(plain, &hash), "{plain:?} {hash}");
                assert!(!verify_password(&another(plain), &hash), "{plain:?} {hash}");
                pairs += 2;
            }
        }
        let php_hash = hash_in_python(plain, 4, "2b").replace("$2b$", "$2y$");
        assert!(verify_password(plain, &php_hash) && verify_in_python(plain, &php_hash));
        pairs += 1;
    }
    report("Python hashes verified in Rust", pairs);
}

#[test]
fn hashes_from_rust_verify_in_python() {
    let mut pairs = 0;
    for plain in PASSWORDS {
        for cost in 4..=6 {
            let hash = PasswordHasher::builder().cost(cost).build().unwrap().hash(plain).unwrap();
            assert!(verify_in_python(plain, &hash), "{plain:?} {hash}");
            assert!(!verify_in_python(&another(plain), &hash), "{plain:?} {hash}");
            pairs += 2;
        }
    }
    report("Rust hashes verified in Python", pairs);
}

#[test]
fn hashes_at_the_default_cost_verify_on_the_other_side() {
    let plain = PASSWORDS[0];
    let python = ask_string("hash_password", json!({"plain": plain}), "hash");
    let rust = hash_password(plain).unwrap();
    assert_eq!(python[..7], rust[..7], "the same scheme and cost");
    assert!(verify_password(plain, &python) && !verify_password("wrong", &python));
    assert!(verify_in_python(plain, &rust) && !verify_in_python("wrong", &rust));
    report("hashes at the default cost", 4);
}

#[test]
fn both_reject_a_password_that_bcrypt_would_truncate() {
    for plain in ["x".repeat(73), "é".repeat(37), "long ".repeat(1000)] {
        assert!(hash_password(&plain).is_err());
        assert_eq!(ask("hash_password", json!({"plain": plain}))["raised"], "HashingError");
    }
    report("passwords too long for bcrypt", 3);
}

/// Python raises an exception instead. A login that does not catch it responds with a server error.
#[test]
fn a_malformed_stored_hash_is_false_in_rust_and_an_error_in_python() {
    let malformed =
        ["", "x", "$2b$", "$2b$04$short", "$9z$04$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"];
    for stored in malformed {
        assert!(!verify_password("x", stored), "{stored}");
        assert_eq!(
            ask("verify_password", json!({"plain": "x", "hash": stored}))["raised"],
            "ValueError",
            "{stored}"
        );
    }
    report("malformed stored hashes", malformed.len());
}
