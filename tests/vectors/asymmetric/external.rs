//! Keys that stay in a device: signers of other crates, and signers that fail.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use gatevault::error::InvalidReason;
use gatevault::{Algorithm, ConfigError, JwkSet, KeyRing, Payload, SigningKey, TokenManager, VerifyingKey};
use gatevault_tests::timed;
use p256::ecdsa::signature::hazmat::PrehashSigner as _;
use p256::pkcs8::DecodePrivateKey as _;
use sha2::Digest as _;

use super::keys::*;

fn p256_device() -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_pkcs8_pem(P256).unwrap()
}

fn ed25519_device() -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_pkcs8_pem(ED25519).unwrap()
}

fn rsa_device<H: sha2::Digest + rsa::pkcs8::AssociatedOid>() -> rsa::pkcs1v15::SigningKey<H> {
    rsa::pkcs1v15::SigningKey::new(rsa::PrivateKey::from_pkcs8_pem(RSA).unwrap())
}

fn external_es256() -> SigningKey {
    SigningKey::external::<p256::ecdsa::Signature>(p256_device(), verifying(Algorithm::ES256)).unwrap()
}

/// A signer that computes its signatures with a closure, as the client of a service does.
struct Service<F>(F);

type Sign = fn(&[u8]) -> Result<Vec<u8>, &'static str>;

/// Bytes as a signature of both versions of the crate `signature`.
#[derive(Clone)]
struct Bytes(Vec<u8>);

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl From<Bytes> for Box<[u8]> {
    fn from(bytes: Bytes) -> Self {
        bytes.0.into()
    }
}

impl signature::SignatureEncoding for Bytes {
    type Repr = Box<[u8]>;
}

impl signature2::SignatureEncoding for Bytes {
    type Repr = Box<[u8]>;
}

impl<F: Fn(&[u8]) -> Result<Vec<u8>, &'static str>> signature::Signer<Bytes> for Service<F> {
    fn try_sign(&self, message: &[u8]) -> Result<Bytes, signature::Error> {
        self.0(message).map(Bytes).map_err(signature::Error::from_source)
    }
}

/// A signer for version 2 of the crate.
struct OlderService<F>(F);

impl<F: Fn(&[u8]) -> Result<Vec<u8>, &'static str>> signature2::Signer<Bytes> for OlderService<F> {
    fn try_sign(&self, message: &[u8]) -> Result<Bytes, signature2::Error> {
        self.0(message).map(Bytes).map_err(signature2::Error::from_source)
    }
}

fn es256(message: &[u8]) -> Vec<u8> {
    let signature: p256::ecdsa::Signature = signature::Signer::sign(&p256_device(), message);
    signature.to_bytes().to_vec()
}

#[test]
fn signers_of_other_crates_create_tokens_that_their_public_key_verifies() {
    let keys = [
        (external_es256(), Algorithm::ES256),
        (SigningKey::external(ed25519_device(), verifying(Algorithm::EdDSA)).unwrap(), Algorithm::EdDSA),
        (
            SigningKey::external(rsa_device::<sha2::Sha256>(), verifying(Algorithm::RS256)).unwrap(),
            Algorithm::RS256,
        ),
        (
            SigningKey::external(rsa_device::<sha2::Sha512>(), verifying(Algorithm::RS512)).unwrap(),
            Algorithm::RS512,
        ),
        (
            SigningKey::external(Service(|m: &[u8]| Ok(es256(m))), verifying(Algorithm::ES256)).unwrap(),
            Algorithm::ES256,
        ),
        (
            SigningKey::external_v2(OlderService(|m: &[u8]| Ok(es256(m))), verifying(Algorithm::ES256))
                .unwrap(),
            Algorithm::ES256,
        ),
    ];
    for (key, algorithm) in keys {
        assert_eq!(key.algorithm(), algorithm);
        let token =
            manager_with(key.with_id("device").unwrap()).create_access_token(&Payload::new(42)).unwrap();
        let ring = KeyRing::verifying([verifying(algorithm).with_id("device").unwrap()]).unwrap();
        let reader = TokenManager::builder().key_ring(ring).clock(timed().1).build().unwrap();
        assert_eq!(
            reader.decode_access_token::<Payload>(&token).unwrap().user_id(),
            &42.into(),
            "{algorithm}"
        );
    }
}

/// Asserts that the error is about the constructor and has these words.
fn assert_rejected(result: Result<SigningKey, ConfigError>, words: &str) {
    let error = result.unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, ConfigError::InvalidKey { .. }), "{error:?}");
    assert!(text.starts_with("`SigningKey::external") && text.contains(words), "{text}");
}

