//! Valid passwords, and the form of their hashes.

use gatevault::{HashingError, hash_password, verify_password};

use crate::quick;

#[test]
fn a_hash_is_bcrypt_at_cost_12_and_verifies() {
    let stored = hash_password("correct horse").unwrap();
    assert!(stored.starts_with("$2b$12$"));
    assert_eq!(stored.len(), 60);
    assert!(verify_password("correct horse", &stored));
    assert!(!verify_password("correct Horse", &stored));
}

#[test]
fn two_hashes_of_one_password_differ_and_both_verify() {
    let [first, second] = [(); 2].map(|()| quick().hash("correct horse").unwrap());
    assert_ne!(first, second);
    assert!(quick().verify("correct horse", &first) && quick().verify("correct horse", &second));
}

#[test]
fn seventy_two_bytes_are_a_password_and_the_last_one_counts() {
    let longest = "x".repeat(72);
    let stored = quick().hash(&longest).unwrap();
    assert!(quick().verify(&longest, &stored));
    assert!(!quick().verify(&"x".repeat(71), &stored));
    assert!(!quick().verify(&format!("{}y", "x".repeat(71)), &stored));
}

#[test]
fn seventy_three_bytes_are_rejected_and_never_match_their_first_72() {
    let stored = quick().hash(&"x".repeat(72)).unwrap();
    let too_long = "x".repeat(73);
    assert!(matches!(quick().hash(&too_long), Err(HashingError::TooLong { bytes: 73, limit: 72 })));
    assert!(!quick().verify(&too_long, &stored));
    assert!(!quick().verify_and_update(&too_long, &stored).is_match());
}

#[test]
fn the_limit_counts_bytes_and_not_characters() {
    let longest = "é".repeat(36);
    assert!(quick().verify(&longest, &quick().hash(&longest).unwrap()));
    assert!(matches!(quick().hash(&"é".repeat(37)), Err(HashingError::TooLong { bytes: 74, limit: 72 })));
    assert!(matches!(quick().hash(&"🔑".repeat(19)), Err(HashingError::TooLong { bytes: 76, limit: 72 })));
}

#[test]
fn a_nul_anywhere_is_rejected_and_never_matches() {
    let stored = quick().hash("P").unwrap();
    let of_nothing = quick().hash("").unwrap();
    for plain in ["\0", "\0P", "P\0", "P\0P"] {
        assert!(matches!(quick().hash(plain), Err(HashingError::ContainsNul)), "{plain:?}");
        assert!(!quick().verify(plain, &stored) && !quick().verify(plain, &of_nothing), "{plain:?}");
    }
}

#[test]
fn letters_that_look_alike_are_different_passwords() {
    let composed = quick().hash("caf\u{e9}").unwrap();
    assert!(quick().verify("caf\u{e9}", &composed));
    assert!(!quick().verify("cafe\u{301}", &composed));
}

#[test]
fn errors_do_not_repeat_the_password() {
    for plain in ["hunter2".repeat(11), "hunter2\0".to_owned()] {
        let error = quick().hash(&plain).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}
