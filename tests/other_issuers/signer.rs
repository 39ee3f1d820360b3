//! Issuers of the tests: they sign any header and any claims, as no manager of this library does.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatevault::{Algorithm, KeyRing, VerifyingKey};
use gatevault_tests::START;
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::EncodingKey;
use jsonwebtoken::crypto::{rust_crypto, sign};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256};
use serde_json::{Value, json};

pub(crate) const ED25519: &str = include_str!("../vectors/asymmetric/keys/ed25519.pkcs8.pem");
pub(crate) const OTHER_ED25519: &str = include_str!("../vectors/asymmetric/keys/other-ed25519.pkcs8.pem");
pub(crate) const P256: &str = include_str!("../vectors/asymmetric/keys/p256.pkcs8.pem");
pub(crate) const OTHER_P256: &str = include_str!("../vectors/asymmetric/keys/other-p256.pkcs8.pem");
pub(crate) const RSA: &str = include_str!("../vectors/asymmetric/keys/rsa2048.pkcs1.pem");

/// A key of an issuer, with the id that its tokens name.
#[derive(Clone)]
pub(crate) struct Signer {
    algorithm: Algorithm,
    secret: String,
    pub(crate) kid: Option<String>,
}

impl Signer {
    /// Creates a signer from a secret, or from a private key in PEM.
    pub(crate) fn new(algorithm: Algorithm, secret: &str) -> Self {
        Self { algorithm, secret: secret.to_owned(), kid: None }
    }

    pub(crate) fn hs256(secret: &str) -> Self {
        Self::new(Algorithm::HS256, secret)
    }

    /// Creates a signer with a fresh key pair of ES256.
    pub(crate) fn fresh() -> Self {
        Self::new(Algorithm::ES256, &KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap().serialize_pem())
    }

    pub(crate) fn is_key_pair(&self) -> bool {
        self.algorithm != Algorithm::HS256
    }

    pub(crate) fn named(self, kid: &str) -> Self {
        Self { kid: Some(kid.to_owned()), ..self }
    }

    pub(crate) fn nameless(self) -> Self {
        Self { kid: None, ..self }
    }

    /// Returns the header that most issuers write.
    pub(crate) fn header(&self) -> Value {
        let mut header = json!({ "alg": self.algorithm.name(), "typ": "JWT" });
        if let Some(kid) = &self.kid {
            header["kid"] = json!(kid);
        }
        header
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_with(&self.header(), claims)
    }

    pub(crate) fn sign_with(&self, header: &Value, claims: &Value) -> String {
        self.sign_raw(&header.to_string(), &claims.to_string())
    }

    /// Signs bytes that need not be JSON.
    pub(crate) fn sign_raw(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = self.signature(&message);
        format!("{message}.{signature}")
    }

    fn signature(&self, message: &str) -> String {
        if self.algorithm == Algorithm::HS256 {
            let mac = Hmac::<sha2::Sha256>::new_from_slice(self.secret.as_bytes()).unwrap();
            return URL_SAFE_NO_PAD.encode(mac.chain_update(message).finalize().into_bytes());
        }
        // With both back ends in the build, jsonwebtoken does not choose one. Only the first call has an effect.
        rust_crypto::DEFAULT_PROVIDER.install_default().ok();
        let pem = self.secret.as_bytes();
        let key = match self.algorithm {
            Algorithm::ES256 => EncodingKey::from_ec_pem(pem),
            Algorithm::EdDSA => EncodingKey::from_ed_pem(pem),
            _ => EncodingKey::from_rsa_pem(pem),
        };
        sign(message.as_bytes(), &key.unwrap(), self.algorithm.name().parse().unwrap()).unwrap()
    }

    /// Returns the key with which a service verifies.
    pub(crate) fn key(&self) -> VerifyingKey {
        use gatevault::SigningKey;
        let key = match self.algorithm {
            Algorithm::HS256 => SigningKey::hs256(&self.secret),
            Algorithm::ES256 => SigningKey::es256(&self.secret),
            Algorithm::EdDSA => SigningKey::eddsa(&self.secret),
            Algorithm::PS256 => SigningKey::ps256(&self.secret),
            _ => SigningKey::rs256(&self.secret),
        };
        let key = key.unwrap().verifying_key().clone();
        self.kid.iter().fold(key, |key, kid| key.with_id(kid).unwrap())
    }

    pub(crate) fn ring(&self) -> KeyRing {
        KeyRing::verifying([self.key()]).unwrap()
    }

    /// Returns the public key as a member of a JWK set, without `alg`.
    pub(crate) fn jwk(&self) -> Value {
        let mut jwk: Value = serde_json::from_str(&self.key().to_jwk().unwrap()).unwrap();
        jwk.as_object_mut().unwrap().remove("alg");
        jwk
    }
}

/// Returns two signers, one of each kind: an issuer may have a secret or a key pair.
pub(crate) fn of_each_kind() -> [(Signer, Signer); 2] {
    let pair = Signer::new(Algorithm::EdDSA, ED25519).named("1");
    let other_pair = Signer::new(Algorithm::EdDSA, OTHER_ED25519).named("1");
    let shared = Signer::hs256("a secret that several parties have in common").named("1");
    let other_shared = Signer::hs256("another secret, with the same id in its header").named("1");
    [(shared, other_shared), (pair, other_pair)]
}

/// Returns the claims of a current token, without anything that says which kind of token it is.
pub(crate) fn claims(issuer: &str, audience: &str) -> Value {
    json!({ "iss": issuer, "aud": audience, "sub": "f3b1-ada", "iat": START, "exp": START + 300 })
}

/// Returns `claims` with the members of `changes`; a null leaves a member out.
pub(crate) fn with(mut claims: Value, changes: Value) -> Value {
    let Value::Object(changes) = changes else { panic!("expected an object") };
    let members = claims.as_object_mut().unwrap();
    members.extend(changes);
    members.retain(|_, value| !value.is_null());
    claims
}
