//! Key pairs of issuers, and the tokens they sign.

use jsonwebtoken::crypto::rust_crypto;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256};
use serde_json::{Value, json};

use crate::ISSUER;

/// A key pair of an issuer.
pub(crate) struct Signer {
    kid: Option<String>,
    algorithm: Algorithm,
    key: EncodingKey,
}

impl Signer {
    pub(crate) fn es256(kid: &str) -> Self {
        Self { kid: Some(kid.to_owned()), ..Self::without_kid() }
    }

    /// Creates a key that neither its set nor its tokens name.
    pub(crate) fn without_kid() -> Self {
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let key = EncodingKey::from_ec_pem(pair.serialize_pem().as_bytes()).unwrap();
        Self { kid: None, algorithm: Algorithm::ES256, key }
    }

    pub(crate) fn rs256(kid: &str) -> Self {
        let pair = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
        let key = EncodingKey::from_rsa_pem(pair.serialize_pem().as_bytes()).unwrap();
        Self { kid: Some(kid.to_owned()), algorithm: Algorithm::RS256, key }
    }

    /// Signs a token of the tests' issuer.
    pub(crate) fn token(&self) -> String {
        self.token_of(ISSUER)
    }

    pub(crate) fn token_of(&self, issuer: &str) -> String {
        self.token_with(&self.header(), issuer)
    }

    pub(crate) fn header(&self) -> Header {
        Header { kid: self.kid.clone(), ..Header::new(self.algorithm) }
    }

    /// Signs a token with a header that the test chooses.
    pub(crate) fn token_with(&self, header: &Header, issuer: &str) -> String {
        let claims = json!({"iss": issuer, "aud": "billing", "sub": "ada", "exp": YEAR_2100});
        install();
        jsonwebtoken::encode(header, &claims, &self.key).unwrap()
    }

    /// Signs a token that names another key.
    pub(crate) fn token_naming(&self, kid: Option<&str>) -> String {
        self.token_with(&Header { kid: kid.map(str::to_owned), ..self.header() }, ISSUER)
    }

    fn jwk(&self) -> Value {
        install();
        let mut jwk = Jwk::from_encoding_key(&self.key, self.algorithm).unwrap();
        jwk.common.key_id.clone_from(&self.kid);
        serde_json::to_value(jwk).unwrap()
    }
}

/// Returns the key set in which an issuer publishes these keys.
pub(crate) fn set(signers: &[&Signer]) -> String {
    let keys: Vec<_> = signers.iter().map(|signer| signer.jwk()).collect();
    json!({ "keys": keys }).to_string()
}

/// Installs a provider: with both back ends in the build, jsonwebtoken does not choose one. Only the first call has an effect.
fn install() {
    rust_crypto::DEFAULT_PROVIDER.install_default().ok();
}

const YEAR_2100: u64 = 4_102_444_800;
