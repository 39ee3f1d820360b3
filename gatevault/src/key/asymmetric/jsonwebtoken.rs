//! Conversions between the keys, key sets and algorithms of the crate `jsonwebtoken` and our own (feature `jsonwebtoken`).
//!
//! A key is converted through the members of its JWK, and the reader of keys in JSON judges them. Members that the other
//! crate dropped cannot be judged here; `from_jwk` and `from_json` read all of them.

use jsonwebtoken::jwk::{self, AlgorithmParameters, KeyAlgorithm};

use super::jwk::Jwk;
use super::jwk_set::JwkSet;
use super::refusal::refusal;
use crate::error::ConfigError;
use crate::key::{Algorithm, SigningKey, VerifyingKey};

/// A key in the type of `jsonwebtoken` (feature `jsonwebtoken`).
impl TryFrom<&jwk::Jwk> for VerifyingKey {
    type Error = ConfigError;

    /// Converts a public key, or a secret for HMAC; its id is `key_id`.
    ///
    /// The rules of [`from_jwk`](Self::from_jwk) apply, with one exception: `jsonwebtoken` drops the private members of a
    /// key, so a private key is converted into its public half.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidKey`] for a key that cannot verify, and for a key of a type, curve or algorithm that
    /// `jsonwebtoken` does not know; and the errors of [`hs256`](Self::hs256) for a secret.
    fn try_from(jwk: &jwk::Jwk) -> Result<Self, ConfigError> {
        let instead = "the JSON of the key to `VerifyingKey::from_jwk`";
        members(jwk, "VerifyingKey::try_from", instead)?.verifying_key()
    }
}

/// A secret for HMAC in the type of `jsonwebtoken` (feature `jsonwebtoken`).
impl TryFrom<&jwk::Jwk> for SigningKey {
    type Error = ConfigError;

    /// Converts a secret for HMAC; its id is `key_id`. The private half of a key pair is never in this type.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidKey`] for a public key and for a key whose `use`, `key_ops` or `alg` do not allow HMAC
    /// signatures; and the errors of [`hs256`](Self::hs256).
    fn try_from(jwk: &jwk::Jwk) -> Result<Self, ConfigError> {
        let (given_to, instead) = ("SigningKey::try_from", "the JSON of the key to `SigningKey::from_jwk`");
        let members = members(jwk, given_to, instead)?;
        if !members.is_secret() {
            let found = "a public key, since `jsonwebtoken` keeps no private members";
            return Err(refusal(given_to, found, instead));
        }
        members.signing_key()
    }
}

/// A public key in the type of `jsonwebtoken` (feature `jsonwebtoken`).
impl TryFrom<&VerifyingKey> for jwk::Jwk {
    type Error = ConfigError;

    /// Converts the public key that [`to_jwk`](VerifyingKey::to_jwk) writes.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidKey`] for a key for HMAC, since a secret is never exported, and for a key of an algorithm
    /// that `jsonwebtoken` does not have. It has all of today's.
    fn try_from(key: &VerifyingKey) -> Result<Self, ConfigError> {
        let jwk = key.to_jwk().and_then(|json| serde_json::from_str::<Self>(&json).ok());
        jwk.filter(|jwk| jwk.common.key_algorithm != Some(KeyAlgorithm::UNKNOWN_ALGORITHM)).ok_or_else(|| {
            let found = format!("a key for {}", key.algorithm());
            refusal("Jwk::try_from", found, "a public key of an algorithm of `jsonwebtoken`")
        })
    }
}

/// A set of keys in the type of `jsonwebtoken` (feature `jsonwebtoken`).
impl TryFrom<&jwk::JwkSet> for JwkSet {
    type Error = ConfigError;

    /// Converts the keys that can verify tokens. Others are [skipped](Self::skipped), as by [`from_json`](Self::from_json).
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidKey`] for a set of more than a hundred keys or without a usable key.
    /// [`ConfigError::RepeatedKey`] for two usable keys with the same id.
    fn try_from(set: &jwk::JwkSet) -> Result<Self, ConfigError> {
        const GIVEN_TO: &str = "JwkSet::try_from";
        let instead = "the JSON of the set to `JwkSet::from_json`";
        let keys = set.keys.iter().map(|jwk| (jwk.common.key_id.clone(), members(jwk, GIVEN_TO, instead)));
        Self::read(keys, GIVEN_TO)
    }
}

/// A set of public keys in the type of `jsonwebtoken` (feature `jsonwebtoken`).
impl TryFrom<&JwkSet> for jwk::JwkSet {
    type Error = ConfigError;

    /// Converts each public key of the set.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidKey`] for a key of an algorithm that `jsonwebtoken` does not have. It has all of today's.
    fn try_from(set: &JwkSet) -> Result<Self, ConfigError> {
        let keys = set.keys().iter().map(jwk::Jwk::try_from);
        Ok(Self { keys: keys.collect::<Result<_, _>>()? })
    }
}

/// Returns the members of a key.
///
/// Refuses a key that `jsonwebtoken` did not understand, because it keeps only the last of that key's repeated members.
fn members(jwk: &jwk::Jwk, given_to: &'static str, instead: &'static str) -> Result<Jwk, ConfigError> {
    let found = match (&jwk.algorithm, jwk.common.key_algorithm) {
        (AlgorithmParameters::Other(_), _) => "a JWK that `jsonwebtoken` does not understand",
        (_, Some(KeyAlgorithm::UNKNOWN_ALGORITHM)) => "a JWK whose `alg` `jsonwebtoken` does not know",
        _ => return Jwk::new(serde_json::to_value(jwk).unwrap_or_default(), given_to),
    };
    Err(refusal(given_to, found, instead))
}

macro_rules! algorithms {
    ($($name:ident)+) => {
        /// The algorithm of the same name in the type of `jsonwebtoken` (feature `jsonwebtoken`).
        impl TryFrom<Algorithm> for jsonwebtoken::Algorithm {
            type Error = ConfigError;

            /// Converts an algorithm.
            ///
            /// # Errors
            ///
            /// [`ConfigError::UnknownAlgorithm`] for one that `jsonwebtoken` does not have. It has all of today's.
            fn try_from(algorithm: Algorithm) -> Result<Self, ConfigError> {
                match algorithm {
                    $(Algorithm::$name => Ok(Self::$name),)+
                }
            }
        }

        /// The algorithm of the same name out of the type of `jsonwebtoken` (feature `jsonwebtoken`).
        impl TryFrom<jsonwebtoken::Algorithm> for Algorithm {
            type Error = ConfigError;

            /// Converts an algorithm.
            ///
            /// # Errors
            ///
            /// [`ConfigError::UnknownAlgorithm`] for one that is not in this enum. All of version 12 are.
            fn try_from(algorithm: jsonwebtoken::Algorithm) -> Result<Self, ConfigError> {
                match algorithm {
                    $(jsonwebtoken::Algorithm::$name => Ok(Self::$name),)+
                    other => Err(ConfigError::UnknownAlgorithm { found: format!("{other:?}") }),
                }
            }
        }
    };
}
algorithms!(HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 EdDSA);
