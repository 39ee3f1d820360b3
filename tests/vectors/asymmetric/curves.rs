//! Signatures on elliptic curves: malleability, ranges and encodings.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatevault::error::InvalidReason;
use gatevault::{Algorithm, ConfigError, Payload, VerifyingKey};

use super::peer::{manager_of, message, signed_with};
use crate::forge::{encoded, segments};
use crate::verdicts::{Case, assert_accepted, assert_refused};

/// The orders of the groups, big-endian, and that of Ed25519 little-endian.
const P256_ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const P384_ORDER: &str =
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";
const P521_ORDER: &str = "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa\
    51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409";
const ED25519_ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

const ECDSA: [(Algorithm, &str); 3] =
    [(Algorithm::ES256, P256_ORDER), (Algorithm::ES384, P384_ORDER), (Algorithm::ES512, P521_ORDER)];

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// Returns `order - number`, both big-endian and of the same length.
fn negated(number: &[u8], order: &[u8]) -> Vec<u8> {
    let mut difference = vec![0; number.len()];
    let mut borrow = 0;
    for place in (0..number.len()).rev() {
        let digit = i16::from(order[place]) - i16::from(number[place]) - borrow;
        borrow = i16::from(digit < 0);
        difference[place] = u8::try_from(digit.rem_euclid(256)).unwrap();
    }
    difference
}

/// Returns `number + order`, both little-endian and of the same length.
fn sum(number: &[u8], order: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    let add = |(one, other): (&u8, &u8)| {
        let digit = u16::from(*one) + u16::from(*other) + carry;
        carry = digit >> 8;
        u8::try_from(digit & 0xff).unwrap()
    };
    number.iter().zip(order).map(add).collect()
}

/// Encodes an `ECDSA-Sig-Value` (RFC 3279 section 2.2.3).
fn asn1(signature: &[u8]) -> Vec<u8> {
    let integer = |number: &[u8]| {
        let number: Vec<u8> = number.iter().copied().skip_while(|byte| *byte == 0).collect();
        let sign = if number[0] & 0x80 == 0 { &[][..] } else { &[0] };
        [&[2, u8::try_from(number.len() + sign.len()).unwrap()], sign, &number].concat()
    };
    let (r, s) = signature.split_at(signature.len() / 2);
    let both = [integer(r), integer(s)].concat();
    let length = u8::try_from(both.len()).unwrap();
    let long = if length < 0x80 { &[][..] } else { &[0x81] };
    [&[0x30], long, &[length], &*both].concat()
}

fn token_and_signature(algorithm: Algorithm) -> (String, Vec<u8>) {
    let token = manager_of(algorithm).create_access_token(&Payload::new(42)).unwrap();
    let signature = URL_SAFE_NO_PAD.decode(segments(&token)[2]).unwrap();
    (token, signature)
}

fn assert_rejected(algorithm: Algorithm, token: &str, signatures: &[Vec<u8>]) {
    let cases = signatures.iter().enumerate().map(|(number, signature)| -> Case {
        (format!("{algorithm}, {number}"), signed_with(token, signature), InvalidReason::Signature.into())
    });
    assert_refused(&manager_of(algorithm), cases);
}

#[test]
fn numbers_out_of_range_and_other_encodings_are_not_ecdsa_signatures() {
    for (algorithm, order) in ECDSA {
        let (token, signature) = token_and_signature(algorithm);
        let (r, s) = signature.split_at(signature.len() / 2);
        let order = hex(order);
        let zero = vec![0; r.len()];
        let one = [&zero[1..], &[1]].concat();
        let signatures = [
            [&*zero, s].concat(),
            [r, &zero].concat(),
            [&*zero, &zero].concat(),
            [&*zero, &one].concat(),
            [&*one, &zero].concat(),
            [&*one, &one].concat(),
            [&*order, s].concat(),
            [r, &order].concat(),
            [&*order, &order].concat(),
            [&*order, &zero].concat(),
            [&*zero, &order].concat(),
            [s, r].concat(),
            [negated(r, &order), s.to_vec()].concat(),
            asn1(&signature),
            asn1(&[r, &negated(s, &order)].concat()),
            [r, &s[1..]].concat(),
            [r, s, &[0]].concat(),
            [r, &[0], s].concat(),
            [&[0], r, &[0], s].concat(),
        ];
        assert_rejected(algorithm, &token, &signatures);
    }
}

/// Both are valid (FIPS 186-5 section 6.4), so nothing may identify a token by its bytes.
#[test]
fn an_ecdsa_signature_with_a_negated_s_is_valid_too() {
    for (algorithm, order) in ECDSA {
        let (token, signature) = token_and_signature(algorithm);
        let (r, s) = signature.split_at(signature.len() / 2);
        let other = signed_with(&token, [r, &negated(s, &hex(order))].concat());
        assert_ne!(other, token);
        assert_accepted(&manager_of(algorithm), [(token.clone(), token), (other.clone(), other)]);
    }
}

#[test]
fn an_ed25519_signature_has_one_spelling() {
    let (token, signature) = token_and_signature(Algorithm::EdDSA);
    let (r, s) = signature.split_at(32);
    let order = hex(ED25519_ORDER);
    let identity = [&[1], &[0; 31][..]].concat();
    let mut signatures = vec![
        [r, &sum(s, &order)].concat(),
        [r, &order].concat(),
        [r, &[0; 32]].concat(),
        [&*identity, s].concat(),
        [&[0; 32], s].concat(),
        [s, r].concat(),
        [r, &[0xff; 32]].concat(),
    ];
    signatures.extend(SMALL_ORDER.map(|point| [hex(point), vec![0; 32]].concat()));
    signatures.extend(SMALL_ORDER.map(|point| [hex(point), s.to_vec()].concat()));
    assert_rejected(Algorithm::EdDSA, &token, &signatures);
}

/// The points of order 1, 2, 4 and 8, in every encoding that decoders have accepted.
const SMALL_ORDER: [&str; 14] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

#[test]
fn an_ed25519_key_of_small_order_is_rejected() {
    let prefix = hex("302a300506032b6570032100");
    for point in SMALL_ORDER {
        let spki = VerifyingKey::eddsa([&*prefix, &hex(point)].concat());
        assert!(matches!(spki, Err(ConfigError::InvalidKey { .. })), "{point}: {spki:?}");
        let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#, encoded(hex(point)));
        let jwk = VerifyingKey::from_jwk(&jwk);
        assert!(matches!(jwk, Err(ConfigError::InvalidKey { .. })), "{point}: {jwk:?}");
    }
}

#[test]
fn a_signature_on_another_curve_is_rejected() {
    for (verifier, signer) in [(Algorithm::ES256, Algorithm::ES384), (Algorithm::ES384, Algorithm::ES256)] {
        let message = message(verifier.name());
        let forged = super::peer::signature(&message, signer);
        let case = (verifier.to_string(), format!("{message}.{forged}"), InvalidReason::Signature.into());
        assert_refused(&manager_of(verifier), [case]);
    }
}
