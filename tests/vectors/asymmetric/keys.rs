//! The keys in the folder `keys`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gatevault::{Algorithm, ConfigError, SigningKey, TokenManager, VerifyingKey};
use gatevault_tests::timed;

macro_rules! keys {
    ($($name:ident: $file:literal;)*) => {
        $(pub(crate) const $name: &str = include_str!(concat!("keys/", $file, ".pem"));)*
    };
}

keys! {
    RSA: "rsa2048.pkcs8";
    RSA_PKCS1: "rsa2048.pkcs1";
    RSA_ENCRYPTED: "rsa2048.encrypted";
    RSA_PUBLIC: "rsa2048.public";
    RSA_PKCS1_PUBLIC: "rsa2048.pkcs1public";
    RSA_CERTIFICATE: "rsa2048.certificate";
    RSA_1024: "rsa1024.pkcs8";
    RSA_1024_PUBLIC: "rsa1024.public";
    RSA_3072: "rsa3072.pkcs8";
    RSA_3072_PUBLIC: "rsa3072.public";
    RSA_8192: "rsa8192.pkcs8";
    RSA_8192_PUBLIC: "rsa8192.public";
    OTHER_RSA: "other-rsa2048.pkcs8";
    OTHER_P256: "other-p256.pkcs8";
    OTHER_ED25519: "other-ed25519.pkcs8";
    RSA_PSS: "rsapss.pkcs8";
    P256: "p256.pkcs8";
    P256_SEC1: "p256.sec1";
    P256_ENCRYPTED: "p256.encrypted";
    P256_PUBLIC: "p256.public";
    P256_COMPRESSED: "p256.compressed";
    P256_CERTIFICATE: "p256.certificate";
    P384: "p384.pkcs8";
    P384_SEC1: "p384.sec1";
    P384_PUBLIC: "p384.public";
    P521: "p521.pkcs8";
    P521_SEC1: "p521.sec1";
    P521_PUBLIC: "p521.public";
    SECP256K1: "secp256k1.pkcs8";
    SECP256K1_SEC1: "secp256k1.sec1";
    SECP256K1_PUBLIC: "secp256k1.public";
    ED25519: "ed25519.pkcs8";
    ED25519_PUBLIC: "ed25519.public";
    ED25519_CERTIFICATE: "ed25519.certificate";
    ED448: "ed448.pkcs8";
    ED448_PUBLIC: "ed448.public";
    X25519: "x25519.pkcs8";
}

pub(crate) const ALGORITHMS: [Algorithm; 10] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
    Algorithm::ES512,
];

/// The algorithms that jsonwebtoken has too.
pub(crate) fn shared_algorithms() -> impl Iterator<Item = Algorithm> {
    ALGORITHMS.into_iter().filter(|algorithm| *algorithm != Algorithm::ES512)
}

/// Returns the key of this algorithm in PKCS#8, and its public half.
pub(crate) fn pair(algorithm: Algorithm) -> (&'static str, &'static str) {
    match algorithm {
        Algorithm::ES256 => (P256, P256_PUBLIC),
        Algorithm::ES384 => (P384, P384_PUBLIC),
        Algorithm::ES512 => (P521, P521_PUBLIC),
        Algorithm::EdDSA => (ED25519, ED25519_PUBLIC),
        _ => (RSA, RSA_PUBLIC),
    }
}

pub(crate) fn sign_with(algorithm: Algorithm, key: impl AsRef<[u8]>) -> Result<SigningKey, ConfigError> {
    match algorithm {
        Algorithm::RS256 => SigningKey::rs256(key),
        Algorithm::RS384 => SigningKey::rs384(key),
        Algorithm::RS512 => SigningKey::rs512(key),
        Algorithm::PS256 => SigningKey::ps256(key),
        Algorithm::PS384 => SigningKey::ps384(key),
        Algorithm::PS512 => SigningKey::ps512(key),
        Algorithm::ES256 => SigningKey::es256(key),
        Algorithm::ES384 => SigningKey::es384(key),
        Algorithm::ES512 => SigningKey::es512(key),
        _ => SigningKey::eddsa(key),
    }
}

pub(crate) fn verify_with(algorithm: Algorithm, key: impl AsRef<[u8]>) -> Result<VerifyingKey, ConfigError> {
    match algorithm {
        Algorithm::RS256 => VerifyingKey::rs256(key),
        Algorithm::RS384 => VerifyingKey::rs384(key),
        Algorithm::RS512 => VerifyingKey::rs512(key),
        Algorithm::PS256 => VerifyingKey::ps256(key),
        Algorithm::PS384 => VerifyingKey::ps384(key),
        Algorithm::PS512 => VerifyingKey::ps512(key),
        Algorithm::ES256 => VerifyingKey::es256(key),
        Algorithm::ES384 => VerifyingKey::es384(key),
        Algorithm::ES512 => VerifyingKey::es512(key),
        _ => VerifyingKey::eddsa(key),
    }
}

pub(crate) fn signing(algorithm: Algorithm) -> SigningKey {
    sign_with(algorithm, pair(algorithm).0).unwrap()
}

pub(crate) fn verifying(algorithm: Algorithm) -> VerifyingKey {
    verify_with(algorithm, pair(algorithm).1).unwrap()
}

pub(crate) fn manager_with(key: SigningKey) -> TokenManager {
    TokenManager::builder().key(key).clock(timed().1).build().unwrap()
}

/// Decodes the last section of a PEM string.
pub(crate) fn der(pem: &str) -> Vec<u8> {
    let start = pem.rfind("-----BEGIN").unwrap();
    let lines = pem[start..].lines().filter(|line| !line.starts_with("-----"));
    STANDARD.decode(lines.collect::<String>()).unwrap()
}
