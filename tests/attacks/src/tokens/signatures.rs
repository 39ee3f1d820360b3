//! Signatures that are not those of the key.

use gatevault::Algorithm;
use gatevault::error::InvalidReason;

use crate::attack::{Attacks, Category};
use crate::forge::{Members, decoded, encoded, good, message, segments, signed};
use crate::keys::ALGORITHMS;

const MANGLED: Category = Category {
    name: "signature empty, cut, extended, copied or with a flipped bit",
    source: "RFC 7515 section 5.2, CVE-2021-29451",
};
const ECDSA: Category = Category {
    name: "ECDSA with r or s of zero or of the order, and in DER",
    source: "RFC 7518 section 3.4, CVE-2022-21449",
};
const EDWARDS: Category = Category {
    name: "Ed25519 with S + L, and of small order",
    source: "RFC 8032 section 5.1.7, CVE-2020-36843",
};
const RSA: Category =
    Category { name: "RSA numbers that no signature is", source: "RFC 8017 section 8.2.2, CVE-2006-4339" };

pub(super) fn mangled(attacks: &mut Attacks) {
    for algorithm in ALGORITHMS {
        let token = good(algorithm);
        let other = signed(
            algorithm,
            &message(Members::header(algorithm).json(), Members::claims().with("user_id", "1").json()),
        );
        let [header, claims, signature] = segments(&token);
        let (whole, copied) = (decoded(signature), decoded(segments(&other)[2]));
        let flipped = |place: usize, bit: u8| {
            let mut flipped = whole.clone();
            flipped[place] ^= bit;
            flipped
        };
        let last = whole.len() - 1;
        let variants = [
            ("empty", Vec::new()),
            ("of another token", copied),
            ("zeros", vec![0; whole.len()]),
            ("ones", vec![0xff; whole.len()]),
            ("without its first byte", whole[1..].to_vec()),
            ("without its last byte", whole[..last].to_vec()),
            ("half", whole[..whole.len() / 2].to_vec()),
            ("with a zero before", [&[0], &*whole].concat()),
            ("with a zero behind", [&*whole, &[0]].concat()),
            ("twice", [&*whole, &*whole].concat()),
            ("reversed", whole.iter().rev().copied().collect()),
            ("first bit flipped", flipped(0, 0x80)),
            ("last bit flipped", flipped(last, 1)),
            ("4 kB", vec![1; 4096]),
        ];
        for (name, bytes) in variants {
            let token = format!("{header}.{claims}.{}", encoded(bytes));
            attacks.add(MANGLED, format!("{algorithm}, {name}"), token, InvalidReason::Signature);
        }
        let promoted = encoded(Members::claims().with("role", r#""admin""#).json());
        let token = format!("{header}.{promoted}.{signature}");
        attacks.add(MANGLED, format!("{algorithm}, other claims"), token, InvalidReason::Signature);
    }
}

/// The orders of the curves (FIPS 186-4 appendix D.1.2), big-endian.
const ORDERS: [(Algorithm, &str); 3] = [
    (Algorithm::ES256, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
    (
        Algorithm::ES384,
        "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    ),
    (
        Algorithm::ES512,
        "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
    ),
];

/// The order of Ed25519 (RFC 8032 section 5.1), little-endian.
const ED25519_ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

pub(super) fn special(attacks: &mut Attacks) {
    for (algorithm, order) in ORDERS {
        let token = good(algorithm);
        let [header, claims, signature] = segments(&token);
        let (whole, order) = (decoded(signature), unhex(order));
        let (r, s) = whole.split_at(whole.len() / 2);
        let zero = vec![0; order.len()];
        let one = [&zero[1..], &[1]].concat();
        let pairs: [(&str, &[u8], &[u8]); 9] = [
            ("r and s zero", &zero, &zero),
            ("r zero", &zero, s),
            ("s zero", r, &zero),
            ("r and s one", &one, &one),
            ("r the order", &order, s),
            ("s the order", r, &order),
            ("both the order", &order, &order),
            ("r one, s the order", &one, &order),
            ("r and s exchanged", s, r),
        ];
        for (name, r, s) in pairs {
            let token = format!("{header}.{claims}.{}", encoded([r, s].concat()));
            attacks.add(ECDSA, format!("{algorithm}, {name}"), token, InvalidReason::Signature);
        }
        let token = format!("{header}.{claims}.{}", encoded(in_der(r, s)));
        attacks.add(ECDSA, format!("{algorithm}, in DER"), token, InvalidReason::Signature);
    }
    edwards(attacks);
    let token = good(Algorithm::RS256);
    let [header, claims, _] = segments(&token);
    for algorithm in [Algorithm::RS256, Algorithm::PS256] {
        for (name, number) in [("0", 0), ("1", 1), ("2", 2), ("65537", 65_537_u32)] {
            let mut bytes = vec![0; 252];
            bytes.extend(number.to_be_bytes());
            let header = if algorithm == Algorithm::RS256 { header.to_owned() } else { header_of(algorithm) };
            let token = format!("{header}.{claims}.{}", encoded(bytes));
            attacks.add(RSA, format!("{algorithm}, {name}"), token, InvalidReason::Signature);
        }
    }
}

fn edwards(attacks: &mut Attacks) {
    let token = good(Algorithm::EdDSA);
    let [header, claims, signature] = segments(&token);
    let whole = decoded(signature);
    let (point, scalar) = whole.split_at(32);
    let mut carry = 0;
    let larger: Vec<u8> = scalar
        .iter()
        .zip(unhex(ED25519_ORDER))
        .map(|(scalar, order)| {
            carry += u16::from(*scalar) + u16::from(order);
            let byte = carry.to_le_bytes()[0];
            carry >>= 8;
            byte
        })
        .collect();
    let mut identity = [0; 32];
    identity[0] = 1;
    let variants = [
        ("S + L", [point, &larger].concat()),
        ("S = L", [point, &unhex(ED25519_ORDER)].concat()),
        ("R the identity, S zero", [identity, [0; 32]].concat()),
        ("R zero, S zero", vec![0; 64]),
        ("R not on the curve", [&[2; 32], scalar].concat()),
    ];
    for (name, bytes) in variants {
        attacks.add(EDWARDS, name, format!("{header}.{claims}.{}", encoded(bytes)), InvalidReason::Signature);
    }
}

fn header_of(algorithm: Algorithm) -> String {
    encoded(Members::header(algorithm).json())
}

fn unhex(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

/// Encodes an ECDSA signature as X.509 has it.
fn in_der(r: &[u8], s: &[u8]) -> Vec<u8> {
    let length = |bytes: &[u8]| match bytes.len() {
        short @ ..128 => vec![u8::try_from(short).unwrap()],
        long => vec![0x81, u8::try_from(long).unwrap()],
    };
    let integer = |bytes: &[u8]| {
        let sign: &[u8] = if bytes[0] & 0x80 == 0 { &[] } else { &[0] };
        let contents = [sign, bytes].concat();
        [&[2], &*length(&contents), &contents].concat()
    };
    let both = [integer(r), integer(s)].concat();
    [&[0x30], &*length(&both), &both].concat()
}
