//! The keys of every algorithm, and key pairs of an attacker. The signer is not the library, which refuses to sign what the attacks
//! need.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
    RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use gatevault::{Algorithm, KeyRing, SigningKey, VerifyingKey};
use gatevault_tests::SECRET;
use hmac::{Hmac, KeyInit, Mac};
use num_bigint::BigUint;
use sha2::{Sha256, Sha384, Sha512};

/// Every algorithm. Each has a key in the ring, whose id is the name of the algorithm.
pub const ALGORITHMS: [Algorithm; 13] = [
    Algorithm::HS256,
    Algorithm::HS384,
    Algorithm::HS512,
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::ES512,
    Algorithm::EdDSA,
];

/// The algorithms of key pairs, whose public keys an attacker knows.
pub(crate) const PAIRS: &[Algorithm] = ALGORITHMS.split_at(3).1;

macro_rules! pem {
    (ours, $file:literal) => {
        include_str!(concat!("../../vectors/asymmetric/keys/", $file, ".pem"))
    };
    (attacker, $file:literal) => {
        include_str!(concat!("attacker/", $file, ".pem"))
    };
}

/// Returns the private and the public key of an algorithm, as PEM.
fn pair(algorithm: Algorithm) -> (&'static str, &'static str) {
    match algorithm {
        Algorithm::ES256 => (pem!(ours, "p256.pkcs8"), pem!(ours, "p256.public")),
        Algorithm::ES384 => (pem!(ours, "p384.pkcs8"), pem!(ours, "p384.public")),
        Algorithm::ES512 => (pem!(ours, "p521.pkcs8"), pem!(ours, "p521.public")),
        Algorithm::EdDSA => (pem!(ours, "ed25519.pkcs8"), pem!(ours, "ed25519.public")),
        _ => (pem!(ours, "rsa2048.pkcs8"), pem!(ours, "rsa2048.public")),
    }
}

/// Returns the attacker's private key of an algorithm and the certificate of its public half, as PEM.
pub(crate) fn attackers_pair(algorithm: Algorithm) -> (&'static str, &'static str) {
    match algorithm {
        Algorithm::ES256 => (pem!(attacker, "p256.pkcs8"), pem!(attacker, "p256.certificate")),
        Algorithm::ES384 => (pem!(attacker, "p384.pkcs8"), pem!(attacker, "p384.certificate")),
        Algorithm::ES512 => (pem!(attacker, "p521.pkcs8"), pem!(attacker, "p521.certificate")),
        Algorithm::EdDSA => (pem!(attacker, "ed25519.pkcs8"), pem!(attacker, "ed25519.certificate")),
        _ => (pem!(attacker, "rsa2048.pkcs8"), pem!(attacker, "rsa2048.certificate")),
    }
}

/// Creates the ring of the manager under attack: a key of every algorithm. The first signs.
#[must_use]
pub fn ring() -> KeyRing {
    let ring = KeyRing::new(SigningKey::hs256(SECRET).unwrap().with_id("HS256").unwrap());
    for algorithm in &ALGORITHMS[1..] {
        ring.add(verifying(*algorithm).with_id(algorithm.name()).unwrap()).unwrap();
    }
    ring
}

pub(crate) fn verifying(algorithm: Algorithm) -> VerifyingKey {
    let key = if PAIRS.contains(&algorithm) { pair(algorithm).1 } else { SECRET };
    verifying_with(algorithm, key)
}

/// Reads a secret, a public key or a certificate as a key of the algorithm.
#[must_use]
pub fn verifying_with(algorithm: Algorithm, public: impl AsRef<[u8]>) -> VerifyingKey {
    let key = match algorithm {
        Algorithm::HS256 => VerifyingKey::hs256(public),
        Algorithm::HS384 => VerifyingKey::hs384(public),
        Algorithm::HS512 => VerifyingKey::hs512(public),
        Algorithm::RS256 => VerifyingKey::rs256(public),
        Algorithm::RS384 => VerifyingKey::rs384(public),
        Algorithm::RS512 => VerifyingKey::rs512(public),
        Algorithm::PS256 => VerifyingKey::ps256(public),
        Algorithm::PS384 => VerifyingKey::ps384(public),
        Algorithm::PS512 => VerifyingKey::ps512(public),
        Algorithm::ES256 => VerifyingKey::es256(public),
        Algorithm::ES384 => VerifyingKey::es384(public),
        Algorithm::ES512 => VerifyingKey::es512(public),
        _ => VerifyingKey::eddsa(public),
    };
    key.unwrap()
}

