//! The header's `alg`: the key decides the algorithm, and never the header.

use gatevault::Algorithm;
use gatevault::error::InvalidReason;
use gatevault_tests::Outline;

use super::FAMILIES;
use crate::attack::{Attacks, Category};
use crate::forge::{Members, encoded, message, segments, signed};
use crate::keys::{ALGORITHMS, PAIRS, public_forms, tag};

const UNSECURED: Category = Category {
    name: "unsecured: `alg` is none in any spelling",
    source: "RFC 8725 section 3.2, CVE-2022-23540",
};
const MISTYPED: Category =
    Category { name: "`alg` missing or not a string", source: "RFC 7515 section 4.1.1" };
const SPELLED: Category = Category {
    name: "`alg` in another case, unknown, or not for signatures",
    source: "RFC 7515 section 4.1.1, RFC 8725 section 3.1",
};
const CONFUSED: Category = Category {
    name: "an HMAC keyed with the public key of another algorithm",
    source: "RFC 8725 section 2.1, CVE-2015-9235, CVE-2016-10555",
};
const SWAPPED: Category = Category {
    name: "signed with one algorithm and presented as another",
    source: "RFC 8725 section 3.1, CVE-2022-23541",
};

pub(super) fn unsecured(attacks: &mut Attacks) {
    let names = ["none", "None", "NONE", "nOnE", " none", "none ", r"none\u0000", "", "null", "undefined"];
    for (name, key) in
        names.into_iter().flat_map(|name| [Algorithm::HS256, Algorithm::RS256].map(|key| (name, key)))
    {
        let header = Members::header(key).with("alg", &format!("\"{name}\""));
        let message = message(header.json(), attacks.claims().json());
        let copied = attacks.good(key);
        for (what, signature) in [("empty", ""), ("copied", segments(&copied)[2])] {
            let token = format!("{message}.{signature}");
            attacks.add(
                UNSECURED,
                format!("{name:?}, key {key}, {what} signature"),
                token,
                InvalidReason::Algorithm,
            );
        }
    }
    for key in FAMILIES {
        let header = Members::header(key).without("alg");
        attacks.add(
            MISTYPED,
            format!("missing, key {key}"),
            attacks.with_header(key, header.json()),
            InvalidReason::Algorithm,
        );
        for value in ["null", "256", "true", r#"["HS256"]"#, r#"{"alg":"HS256"}"#] {
            let header = Members::header(key).with("alg", value);
            attacks.add(
                MISTYPED,
                format!("{value}, key {key}"),
                attacks.with_header(key, header.json()),
                Outline::DECODE,
            );
        }
    }
}

/// Each token is signed with the right key.
pub(super) fn spelled(attacks: &mut Attacks) {
    let mut add = |key: Algorithm, name: &str| {
        let header = Members::header(key).with("alg", &format!("\"{name}\""));
        attacks.add(
            SPELLED,
            format!("{name:?}, key {key}"),
            attacks.with_header(key, header.json()),
            InvalidReason::Algorithm,
        );
    };
    for key in ALGORITHMS {
        let lower = key.name().to_lowercase();
        let first_upper = format!("{}{}", key.name()[..1].to_uppercase(), &lower[1..]);
        for name in [lower, first_upper, format!("{key} "), format!("{key}\\u0000"), format!("{key},none")] {
            add(key, &name);
        }
    }
    for (key, name) in FAMILIES.into_iter().flat_map(|key| UNKNOWN.map(|name| (key, name))) {
        add(key, name);
    }
}

/// Names of other algorithms, and of none.
const UNKNOWN: [&str; 16] = [
    "HS1",
    "HS224",
    "HS1024",
    "RS1",
    "RS224",
    "PS1",
    "ES256K",
    "Ed448",
    "ML-DSA-44",
    "A128KW",
    "dir",
    "SHA256",
    "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
    "*",
    "HS",
    "256",
];

pub(super) fn confused(attacks: &mut Attacks) {
    for algorithm in PAIRS {
        for (form, key) in public_forms(*algorithm) {
            for (kid, refusal) in
                [(algorithm.name(), InvalidReason::Algorithm), ("HS256", InvalidReason::Signature)]
            {
                let header = Members::header(Algorithm::HS256).with("kid", &format!("\"{kid}\""));
                let message = message(header.json(), attacks.claims().json());
                let token = format!("{message}.{}", encoded(tag(Algorithm::HS256, &key, &message)));
                attacks.add(CONFUSED, format!("{algorithm} as {form}, kid {kid}"), token, refusal);
            }
        }
    }
}

pub(super) fn swapped(attacks: &mut Attacks) {
    for key in ALGORITHMS {
        for other in ALGORITHMS.into_iter().filter(|other| *other != key) {
            let named = Members::header(other).with("kid", &format!("\"{key}\""));
            let token = attacks.with_header(other, named.json());
            attacks.add(
                SWAPPED,
                format!("key {key}, header and signer {other}"),
                token,
                InvalidReason::Algorithm,
            );
            if key.name()[..2] == other.name()[..2] || is_rsa(key) && is_rsa(other) {
                let message = message(Members::header(key).json(), attacks.claims().json());
                let token = signed(other, &message);
                attacks.add(
                    SWAPPED,
                    format!("key and header {key}, signer {other}"),
                    token,
                    InvalidReason::Signature,
                );
            }
        }
    }
}

fn is_rsa(algorithm: Algorithm) -> bool {
    ["RS", "PS"].contains(&&algorithm.name()[..2])
}
