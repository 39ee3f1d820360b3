//! Signatures that are not those of the key.

use gatevault::Algorithm;
use gatevault::error::InvalidReason;

use crate::attack::{Attacks, Category};
use crate::forge::{Members, decoded, encoded, message, segments, signed};
use crate::keys::{ALGORITHMS, rsa_private, sign};
use sha2::{Digest as _, Sha256};

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
const RSA: Category = Category { name: "RSA numbers that no signature is", source: "RFC 8017 section 8.2.2" };
const PADDING: Category = Category {
    name: "RSA PKCS#1 v1.5 with a malformed block, signed with the private key",
    source: "RFC 8017 section 9.2, CVE-2006-4339, CVE-2014-1568",
};

pub(super) fn mangled(attacks: &mut Attacks) {
    for algorithm in ALGORITHMS {
        let token = attacks.good(algorithm);
        let other = signed(
            algorithm,
            &message(Members::header(algorithm).json(), attacks.claims().with("user_id", "7").json()),
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
        let promoted = encoded(attacks.claims().with("role", r#""admin""#).json());
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
        let token = attacks.good(algorithm);
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
    let token = attacks.good(Algorithm::RS256);
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

/// The `DigestInfo` of SHA-256 before the digest (RFC 8017 section 9.2, note 1).
const SHA256_INFO: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20];

/// A block of 2048 bits: `00 01`, the padding, `00`, and then `rest`.
fn block(rest: &[u8]) -> Vec<u8> {
    [&[0, 1], &*vec![0xff; 253 - rest.len()], &[0], rest].concat()
}

/// Returns a block that is filled up behind its hash instead of in front of it.
fn filled_behind(start: &[u8], filler: u8) -> Vec<u8> {
    [start, &vec![filler; 256 - start.len()]].concat()
}

pub(super) fn padding(attacks: &mut Attacks) {
    let message = message(Members::header(Algorithm::RS256).json(), attacks.claims().json());
    let digest = Sha256::digest(&message);
    let info = [&SHA256_INFO[..], &digest].concat();
    let good = block(&info);
    // Otherwise no block below would be signed as it should.
    assert_eq!(rsa_private(&good), sign(Algorithm::RS256, &message));
    let set = |place: usize, byte: u8| {
        let mut changed = good.clone();
        changed[place] = byte;
        changed
    };
    let with_info = |info: &[u8]| block(&[info, &digest].concat());
    let eight = [&[0, 1], &[0xff; 8][..], &[0], &info].concat();
    let none = [&[0, 1, 0][..], &info].concat();
    let at_once = [&[0, 1][..], &info].concat();
    // The identifier without parameters, with others than NULL, with a length in the long form, of SHA-1 and of SHA-512.
    let without_null = [&[0x30, 0x2f, 0x30, 0x0b], &SHA256_INFO[4..15], &SHA256_INFO[17..]].concat();
    let with_junk =
        [&[0x30, 0x35, 0x30, 0x11], &SHA256_INFO[4..15], &[4, 4, 1, 2, 3, 4], &[4, 0x20]].concat();
    let with_empty = [&SHA256_INFO[..15], &[4, 0, 4, 0x20]].concat();
    let long_form = [&[0x30, 0x81, 0x31], &SHA256_INFO[2..]].concat();
    let longer_form = [&[0x30, 0x82, 0, 0x31], &SHA256_INFO[2..]].concat();
    let of_sha512 = [&SHA256_INFO[..14], &[3], &SHA256_INFO[15..]].concat();
    let of_sha1 =
        [&[0x30, 0x21, 0x30, 9, 6, 5, 0x2b, 0x0e, 3, 2, 0x1a, 5, 0, 4, 0x14], &digest[..20]].concat();
    let blocks = [
        ("eight bytes of padding, zeros behind the hash", filled_behind(&eight, 0)),
        ("eight bytes of padding, junk behind the hash", filled_behind(&eight, 0xa5)),
        ("no padding, junk behind the hash", filled_behind(&none, 0xff)),
        ("no padding and no zero, junk behind the hash", filled_behind(&at_once, 0xff)),
        ("the first byte 1", set(0, 1)),
        ("block type 0", set(1, 0)),
        ("block type 2", set(1, 2)),
        ("the first byte of padding 0", set(2, 0)),
        ("a byte of padding 0xfe", set(100, 0xfe)),
        ("a byte of padding 0", set(100, 0)),
        ("no zero before the hash", set(256 - info.len() - 1, 0xff)),
        ("the hash alone", block(&digest)),
        ("no identifier", block(&[&[4, 0x20], &digest[..]].concat())),
        ("no NULL", with_info(&without_null)),
        ("junk for NULL", with_info(&with_junk)),
        ("an empty string for NULL", with_info(&with_empty)),
        ("a length of two bytes", with_info(&long_form)),
        ("a length of three bytes", with_info(&longer_form)),
        ("the identifier of SHA-512", with_info(&of_sha512)),
        ("the identifier of SHA-1 and a cut hash", block(&of_sha1)),
        ("a cut hash", block(&info[..info.len() - 1])),
        ("a byte behind the hash", block(&[&info[..], &[0]].concat())),
        ("the hash of another message", block(&[&SHA256_INFO[..], &Sha256::digest("other")].concat())),
    ];
    for (name, block) in blocks {
        let token = format!("{message}.{}", encoded(rsa_private(&block)));
        attacks.add(PADDING, format!("RS256, {name}"), token, InvalidReason::Signature);
    }
}

fn edwards(attacks: &mut Attacks) {
    let token = attacks.good(Algorithm::EdDSA);
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
