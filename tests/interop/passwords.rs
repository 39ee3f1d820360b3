//! Password hashes: made on one side, verified on the other.

use gatevault::{PasswordHasher, hash_password, verify_password};
use serde_json::json;

use crate::peer::{ask, ask_text};
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

fn hash_there(plain: &str, cost: u32, prefix: &str) -> String {
    ask_text("hash_password", json!({"plain": plain, "cost": cost, "prefix": prefix}), "hash")
}

fn verify_there(plain: &str, hash: &str) -> bool {
    let answer = ask("verify_password", json!({"plain": plain, "hash": hash}));
    answer["matches"].as_bool().unwrap_or_else(|| panic!("{answer} for {hash}"))
}

/// The password with its first letter gone, or with one more.
fn another(plain: &str) -> String {
    let mut letters = plain.chars();
    letters.next().map_or_else(|| "x".to_owned(), |_| letters.collect())
}

#[test]
fn hashes_of_python_verify_here() {
    let mut pairs = 0;
    for plain in PASSWORDS {
        for cost in 4..=6 {
            for prefix in ["2a", "2b"] {
                let hash = hash_there(plain, cost, prefix);
                assert!(verify_password(plain, &hash), "{plain:?} {hash}");
                assert!(!verify_password(&another(plain), &hash), "{plain:?} {hash}");
                pairs += 2;
            }
        }
        let as_php_writes_it = hash_there(plain, 4, "2b").replace("$2b$", "$2y$");
        assert!(verify_password(plain, &as_php_writes_it) && verify_there(plain, &as_php_writes_it));
        pairs += 1;
    }
    report("hashes of Python verified here", pairs);
}

#[test]
fn our_hashes_verify_in_python() {
    let mut pairs = 0;
    for plain in PASSWORDS {
        for cost in 4..=6 {
            let hash = PasswordHasher::builder().cost(cost).build().unwrap().hash(plain).unwrap();
            assert!(verify_there(plain, &hash), "{plain:?} {hash}");
            assert!(!verify_there(&another(plain), &hash), "{plain:?} {hash}");
            pairs += 2;
        }
    }
    report("our hashes verified in Python", pairs);
}

#[test]
fn the_hashes_that_both_write_by_default_verify_on_the_other_side() {
    let plain = PASSWORDS[0];
    let theirs = ask_text("hash_password", json!({"plain": plain}), "hash");
    let ours = hash_password(plain).unwrap();
    assert_eq!(theirs[..7], ours[..7], "the same scheme and cost");
    assert!(verify_password(plain, &theirs) && !verify_password("wrong", &theirs));
    assert!(verify_there(plain, &ours) && !verify_there("wrong", &ours));
    report("hashes at the default cost", 4);
}

#[test]
fn both_refuse_to_hash_what_bcrypt_would_cut_off() {
    for plain in ["x".repeat(73), "é".repeat(37), "long ".repeat(1000)] {
        assert!(hash_password(&plain).is_err());
        assert_eq!(ask("hash_password", json!({"plain": plain}))["raised"], "HashingError");
    }
    report("passwords too long for bcrypt", 3);
}

/// Python raises there, which a login that forgets to catch it turns into an error of the server.
#[test]
fn a_stored_text_that_is_no_hash_is_false_here_and_an_error_in_python() {
    let broken =
        ["", "x", "$2b$", "$2b$04$short", "$9z$04$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"];
    for stored in broken {
        assert!(!verify_password("x", stored), "{stored}");
        assert_eq!(
            ask("verify_password", json!({"plain": "x", "hash": stored}))["raised"],
            "ValueError",
            "{stored}"
        );
    }
    report("stored texts that are no hash", broken.len());
}