#[test]
fn a_signer_of_another_key_algorithm_or_form_is_an_error_that_says_which() {
    let es256 = || verifying(Algorithm::ES256);
    let other = p256::ecdsa::SigningKey::from_pkcs8_pem(OTHER_P256).unwrap();
    assert_rejected(
        SigningKey::external::<p256::ecdsa::Signature>(other, es256()),
        "does not match the public key",
    );
    assert_rejected(SigningKey::external::<p256::ecdsa::DerSignature>(p256_device(), es256()), "DER form");
    assert_rejected(SigningKey::external(ed25519_device(), es256()), "does not match the public key");
    assert_rejected(
        SigningKey::external::<p256::ecdsa::Signature>(p256_device(), verifying(Algorithm::RS256)),
        "64 bytes instead of 256",
    );
    assert_rejected(
        SigningKey::external(rsa_device::<sha2::Sha512>(), verifying(Algorithm::RS256)),
        "a signer for RSASSA-PKCS1-v1_5 with SHA-512",
    );
    assert_rejected(
        SigningKey::external(rsa_device::<sha2::Sha256>(), verifying(Algorithm::PS256)),
        "a signer for RSASSA-PKCS1-v1_5 with SHA-256",
    );
    let sha384 = Service(|message: &[u8]| {
        let signature: p256::ecdsa::Signature =
            p256_device().sign_prehash(&sha2::Sha384::digest(message)).map_err(|_| "prehash")?;
        Ok(signature.to_bytes().to_vec())
    });
    assert_rejected(SigningKey::external(sha384, es256()), "a signer for ECDSA with SHA-384");
    for length in [0, 1, 63, 65, 4096] {
        let short = Service(move |_: &[u8]| Ok(vec![7; length]));
        assert_rejected(SigningKey::external(short, es256()), &format!("{length} bytes instead of 64"));
    }
    let hmac = VerifyingKey::hs256(gatevault_tests::SECRET).unwrap();
    assert_rejected(SigningKey::external(ed25519_device(), hmac), "HMAC key as the public half");
    let offline = || |_: &[u8]| Err("the device is not connected");
    assert_rejected(SigningKey::external(Service(offline()), es256()), "the device is not connected");
    assert_rejected(SigningKey::external_v2(OlderService(offline()), es256()), "the device is not connected");
}

#[test]
fn a_signer_that_fails_later_creates_no_token_and_recovers() {
    let failures: [Sign; 4] =
        [|_| Err("the session was closed"), |_| Ok(Vec::new()), |_| Ok(vec![7; 63]), |_| Ok(vec![7; 5000])];
    for fail in failures {
        let calls = AtomicUsize::new(0);
        let service = Service(move |message: &[u8]| match calls.fetch_add(1, Ordering::Relaxed) {
            0 | 2 => Ok(es256(message)),
            _ => fail(message),
        });
        let tokens = manager_with(SigningKey::external(service, verifying(Algorithm::ES256)).unwrap());
        let error = tokens.create_access_token(&Payload::new(42)).unwrap_err();
        assert_eq!(error, InvalidReason::Signing.into());
        let token = tokens.create_access_token(&Payload::new(42)).unwrap();
        assert!(tokens.decode_access_token::<Payload>(&token).is_ok());
        assert!(tokens.create_access_token(&Payload::new(42)).is_err());
    }
}

#[test]
fn the_probe_is_not_the_signing_input_of_a_token() {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let record = std::sync::Arc::clone(&seen);
    let service = Service(move |message: &[u8]| {
        record.lock().unwrap().push(message.to_vec());
        Ok(es256(message))
    });
    SigningKey::external(service, verifying(Algorithm::ES256)).unwrap();
    let messages = seen.lock().unwrap();
    let [probe] = &messages[..] else { panic!("{messages:?}") };
    let header = probe.split(|byte| *byte == b'.').next().unwrap();
    assert!(header.iter().any(|byte| !byte.is_ascii_alphanumeric() && !b"-_".contains(byte)));
}

#[test]
fn an_external_key_rotates_in_a_ring_and_publishes_its_public_half() {
    let ring = KeyRing::new(signing(Algorithm::EdDSA).with_id("file").unwrap());
    let tokens = TokenManager::builder().key_ring(ring.clone()).clock(timed().1).build().unwrap();
    let before = tokens.create_access_token(&Payload::new(42)).unwrap();
    ring.add(external_es256().with_id("hsm").unwrap()).unwrap();
    ring.promote("hsm").unwrap();
    let after = tokens.create_access_token(&Payload::new(42)).unwrap();

    let published = ring.public_keys().to_json();
    let reader = KeyRing::verifying(JwkSet::from_json(&published).unwrap()).unwrap();
    let reader = TokenManager::builder().key_ring(reader).clock(timed().1).build().unwrap();
    for token in [before, after] {
        assert!(tokens.decode_access_token::<Payload>(&token).is_ok());
        assert!(reader.decode_access_token::<Payload>(&token).is_ok(), "{published}");
    }
    let public = verifying(Algorithm::ES256).with_id("hsm").unwrap();
    assert!(published.contains(&public.to_jwk().unwrap()), "{published}");
}

#[test]
fn two_threads_sign_with_one_external_key() {
    let tokens = manager_with(external_es256());
    thread::scope(|scope| {
        for user in [1, 2] {
            let tokens = &tokens;
            scope.spawn(move || {
                for _ in 0..20 {
                    let token = tokens.create_access_token(&Payload::new(user)).unwrap();
                    let payload = tokens.decode_access_token::<Payload>(&token).unwrap();
                    assert_eq!(payload.user_id(), &user.into());
                }
            });
        }
    });
}
