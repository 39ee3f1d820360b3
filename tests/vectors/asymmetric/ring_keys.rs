//! Ed25519 keys in PKCS#8: with attributes, with the public half, and as ring wrote them before version 0.17.

use gatevault::{Algorithm, SigningKey, VerifyingKey};

use super::formats::assert_pair;
use super::keys::*;

/// The seed and the public half of a key pair.
fn halves(private: &str, public: &str) -> (Vec<u8>, Vec<u8>) {
    let (private, public) = (der(private), der(public));
    (private[private.len() - 32..].to_vec(), public[public.len() - 32..].to_vec())
}

/// Encodes an element of fewer than 128 bytes.
fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    [&[tag, u8::try_from(contents.len()).unwrap()], contents].concat()
}

/// Encodes PKCS#8 with this version, and these bytes after the private half.
fn pkcs8(version: u8, seed: &[u8], rest: &[u8]) -> Vec<u8> {
    let algorithm = element(0x30, &[0x06, 0x03, 0x2b, 0x65, 0x70]);
    let body = [&[2, 1, version], &*algorithm, &element(4, &element(4, seed)), rest].concat();
    element(0x30, &body)
}

/// Attributes: a friendly name (RFC 2985 section 5.5.1).
fn attributes() -> Vec<u8> {
    let name = element(0x31, &element(0x1e, b"\0k\0e\0y"));
    let oid = element(0x06, b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x14");
    element(0xa0, &element(0x30, &[oid, name].concat()))
}

fn bits(public: &[u8]) -> Vec<u8> {
    [&[0], public].concat()
}

#[test]
fn an_ed25519_key_is_read_with_and_without_its_public_half_in_both_encodings() {
    let (seed, public) = halves(ED25519, ED25519_PUBLIC);
    let implicit = element(0x81, &bits(&public));
    let explicit = element(0xa1, &element(0x03, &bits(&public)));
    let forms = [
        pkcs8(0, &seed, &[]),
        pkcs8(0, &seed, &attributes()),
        pkcs8(1, &seed, &implicit),
        pkcs8(1, &seed, &[attributes(), implicit].concat()),
        pkcs8(1, &seed, &explicit),
        pkcs8(1, &seed, &[attributes(), explicit].concat()),
    ];
    for (number, form) in forms.iter().enumerate() {
        let key = SigningKey::eddsa(form).unwrap_or_else(|error| panic!("{number}: {error}"));
        assert_pair(key, verifying(Algorithm::EdDSA), &number.to_string());
    }
}

#[test]
fn a_key_that_ring_0_16_wrote_is_read() {
    const RING: &str = "-----BEGIN PRIVATE KEY-----\n\
        MFMCAQEwBQYDK2VwBCIEIDVojOahC3Ptae0ecbxKq3I8qhArJx1BgDNOvyTFMgkL\n\
        oSMDIQAlNZXBR4/Dqz4NVvBg135zRWhPm1H5TzpQgVOTe2dhsA==\n\
        -----END PRIVATE KEY-----\n";
    for key in [RING.as_bytes().to_vec(), der(RING)] {
        let key = SigningKey::eddsa(key).unwrap();
        let public = key.verifying_key().to_jwk().unwrap();
        assert!(public.contains(r#""x":"JTWVwUePw6s-DVbwYNd-c0VoT5tR-U86UIFTk3tnYbA""#), "{public}");
        let public = VerifyingKey::from_jwk(&public).unwrap();
        assert_pair(key, public, "ring 0.16");
    }
}

#[test]
fn a_public_half_that_does_not_match_is_rejected_in_both_encodings() {
    let (seed, public) = halves(ED25519, ED25519_PUBLIC);
    let (other, _) = halves(OTHER_ED25519, ED25519_PUBLIC);
    let wrong =
        [bits(&other), bits(&[0; 32]), bits(&public[1..]), bits(&[&*public, &[0]].concat()), public.clone()];
    for bits in wrong {
        for rest in [element(0x81, &bits), element(0xa1, &element(0x03, &bits))] {
            assert!(SigningKey::eddsa(pkcs8(1, &seed, &rest)).is_err(), "{rest:x?}");
        }
    }
    let right = element(0xa1, &element(0x03, &bits(&public)));
    for seed in [&seed[1..], &[&*seed, &[0]].concat(), &other] {
        assert!(SigningKey::eddsa(pkcs8(1, seed, &right)).is_err(), "{seed:x?}");
    }
    assert!(SigningKey::eddsa(pkcs8(1, &seed, &[right, vec![0]].concat())).is_err());
}