/// Returns the public key of an algorithm in the forms that libraries have taken for HMAC secrets.
pub(crate) fn public_forms(algorithm: Algorithm) -> Vec<(&'static str, Vec<u8>)> {
    let pem = pair(algorithm).1;
    let jwk = verifying(algorithm).to_jwk().unwrap();
    let members: serde_json::Value = serde_json::from_str(&jwk).unwrap();
    let number = members["n"].as_str().or_else(|| members["x"].as_str()).unwrap();
    vec![
        ("PEM", pem.into()),
        ("PEM without the last line break", pem.trim_end().into()),
        ("DER", der(pem)),
        ("JWK", jwk.clone().into()),
        ("first number of the JWK", number.into()),
    ]
}

pub(crate) fn der(pem: &str) -> Vec<u8> {
    STANDARD.decode(pem.lines().filter(|line| !line.starts_with("-----")).collect::<String>()).unwrap()
}

/// Signs a message with the key of an algorithm.
pub(crate) fn sign(algorithm: Algorithm, message: &str) -> Vec<u8> {
    if PAIRS.contains(&algorithm) {
        sign_with(pair(algorithm).0, algorithm, message)
    } else {
        tag(algorithm, SECRET, message)
    }
}

/// Signs a message with a private key in PEM.
pub(crate) fn sign_with(private: &str, algorithm: Algorithm, message: &str) -> Vec<u8> {
    let (rsa, ecdsa) = (|encoding| rsa(private, encoding, message), |suite| ecdsa(private, suite, message));
    match algorithm {
        Algorithm::RS256 => rsa(&RSA_PKCS1_SHA256),
        Algorithm::RS384 => rsa(&RSA_PKCS1_SHA384),
        Algorithm::RS512 => rsa(&RSA_PKCS1_SHA512),
        Algorithm::PS256 => rsa(&RSA_PSS_SHA256),
        Algorithm::PS384 => rsa(&RSA_PSS_SHA384),
        Algorithm::PS512 => rsa(&RSA_PSS_SHA512),
        Algorithm::ES256 => ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING),
        Algorithm::ES384 => ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING),
        Algorithm::ES512 => ecdsa(&ECDSA_P521_SHA512_FIXED_SIGNING),
        _ => {
            let pair = Ed25519KeyPair::from_pkcs8(&der(private)).unwrap();
            pair.sign(message.as_bytes()).as_ref().to_vec()
        }
    }
}

/// Computes the tag of an HMAC with any secret.
pub(crate) fn tag(algorithm: Algorithm, secret: impl AsRef<[u8]>, message: &str) -> Vec<u8> {
    fn hmac<M: Mac + KeyInit>(secret: &[u8], message: &str) -> Vec<u8> {
        let mac = <M as KeyInit>::new_from_slice(secret).unwrap();
        mac.chain_update(message).finalize().into_bytes().to_vec()
    }
    let secret = secret.as_ref();
    match algorithm {
        Algorithm::HS384 => hmac::<Hmac<Sha384>>(secret, message),
        Algorithm::HS512 => hmac::<Hmac<Sha512>>(secret, message),
        _ => hmac::<Hmac<Sha256>>(secret, message),
    }
}

fn rsa(private: &str, encoding: &'static dyn RsaEncoding, message: &str) -> Vec<u8> {
    let pair = RsaKeyPair::from_pkcs8(&der(private)).unwrap();
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(encoding, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
    signature
}

/// Signs any block with the private RSA key (RFC 8017 section 5.2.1).
pub(crate) fn rsa_private(block: &[u8]) -> Vec<u8> {
    let jwk: serde_json::Value =
        serde_json::from_str(include_str!("../../vectors/asymmetric/keys/rsa2048.jwk.json")).unwrap();
    let member =
        |name: &str| BigUint::from_bytes_be(&URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap());
    let signature = BigUint::from_bytes_be(block).modpow(&member("d"), &member("n")).to_bytes_be();
    [vec![0; block.len() - signature.len()], signature].concat()
}

fn ecdsa(private: &str, suite: &'static EcdsaSigningAlgorithm, message: &str) -> Vec<u8> {
    let pair = EcdsaKeyPair::from_pkcs8(suite, &der(private)).unwrap();
    pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap().as_ref().to_vec()
}
