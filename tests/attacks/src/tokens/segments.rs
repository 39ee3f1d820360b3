//! The compact serialization: three segments of base64url, each with one spelling, and a length limit.

use gatevault::Algorithm;
use gatevault::error::InvalidReason;
use gatevault_tests::Outline;

use super::FAMILIES;
use crate::attack::{Attacks, Category};
use crate::forge::{Members, encoded, segments, signed, with_claims};

const SERIALIZATIONS: Category = Category {
    name: "other numbers of segments, JSON serializations, text around the token",
    source: "RFC 7515 section 3, CVE-2022-39227, CVE-2025-30204",
};
const ENCRYPTED: Category = Category {
    name: "encrypted tokens, and key derivations with huge counts",
    source: "RFC 7516, CVE-2022-36083, CVE-2024-28176",
};
const SPELLINGS: Category = Category {
    name: "segments with padding, white space, other alphabets, spare bits",
    source: "RFC 7515 section 2 and appendix C",
};
const LENGTHS: Category = Category { name: "tokens over the length limit", source: "CVE-2025-61920" };

pub(super) fn serializations(attacks: &mut Attacks) {
    for key in FAMILIES {
        let good = attacks.good(key);
        let [header, claims, signature] = segments(&good);
        let cases = [
            ("one segment", header.to_owned()),
            ("two segments", format!("{header}.{claims}")),
            ("no header", format!(".{claims}.{signature}")),
            ("no claims", signed(key, &format!("{header}."))),
            ("a dot before", format!(".{good}")),
            ("a dot behind", format!("{good}.")),
            ("four segments", signed(key, &format!("{header}.{claims}.{claims}"))),
            ("five segments", signed(key, &format!("{header}.{claims}.{claims}.e30"))),
            (
                "flattened JSON",
                format!(r#"{{"protected":"{header}","payload":"{claims}","signature":"{signature}"}}"#),
            ),
            (
                "general JSON",
                format!(
                    r#"{{"payload":"{claims}","signatures":[{{"protected":"{header}","signature":"{signature}"}}]}}"#
                ),
            ),
            ("quoted", format!("\"{good}\"")),
            ("two schemes before", format!("Bearer Bearer {good}")),
            ("a byte order mark before", format!("\u{feff}{good}")),
            ("a line break before", format!("\n{good}")),
            ("percent-encoded dots", good.replace('.', "%2E")),
            ("full-width dots", good.replace('.', "\u{ff0e}")),
            ("two tokens", format!("{good},{good}")),
        ];
        for (name, token) in cases {
            attacks.add(SERIALIZATIONS, format!("{key}, {name}"), token, Outline::DECODE);
        }
    }
    attacks.add(SERIALIZATIONS, "7000 dots", ".".repeat(7000), Outline::DECODE);
    attacks.add(SERIALIZATIONS, "3500 segments", "a.".repeat(3500), Outline::DECODE);
    for (alg, enc) in [("dir", "A256GCM"), ("RSA1_5", "A128CBC-HS256"), ("PBES2-HS512+A256KW", "A256GCM")] {
        let header =
            format!(r#"{{"alg":"{alg}","enc":"{enc}","p2c":2147483647,"p2s":"c2FsdA","kid":"HS256"}}"#);
        let five = format!("{}.a2V5.aXY.dGV4dA.dGFn", encoded(&header));
        attacks.add(ENCRYPTED, format!("{alg}, five segments"), five, Outline::DECODE);
        let three = attacks.with_header(Algorithm::HS256, &header);
        attacks.add(ENCRYPTED, format!("{alg}, three segments"), three, InvalidReason::Algorithm);
    }
}

/// Returns other spellings of a segment that a lax decoder accepts.
fn misspelled(segment: &str) -> Vec<(&'static str, String)> {
    let half = segment.len() / 2;
    let insert = |text: &str| format!("{}{text}{}", &segment[..half], &segment[half..]);
    let mut spellings = vec![
        ("padded", format!("{segment}=")),
        ("padded twice", format!("{segment}==")),
        ("padding within", insert("=")),
        ("a character of base64", insert("+")),
        ("a space within", insert(" ")),
        ("a line break within", insert("\n")),
        ("a tab behind", format!("{segment}\t")),
        ("NUL within", insert("\0")),
        ("junk within", insert("*")),
        ("not ASCII within", insert("\u{e9}")),
        ("a percent escape within", insert("%41")),
        ("an impossible length", format!("{segment}{}", "A".repeat(5 - segment.len() % 4))),
    ];
    if !segment.len().is_multiple_of(4) {
        spellings.push(("spare bits set", with_spare_bits(segment)));
    }
    spellings
}

/// Sets the lowest bit of the last character, which is an unused bit.
fn with_spare_bits(segment: &str) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = segment.split_at(segment.len() - 1);
    let value = ALPHABET.find(last).unwrap();
    format!("{rest}{}", &ALPHABET[value | 1..=value | 1])
}

pub(super) fn spellings(attacks: &mut Attacks) {
    for key in [Algorithm::HS256, Algorithm::ES512, Algorithm::RS256] {
        let good = with_claims(key, attacks.claims().with("x", r#""ab""#).json());
        let [header, claims, signature] = segments(&good);
        for (name, header) in misspelled(header) {
            let token = signed(key, &format!("{header}.{claims}"));
            attacks.add(SPELLINGS, format!("{key}, header, {name}"), token, Outline::DECODE);
        }
        for (name, claims) in misspelled(claims) {
            let token = signed(key, &format!("{header}.{claims}"));
            attacks.add(SPELLINGS, format!("{key}, claims, {name}"), token, Outline::DECODE);
        }
        for (name, signature) in misspelled(signature) {
            let token = format!("{header}.{claims}.{signature}");
            attacks.add(SPELLINGS, format!("{key}, signature, {name}"), token, InvalidReason::Signature);
        }
    }
}

pub(super) fn lengths(attacks: &mut Attacks) {
    for key in [Algorithm::HS256, Algorithm::RS256] {
        for bytes in [8_000, 12_000] {
            let claims = attacks.claims().with("x", &format!("\"{}\"", "y".repeat(bytes)));
            too_long(attacks, &format!("{key}, claims of {bytes} bytes"), with_claims(key, claims.json()));
        }
        let header = Members::header(key).with("kid", &format!("\"{}\"", "k".repeat(8_000)));
        let token = attacks.with_header(key, header.json());
        too_long(attacks, &format!("{key}, kid of 8000 bytes"), token);
    }
    for (size, bytes) in [("100 KiB", 100 * 1024), ("1 MiB", 1024 * 1024)] {
        for key in [Algorithm::HS256, Algorithm::RS256, Algorithm::ES256] {
            let claims = attacks.claims().with("x", &format!("\"{}\"", "y".repeat(bytes)));
            let token = with_claims(key, claims.json());
            let message = &token[..token.rfind('.').unwrap()];
            let forged = format!("{message}.{}", segments(&attacks.good(key))[2]);
            too_long(attacks, &format!("{key}, claims of {size}"), token);
            too_long(attacks, &format!("{key}, claims of {size}, forged"), forged);
        }
    }
    too_long(attacks, "8193 characters of junk", "*".repeat(8193));
    too_long(attacks, "8193 dots", ".".repeat(8193));
}

fn too_long(attacks: &mut Attacks, name: &str, token: String) {
    let refusal = InvalidReason::TooLong { bytes: token.len(), limit: 8192 };
    attacks.add(LENGTHS, name, token, refusal);
}
