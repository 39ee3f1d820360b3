//! The other implementation: jsonwebtoken on `RustCrypto`, and tokens signed with it, honest and forged.

use gatevault::{Algorithm, TokenManager};
use gatevault_tests::timed;
use jsonwebtoken::crypto::{rust_crypto, sign};
use jsonwebtoken::{DecodingKey, EncodingKey, Validation, decode};
use serde_json::Value;

use super::keys::{RSA_PKCS1, der, pair, signing, verifying};
use crate::forge::{Members, encoded, segments};

/// A manager whose key is the pair of this algorithm.
pub(crate) fn manager_of(algorithm: Algorithm) -> TokenManager {
    TokenManager::builder().key(signing(algorithm)).clock(timed().1).build().unwrap()
}

/// Header and claims of a good token.
pub(crate) fn message(algorithm: &str) -> String {
    let header = Members::header().with("alg", &format!("\"{algorithm}\"")).json();
    format!("{}.{}", encoded(header), encoded(Members::claims().json()))
}

/// What the peer signs with the pair of this algorithm.
pub(crate) fn signature(message: &str, algorithm: Algorithm) -> String {
    sign(message.as_bytes(), &private(algorithm), theirs(algorithm)).unwrap()
}

/// The private half of the pair of this algorithm, as the peer takes it.
pub(crate) fn private(algorithm: Algorithm) -> EncodingKey {
    install();
    let pkcs8 = || der(pair(algorithm).0);
    match algorithm {
        Algorithm::ES256 | Algorithm::ES384 => EncodingKey::from_ec_der(&pkcs8()),
        Algorithm::EdDSA => EncodingKey::from_ed_der(&pkcs8()),
        _ => EncodingKey::from_rsa_der(&der(RSA_PKCS1)),
    }
}

/// What the peer reads with the public key that is published.
pub(crate) fn read(token: &str, algorithm: Algorithm) -> Result<Value, jsonwebtoken::errors::Error> {
    let jwk = serde_json::from_str(&verifying(algorithm).to_jwk().unwrap()).unwrap();
    read_with(token, &DecodingKey::from_jwk(&jwk).unwrap(), algorithm)
}

/// What the peer reads with a key.
pub(crate) fn read_with(
    token: &str,
    key: &DecodingKey,
    algorithm: Algorithm,
) -> Result<Value, jsonwebtoken::errors::Error> {
    install();
    let mut validation = Validation::new(theirs(algorithm));
    validation.validate_exp = false;
    decode(token, key, &validation).map(|data| data.claims)
}

/// The same token with another signature.
pub(crate) fn signed_with(token: &str, signature: impl AsRef<[u8]>) -> String {
    let [header, claims, _] = segments(token);
    format!("{header}.{claims}.{}", encoded(signature))
}

/// In a build with both of its back ends it does not choose by itself. Only the first to install one can.
fn install() {
    rust_crypto::DEFAULT_PROVIDER.install_default().ok();
}

fn theirs(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
    algorithm.name().parse().unwrap()
}
