//! Test vectors of other implementations.

use gatevault::verify_password;

#[test]
fn the_vectors_of_crypt_blowfish_verify() {
    // wrapper.c of Openwall's crypt_blowfish.
    for (plain, stored) in [
        ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        ("U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"),
        ("U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
        ("", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"),
        (SEVENTY_TWO_BYTES, "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"),
    ] {
        assert_matches_only(plain, stored);
    }
}

#[test]
fn the_vectors_of_jbcrypt_verify() {
    // TestBCrypt.java of Damien Miller's jBCrypt, after OpenBSD.
    for (plain, stored) in [
        ("", "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s."),
        ("a", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"),
        ("abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"),
        ("abcdefghijklmnopqrstuvwxyz", "$2a$06$.rCVZVOThsIa97pEDOxvGuRRgzG64bvtJ0938xuqzv18d3ZpQhstC"),
        (
            "~!@#$%^&*()      ~!@#$%^&*()PNBFRD",
            "$2a$06$fPIsBO8qRqkjj273rfaOI.HtSV9jLDpTbZn782DC6/t7qT67P6FfO",
        ),
    ] {
        assert_matches_only(plain, stored);
    }
}

#[test]
fn a_password_of_four_scripts_verifies_as_its_utf_8_bytes() {
    // Passlib's tests: a table of Latin, Cyrillic, symbol and phonetic letters, under both prefixes.
    let plain = "t\u{e1}\u{411}\u{2113}\u{259}";
    for prefix in ["$2a$", "$2b$"] {
        let stored = format!("{prefix}05$Z17AXnnlpzddNUvnC6cZNOSwMA/8oNiKnHTHTwLlBijfucQQlHjaG");
        assert_matches_only(plain, &stored);
    }
}

#[test]
fn a_hash_of_php_verifies() {
    // The example of `password_verify` in the PHP manual.
    assert_matches_only("rasmuslerdorf", "$2y$07$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq");
}

#[test]
fn hashes_of_other_languages_verify() {
    // The tests of the `bcrypt` crate: Node's and Python's packages.
    for stored in [
        "$2a$04$n4Uy0eSnMfvnESYL.bLwuuj0U/ETSsoTpRT9GVk5bektyVVa5xnIi",
        "$2b$04$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie",
    ] {
        assert_matches_only("correctbatteryhorsestapler", stored);
    }
}

#[test]
fn the_three_prefixes_name_one_computation() {
    for prefix in ["$2a$", "$2b$", "$2y$"] {
        assert_matches_only(
            "U*U",
            &format!("{prefix}05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        );
    }
}

fn assert_matches_only(plain: &str, stored: &str) {
    assert!(verify_password(plain, stored), "{plain:?} against {stored}");
    assert!(!verify_password(&format!("x{plain}"), stored), "x{plain:?} against {stored}");
}

const SEVENTY_TWO_BYTES: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
