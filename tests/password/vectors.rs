//! Test vectors of other implementations.

use gatevault::verify_password;

const CRYPT_BLOWFISH: &str = include_str!("data/crypt_blowfish/wrapper.txt");
const JBCRYPT: &str = include_str!("data/jbcrypt/TestBCrypt.txt");
const ARGON2: &str = include_str!("data/argon2/test.txt");

/// The outcomes of a set of vectors, and why vectors are excluded.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    verified: usize,
    refused: usize,
    excluded: Vec<(usize, &'static str)>,
}

impl Counts {
    fn exclude(&mut self, reason: &'static str) {
        match self.excluded.iter_mut().find(|excluded| excluded.1 == reason) {
            Some(excluded) => excluded.0 += 1,
            None => self.excluded.push((1, reason)),
        }
    }

    #[expect(clippy::print_stdout, reason = "the counts are a result of the test run")]
    fn assert(&self, set: &str, expected: &Self) {
        let excluded: usize = self.excluded.iter().map(|excluded| excluded.0).sum();
        let all = self.verified + self.refused + excluded;
        println!("{set}: verified {}, refused {}, excluded {excluded} of {all}", self.verified, self.refused);
        for (count, reason) in &self.excluded {
            println!("    excluded {count}: {reason}");
        }
        assert_eq!(self, expected, "{set}");
    }
}

/// Decodes a password in hexadecimal digits.
fn password(digits: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    if digits == "-" { Vec::new() } else { (0..digits.len()).step_by(2).map(digit).collect() }
}

const NOT_UTF_8: &str = "the password is not UTF-8, and passwords here are strings";
const TRUNCATED: &str = "the password is longer than 72 bytes, which are refused and not truncated";
const SIGN_EXTENDED: &str = "`$2x$` is the faulty computation of crypt_blowfish before 1.1 (CVE-2011-2483)";

#[test]
fn the_readme_has_the_number_of_vectors_of_each_file() {
    let readme = include_str!("data/README.md");
    let counts = readme.lines().filter_map(|line| {
        let cells: Vec<_> =
            line.strip_prefix("| `")?.trim_end_matches('|').split('|').map(str::trim).collect();
        Some((cells[0].trim_end_matches('`'), cells.last()?.parse().unwrap()))
    });
    let files = [
        ("crypt_blowfish/wrapper.txt", CRYPT_BLOWFISH),
        ("jbcrypt/TestBCrypt.txt", JBCRYPT),
        ("argon2/test.txt", ARGON2),
    ];
    let expected = files.map(|(name, lines)| (name, lines.lines().count()));
    assert_eq!(counts.collect::<Vec<(&str, usize)>>(), expected);
}

#[test]
fn every_vector_of_crypt_blowfish_has_its_verdict() {
    let mut counts = Counts::default();
    for line in CRYPT_BLOWFISH.lines() {
        let fields: Vec<_> = line.split(' ').collect();
        let plain = password(fields[1]);
        let Ok(plain) = String::from_utf8(plain) else {
            counts.exclude(NOT_UTF_8);
            continue;
        };
        if let [result, _, setting] = fields.as_slice() {
            // There, a refusal is a hash that no password has.
            let stored = format!("{setting}E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW");
            assert!(!verify_password(&plain, result) && !verify_password(&plain, &stored), "{line}");
            counts.refused += 1;
        } else if plain.len() > 72 {
            assert!(!verify_password(&plain, fields[0]), "{line}");
            assert_matches_only(&plain[..72], fields[0]);
            counts.exclude(TRUNCATED);
        } else if fields[0].starts_with("$2x$") {
            assert!(!verify_password(&plain, fields[0]), "{line}");
            counts.exclude(SIGN_EXTENDED);
        } else {
            assert_matches_only(&plain, fields[0]);
            counts.verified += 1;
        }
    }
    let excluded = vec![(1, TRUNCATED), (22, NOT_UTF_8), (1, SIGN_EXTENDED)];
    counts.assert("crypt_blowfish", &Counts { verified: 4, refused: 7, excluded });
}

#[test]
fn every_vector_of_jbcrypt_verifies() {
    let mut counts = Counts::default();
    for line in JBCRYPT.lines() {
        let (stored, plain) = line.split_once(' ').unwrap();
        assert_matches_only(&String::from_utf8(password(plain)).unwrap(), stored);
        counts.verified += 1;
    }
    counts.assert("jBCrypt", &Counts { verified: 20, ..Counts::default() });
}

const OTHER_VARIANT: &str = "argon2i: hashes are argon2id (RFC 9106 section 4)";

#[test]
fn every_vector_of_the_argon2_reference_has_its_verdict() {
    let mut counts = Counts::default();
    for line in ARGON2.lines() {
        let [expectation, plain, stored] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        if expectation == "invalid" {
            assert!(!verify_password(plain, stored), "{line}");
            counts.refused += 1;
        } else if stored.starts_with("$argon2i$") {
            assert!(!verify_password(plain, stored), "{line}");
            counts.exclude(OTHER_VARIANT);
        } else {
            assert_matches_only(plain, stored);
            counts.verified += 1;
        }
    }
    counts.assert("argon2", &Counts { verified: 8, refused: 8, excluded: vec![(18, OTHER_VARIANT)] });
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
