//! Every accepted format of a key.

use gatevault::{Algorithm, KeyRing, Payload, SigningKey, TokenManager, VerifyingKey};
use gatevault_tests::timed;

use super::keys::*;

/// Asserts that the keys are two halves of one key pair.
pub(crate) fn assert_pair(signing: SigningKey, verifying: VerifyingKey, case: &str) {
    let token = manager_with(signing).create_access_token(&Payload::new(42)).unwrap();
    let ring = KeyRing::verifying([verifying]).unwrap();
    let reader = TokenManager::builder().key_ring(ring).clock(timed().1).build().unwrap();
    let payload = reader.decode_access_token::<Payload>(&token);
    assert_eq!(payload.unwrap().user_id(), &42.into(), "{case}");
}

#[test]
fn every_algorithm_signs_and_verifies_through_the_manager() {
    for algorithm in ALGORITHMS {
        let tokens = manager_with(signing(algorithm));
        let token = tokens.create_access_token(&Payload::new(42)).unwrap();
        assert!(tokens.decode_access_token::<Payload>(&token).is_ok(), "{algorithm}");
        assert_pair(signing(algorithm), verifying(algorithm), algorithm.name());
    }
}

#[test]
fn a_private_key_is_read_in_each_of_its_formats() {
    let forms = [
        (Algorithm::RS256, RSA_PKCS1),
        (Algorithm::RS256, RSA),
        (Algorithm::PS512, RSA_PKCS1),
        (Algorithm::ES256, P256_SEC1),
        (Algorithm::ES256, P256),
        (Algorithm::ES384, P384_SEC1),
        (Algorithm::ES384, P384),
        (Algorithm::ES512, P521_SEC1),
        (Algorithm::ES512, P521),
        (Algorithm::EdDSA, ED25519),
    ];
    for (algorithm, pem) in forms {
        assert_pair(sign_with(algorithm, pem).unwrap(), verifying(algorithm), pem);
        assert_pair(sign_with(algorithm, der(pem)).unwrap(), verifying(algorithm), pem);
    }
}

#[test]
fn rsa_keys_sign_in_every_length_that_is_allowed() {
    for (private, public) in [(RSA_3072, RSA_3072_PUBLIC), (RSA_8192, RSA_8192_PUBLIC)] {
        assert_pair(SigningKey::rs256(private).unwrap(), VerifyingKey::rs256(public).unwrap(), public);
        assert_pair(SigningKey::ps512(private).unwrap(), VerifyingKey::ps512(public).unwrap(), public);
    }
}

#[test]
fn a_public_key_is_read_in_each_of_its_formats() {
    let forms = [
        (Algorithm::RS256, RSA_PUBLIC),
        (Algorithm::RS256, RSA_PKCS1_PUBLIC),
        (Algorithm::RS256, RSA_CERTIFICATE),
        (Algorithm::PS384, RSA_PKCS1_PUBLIC),
        (Algorithm::ES256, P256_PUBLIC),
        (Algorithm::ES256, P256_COMPRESSED),
        (Algorithm::ES256, P256_CERTIFICATE),
        (Algorithm::ES384, P384_PUBLIC),
        (Algorithm::ES512, P521_PUBLIC),
        (Algorithm::EdDSA, ED25519_PUBLIC),
        (Algorithm::EdDSA, ED25519_CERTIFICATE),
    ];
    for (algorithm, pem) in forms {
        assert_pair(signing(algorithm), verify_with(algorithm, pem).unwrap(), pem);
        assert_pair(signing(algorithm), verify_with(algorithm, der(pem)).unwrap(), pem);
    }
}

#[test]
fn the_first_suitable_pem_section_is_used_and_the_others_are_ignored() {
    let around = format!("Bag Attributes\r\n  friendlyName: é\r\n{P384_PUBLIC}\n{P256}\ntrailing");
    assert!(SigningKey::es256(&around).is_ok());
    assert!(VerifyingKey::es384(&around).is_ok());
    assert!(SigningKey::es256(P256.replace('\n', "\r\n")).is_ok());
    assert!(SigningKey::es256(format!("\u{feff}{}", P256.trim_end())).is_ok());
    let second = format!("{P256}{P384}");
    assert!(SigningKey::es384(second).unwrap_err().to_string().contains("an EC key on P-256"));
}
