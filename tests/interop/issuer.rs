//! What both sides know of each other in these tests: an issuer, an audience, and keys.

use std::time::UNIX_EPOCH;

use gatevault::error::ConfigError;
use gatevault::{Issuer, JwkSet, KeyRing, Payload, SigningKey, TokenError, TokenManager, VerifyingKey};
use serde_json::{Value, json};

pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const AUDIENCE: &str = "https://api.example";
pub(crate) const USER: &str = "ada";

/// Returns the claims of a valid access token.
pub(crate) fn claims() -> Value {
    let now = UNIX_EPOCH.elapsed().unwrap().as_secs();
    json!({"iss": ISSUER, "aud": AUDIENCE, "sub": USER, "iat": now - 1, "exp": now + 900})
}

/// Decodes another issuer's token. Returns its user.
pub(crate) fn decode(keys: KeyRing, token: &str) -> Result<String, TokenError> {
    let issuer = Issuer::new(ISSUER, keys).audience(AUDIENCE);
    let tokens = TokenManager::builder().accept(issuer).build().unwrap();
    let verified = tokens.decode_access_token::<Payload>(token)?;
    assert_eq!(verified.foreign_issuer(), Some(ISSUER));
    Ok(verified.user_id().to_string())
}

/// Reads a published key set, as a ring for [`decode`].
pub(crate) fn ring_of(set: &Value) -> Result<KeyRing, ConfigError> {
    JwkSet::from_json(&set.to_string()).map(KeyRing::from)
}

/// Creates a ring of one key, if it was read.
pub(crate) fn ring_of_one(key: Result<VerifyingKey, ConfigError>) -> Result<KeyRing, ConfigError> {
    KeyRing::verifying([key?])
}

/// Creates a token of our own, which the peers verify.
pub(crate) fn create(key: SigningKey) -> String {
    let builder = TokenManager::builder().issuer(ISSUER).audience(AUDIENCE).subject_claim("sub");
    builder.key(key).build().unwrap().create_access_token(&Payload::new(USER)).unwrap()
}

macro_rules! constructors {
    ($($algorithm:pat => $name:ident,)*) => {
        /// Reads a key pair from PEM, or a secret.
        pub(crate) fn signing_key(algorithm: &str, key: impl AsRef<[u8]>) -> Result<SigningKey, ConfigError> {
            match algorithm {
                $($algorithm => SigningKey::$name(key),)*
                _ => panic!("{algorithm} is not an algorithm"),
            }
        }

        /// Reads a public key from PEM, or a secret.
        pub(crate) fn verifying_key(algorithm: &str, key: impl AsRef<[u8]>) -> Result<VerifyingKey, ConfigError> {
            match algorithm {
                $($algorithm => VerifyingKey::$name(key),)*
                _ => panic!("{algorithm} is not an algorithm"),
            }
        }
    };
}

constructors! {
    "HS256" => hs256,
    "HS384" => hs384,
    "HS512" => hs512,
    "RS256" => rs256,
    "RS384" => rs384,
    "RS512" => rs512,
    "PS256" => ps256,
    "PS384" => ps384,
    "PS512" => ps512,
    "ES256" => es256,
    "ES384" => es384,
    "ES512" => es512,
    "EdDSA" | "Ed25519" => eddsa,
}
