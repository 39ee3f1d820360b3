//! The other implementation, jsonwebtoken on `RustCrypto`, and valid and forged tokens that it signs.

use gatevault::{Algorithm, TokenManager};
use gatevault_tests::timed;
use jsonwebtoken::crypto::{rust_crypto, sign};
use jsonwebtoken::{DecodingKey, EncodingKey, Validation, decode};
use serde_json::Value;

use super::keys::{RSA_PKCS1, der, pair, signing, verifying};
use crate::forge::{Members, encoded, segments};

/// Returns a manager with the key pair of this algorithm.
pub(crate) fn manager_of(algorithm: Algorithm) -> TokenManager {
    TokenManager::builder().key(signing(algorithm)).clock(timed().1).build().unwrap()
}

/// Returns the encoded header and claims of a valid token.
pub(crate) fn message(algorithm: &str) -> String {
    let header = Members::header().with("alg", &format!("\"{algorithm}\"")).json();
    format!("{}.{}", encoded(header), encoded(Members::claims().json()))
}

/// Returns the peer's signature with the key pair of this algorithm.
pub(crate) fn signature(message: &str, algorithm: Algorithm) -> String {
    sign(message.as_bytes(), &private(algorithm), theirs(algorithm)).unwrap()
}

/// Returns the private key of this algorithm in the type of the peer.
pub(crate) fn private(algorithm: Algorithm) -> EncodingKey {
    install();
    let pkcs8 = || der(pair(algorithm).0);
    match algorithm {
        Algorithm::ES256 | Algorithm::ES384 => EncodingKey::from_ec_der(&pkcs8()),
        Algorithm::EdDSA => EncodingKey::from_ed_der(&pkcs8()),
        _ => EncodingKey::from_rsa_der(&der(RSA_PKCS1)),
    }
}

/// Returns the claims that the peer reads with the published key.
pub(crate) fn read(token: &str, algorithm: Algorithm) -> Result<Value, jsonwebtoken::errors::Error> {
    let jwk = serde_json::from_str(&verifying(algorithm).to_jwk().unwrap()).unwrap();
    read_with(token, &DecodingKey::from_jwk(&jwk).unwrap(), algorithm)
}

/// Returns the claims that the peer reads with a key.
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

/// Replaces the signature of a token.
pub(crate) fn signed_with(token: &str, signature: impl AsRef<[u8]>) -> String {
    let [header, claims, _] = segments(token);
    format!("{header}.{claims}.{}", encoded(signature))
}

/// Installs a provider: with both back ends in the build, jsonwebtoken does not choose one. Only the first call has an effect.
fn install() {
    rust_crypto::DEFAULT_PROVIDER.install_default().ok();
}

fn theirs(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
    algorithm.name().parse().unwrap()
}
