//! Input that is not the expected key, and the errors that name the fix.

use gatevault::{Algorithm, ConfigError};
use gatevault_tests::SECRET;

use super::keys::*;

/// A case: the algorithm, the input, and the words that the error must contain.
type Case<'k> = (Algorithm, &'k [u8], &'k str);

fn assert_all<K: std::fmt::Debug>(
    cases: &[Case<'_>],
    read: impl Fn(Algorithm, Vec<u8>) -> Result<K, ConfigError>,
) {
    for (algorithm, given, named) in cases {
        let error = read(*algorithm, given.to_vec()).unwrap_err();
        let ConfigError::InvalidKey { given_to, found, instead } = &error else {
            panic!("{algorithm}, {named}: {error:?}");
        };
        assert!(given_to.ends_with(&algorithm.name().to_ascii_lowercase()), "{given_to}");
        assert!(found.contains(named), "{algorithm}: {found} instead of {named}");
        assert!(!instead.is_empty() && error.to_string().contains(instead), "{error}");
    }
}

use Algorithm::{ES256, ES384, ES512, EdDSA, PS512, RS256};

#[test]
fn input_that_cannot_sign_is_an_error_that_names_what_can() {
    let both = format!("{P384}{ED25519}{RSA_PUBLIC}");
    let cases: Vec<Case<'_>> = vec![
        (RS256, P256.as_bytes(), "an EC key on P-256"),
        (RS256, ED25519.as_bytes(), "an Ed25519 key"),
        (RS256, RSA_1024.as_bytes(), "fewer than 2048 bits"),
        (PS512, RSA_1024.as_bytes(), "fewer than 2048 bits"),
        (RS256, RSA_PUBLIC.as_bytes(), "a public key"),
        (RS256, RSA_CERTIFICATE.as_bytes(), "a public key"),
        (RS256, RSA_PKCS1_PUBLIC.as_bytes(), "a public key"),
        (RS256, RSA_ENCRYPTED.as_bytes(), "an encrypted key"),
        (RS256, RSA_PSS.as_bytes(), "an RSA-PSS key"),
        (ES256, P256_ENCRYPTED.as_bytes(), "an encrypted key"),
        (ES256, RSA.as_bytes(), "an RSA key"),
        (ES256, P384.as_bytes(), "an EC key on P-384"),
        (ES256, P384_SEC1.as_bytes(), "an EC key on P-384"),
        (ES384, P256_SEC1.as_bytes(), "an EC key on P-256"),
        (ES256, P521.as_bytes(), "an EC key on P-521"),
        (ES384, P521_SEC1.as_bytes(), "an EC key on P-521"),
        (ES512, P384.as_bytes(), "an EC key on P-384"),
        (ES512, SECP256K1.as_bytes(), "neither P-256 nor P-384 nor P-521"),
        (ES512, P521_PUBLIC.as_bytes(), "a public key"),
        (ES256, SECP256K1.as_bytes(), "neither P-256 nor P-384 nor P-521"),
        (ES256, SECP256K1_SEC1.as_bytes(), "neither P-256 nor P-384 nor P-521"),
        (EdDSA, ED448.as_bytes(), "neither RSA nor EC nor Ed25519"),
        (EdDSA, X25519.as_bytes(), "neither RSA nor EC nor Ed25519"),
        (EdDSA, ED25519_PUBLIC.as_bytes(), "a public key"),
        (RS256, both.as_bytes(), "an EC key on P-384"),
        (RS256, SECRET.as_bytes(), "without a PEM or DER key"),
        (RS256, b"", "without a PEM or DER key"),
        (RS256, b"0", "without a PEM or DER key"),
        (RS256, br#"{"kty":"RSA"}"#, "a JWK"),
        (RS256, b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", "PEM without contents"),
        (RS256, b"-----BEGIN PRIVATE KEY-----\nMII=\n", "PEM without an END line"),
        (RS256, b"-----BEGIN PRIVATE KEY-----\n?\n-----END PRIVATE KEY-----\n", "PEM with invalid base64"),
        (RS256, b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBm/RAlphM3", "an SSH public key"),
    ];
    assert_all(&cases, sign_with);
}

#[test]
fn input_that_cannot_verify_is_an_error_that_names_what_can() {
    let cases: Vec<Case<'_>> = vec![
        (RS256, RSA.as_bytes(), "a private key"),
        (RS256, RSA_PKCS1.as_bytes(), "a private key"),
        (ES256, P256_SEC1.as_bytes(), "a private key"),
        (EdDSA, ED25519.as_bytes(), "a private key"),
        (ES256, P256_ENCRYPTED.as_bytes(), "an encrypted key"),
        (RS256, RSA_1024_PUBLIC.as_bytes(), "fewer than 2048 bits"),
        (PS512, P256_PUBLIC.as_bytes(), "an EC key on P-256"),
        (RS256, P256_CERTIFICATE.as_bytes(), "an EC key on P-256"),
        (ES256, P384_PUBLIC.as_bytes(), "an EC key on P-384"),
        (ES384, P521_PUBLIC.as_bytes(), "an EC key on P-521"),
        (ES512, P256_PUBLIC.as_bytes(), "an EC key on P-256"),
        (ES512, P521_SEC1.as_bytes(), "a private key"),
        (ES256, SECP256K1_PUBLIC.as_bytes(), "neither P-256 nor P-384 nor P-521"),
        (ES256, RSA_PUBLIC.as_bytes(), "an RSA key"),
        (EdDSA, ED448_PUBLIC.as_bytes(), "neither RSA nor EC nor Ed25519"),
        (EdDSA, P256_PUBLIC.as_bytes(), "an EC key on P-256"),
        (EdDSA, &[7; 32], "without a PEM or DER key"),
        (ES256, &[4; 65], "without a PEM or DER key"),
        (RS256, SECRET.as_bytes(), "without a PEM or DER key"),
        (RS256, br#" {"keys":[]}"#, "a JWK set"),
    ];
    assert_all(&cases, verify_with);
}

/// Encodes an `RSAPublicKey` in DER. Each number has at most 64 kB.
fn rsa_der(n: &[u8], e: &[u8]) -> Vec<u8> {
    let element = |tag: u8, contents: &[u8]| {
        let length = u16::try_from(contents.len()).unwrap().to_be_bytes();
        [&[tag, 0x82], &length[..], contents].concat()
    };
    let short = |contents: &[u8]| [&[2, u8::try_from(contents.len()).unwrap()], contents].concat();
    let body = [element(2, &[&[0], n].concat()), short(e)].concat();
    element(0x30, &body)
}

#[test]
fn an_rsa_key_with_weak_numbers_is_rejected() {
    let odd = |bytes: usize| {
        let mut n = vec![0xff; bytes];
        n[bytes - 1] = 0xef;
        n
    };
    let even = [&odd(256)[..255], &[0xee]].concat();
    assert!(verify_with(RS256, rsa_der(&odd(256), &[1, 0, 1])).is_ok());
    assert!(verify_with(RS256, rsa_der(&odd(1024), &[1, 0, 1])).is_ok());
    for (n, e) in [
        (odd(255), &[1, 0, 1][..]),
        (odd(1025), &[1, 0, 1]),
        (odd(8192), &[1, 0, 1]),
        (even, &[1, 0, 1]),
        (odd(256), &[0]),
        (odd(256), &[1]),
        (odd(256), &[2]),
        (odd(256), &[1, 0, 0]),
        (odd(256), &[2, 0, 0, 0, 1]),
        (odd(256), &[1; 32]),
    ] {
        let refused = verify_with(RS256, rsa_der(&n, e));
        assert!(
            matches!(refused, Err(ConfigError::InvalidKey { .. })),
            "{} bytes, {e:?}: {refused:?}",
            n.len()
        );
    }
}

#[test]
fn a_key_with_any_byte_missing_or_changed_never_causes_a_panic() {
    for algorithm in [RS256, ES256, ES384, ES512, EdDSA] {
        let (private, public) = pair(algorithm);
        let (private, public) = (der(private), der(public));
        for length in 0..private.len() {
            assert!(sign_with(algorithm, &private[..length]).is_err(), "{algorithm}, {length}");
        }
        for length in 0..public.len() {
            assert!(verify_with(algorithm, &public[..length]).is_err(), "{algorithm}, {length}");
        }
        for place in 0..public.len() {
            let mut changed = public.clone();
            changed[place] ^= 0x41;
            drop(verify_with(algorithm, changed));
        }
        for place in 0..private.len().min(160) {
            let mut changed = private.clone();
            changed[place] ^= 0x41;
            drop(sign_with(algorithm, changed));
        }
    }
}
