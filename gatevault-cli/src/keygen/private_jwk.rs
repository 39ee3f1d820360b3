//! Private keys and secrets as JWKs (RFC 7517).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatevault::{Algorithm, SigningKey};
use serde_json::Value;
use zeroize::Zeroizing;

use super::generate::Member;
use crate::answer::Failure;

/// Returns the JWK of a key pair: the public one with the private members before its end.
pub(super) fn of_pair(public: &str, private: &[Member]) -> Result<Zeroizing<String>, Failure> {
    let mut jwk = Zeroizing::new(String::with_capacity(MAX_CHARACTERS));
    jwk.push_str(public.strip_suffix('}').unwrap_or(public));
    for (name, bytes) in private {
        let value = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()));
        for part in [",\"", name, "\":\"", &value, "\""] {
            jwk.push_str(part);
        }
    }
    jwk.push('}');
    checked(jwk)
}

/// Returns the JWK of a secret.
pub(super) fn of_secret(algorithm: Algorithm, id: &str, secret: &[u8]) -> Result<Zeroizing<String>, Failure> {
    let (id, secret) = (Value::from(id), Zeroizing::new(URL_SAFE_NO_PAD.encode(secret)));
    checked(Zeroizing::new(format!(
        r#"{{"kty":"oct","kid":{id},"alg":"{algorithm}","use":"sig","k":"{}"}}"#,
        *secret
    )))
}

/// Returns a JWK that the library reads as a signing key.
fn checked(jwk: Zeroizing<String>) -> Result<Zeroizing<String>, Failure> {
    match SigningKey::from_jwk(&jwk) {
        Ok(_) => Ok(jwk),
        Err(error) => Err(Failure::of("the new key cannot be written as a JWK", &error)),
    }
}

/// The length of the longest JWK, one of RSA with 4096 bits, with room for a long id. A string that grows leaves parts of a
/// key in freed memory.
const MAX_CHARACTERS: usize = 8 * 1024;
