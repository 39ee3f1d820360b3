//! `hash` and `verify`.

use crate::command::Folder;

/// The hash of `U*U` with cost 5, from the tests of `crypt_blowfish`.
const U_STAR_U: &str = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

#[test]
fn a_hash_verifies_its_password_and_no_other() {
    let folder = Folder::new();
    for (scheme, prefix) in [(&["--cost", "4"][..], "$2b$04$"), (&["--argon2"], "$argon2id$")] {
        let hash = folder.run_with(&[&["hash"], scheme].concat(), "correct horse\n");
        assert!(hash.code == 0 && hash.out.starts_with(prefix), "{hash:?}");
        folder.write("hash", &hash.out);
        let verify = [&["verify", "--hash-file", "hash"], scheme].concat();
        for (password, code) in [
            ("correct horse", 0),
            ("correct horse\n", 0),
            ("correct horse\r\n", 0),
            ("correct horse\n\n", 1),
            ("", 1),
        ] {
            let output = folder.run_with(&verify, password);
            assert_eq!(output.code, code, "{password:?}: {output:?}");
            assert!(!output.out.contains("weaker"), "{output:?}");
        }
    }
}

#[test]
fn a_weaker_hash_is_outdated_and_a_wrong_password_says_nothing_of_it() {
    let folder = Folder::new();
    let output = folder.run_with(&["verify", U_STAR_U, "--cost", "6", "--json"], "U*U");
    assert_eq!((output.code, output.json()), (0, serde_json::json!({"matches": true, "outdated": true})));
    let output = folder.run_with(&["verify", U_STAR_U, "--cost", "6"], "U*U");
    assert!(output.out.contains("the hash is weaker than the settings"), "{output:?}");
    let output = folder.run_with(&["verify", U_STAR_U, "--cost", "5", "--json"], "wrong");
    assert_eq!((output.code, output.json()), (1, serde_json::json!({"matches": false, "outdated": false})));
}

#[test]
fn a_hash_that_cannot_be_verified_is_refused_with_the_reason() {
    let folder = Folder::new();
    for (hash, part) in [
        ("", "empty"),
        ("$6$salt$hash", "sha512-crypt"),
        ("b$12$abc", "single quotes"),
        ("$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "ceiling"),
        ("{bcrypt}$2a$10$x", "Spring Security"),
    ] {
        let refused = folder.run_with(&["verify", hash], "password");
        assert!(refused.code == 2 && refused.err.contains(part), "{hash}: {refused:?}");
        assert!(hash.is_empty() || !refused.err.contains(hash), "{refused:?}");
    }
    let refused = folder.run_with(&["verify", "--hash-file", "-"], U_STAR_U);
    assert!(refused.code == 2 && refused.err.contains("standard input is for the password"), "{refused:?}");
}

#[test]
fn a_password_that_cannot_be_hashed_is_refused_and_none_is_an_argument() {
    let folder = Folder::new();
    let long = "x".repeat(73);
    let refused = folder.run_with(&["hash", "--cost", "4"], &long);
    assert!(
        refused.code == 2 && refused.err.contains("73 bytes") && !refused.err.contains(&long),
        "{refused:?}"
    );
    assert_eq!(folder.run_with(&["hash", "--cost", "4"], "a\0b").code, 2);
    assert_eq!(folder.run_with(&["hash", "--cost", "3"], "a").code, 2);
    assert_eq!(folder.run(&["hash", "a password"]).code, 2);
    assert_eq!(folder.run(&["verify", U_STAR_U, "U*U"]).code, 2);
}
