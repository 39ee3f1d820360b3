//! Conversions between the keys, key sets and algorithms of the crate `jsonwebtoken` and ours (feature `jsonwebtoken`).
//!
//! A key is converted through the members of its JWK, which are validated like those in JSON. Members that `jsonwebtoken`
//! dropped cannot be validated here; `from_jwk` and `from_json` read all of them.

use jsonwebtoken::jwk::{self, AlgorithmParameters, KeyAlgorithm};

use super::invalid_key::invalid_key;
use super::jwk::Jwk;
use super::jwk_set::JwkSet;
use crate::error::ConfigError;
use crate::key::{Algorithm, SigningKey, VerifyingKey};

/// Conversion from the key type of `jsonwebtoken` (feature `jsonwebtoken`).
impl TryFrom<&jwk::Jwk> for VerifyingKey {
    type Error = ConfigError;

    /// Converts a public key, or a secret for HMAC. Its `key_id` becomes the id.
    ///
    /// The rules of [`from_jwk`](Self::from_jwk) apply, with one exception: `jsonwebtoken` drops the private members of a
    /// key, so a private key is converted into its public half.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidKey`] for a key that cannot verify, and for a key whose type, curve or algorithm
    /// `jsonwebtoken` does not know. The errors of [`hs256`](Self::hs256) for a secret.
    fn try_from(jwk: &jwk::Jwk) -> Result<Self, ConfigError> {
        let instead = "the JSON of the key to `VerifyingKey::from_jwk`";
        members(jwk, "VerifyingKey::try_from", instead)?.verifying_key()
    }
}

/// Conversion from the key type of `jsonwebtoken`, for HMAC secrets (feature `jsonwebtoken`).
impl TryFrom<&jwk::Jwk> for SigningKey {
    type Error = ConfigError;

    /// Converts a secret for HMAC. Its `key_id` becomes the id. The type never contains the private half of a key pair.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidKey`] for a public key, and for a secret whose `use`, `key_ops` or `alg` does not allow HMAC
    /// signatures. The errors of [`hs256`](Self::hs256).
    fn try_from(jwk: &jwk::Jwk) -> Result<Self, ConfigError> {
        let (given_to, instead) = ("SigningKey::try_from", "the JSON of the key to `SigningKey::from_jwk`");
        let members = members(jwk, given_to, instead)?;
        if !members.is_secret() {
            let found = "a public key: `jsonwebtoken` keeps no private members";
            return Err(invalid_key(given_to, found, instead));
        }
        members.signing_key()
    }
}

/// Conversion to the key type of `jsonwebtoken` (feature `jsonwebtoken`).
impl TryFrom<&VerifyingKey> for jwk::Jwk {
    type Error = ConfigError;

    /// Converts a public key, with the members that [`to_jwk`](VerifyingKey::to_jwk) writes.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidKey`] for an HMAC key, because secrets are never exported, and for an algorithm that
    /// `jsonwebtoken` lacks. Version 12 lacks ES512.
    fn try_from(key: &VerifyingKey) -> Result<Self, ConfigError> {
        let jwk = key.to_jwk().and_then(|json| serde_json::from_str::<Self>(&json).ok());
        jwk.filter(|jwk| jwk.common.key_algorithm != Some(KeyAlgorithm::UNKNOWN_ALGORITHM)).ok_or_else(|| {
            let found = format!("a key for {}", key.algorithm());
            invalid_key("Jwk::try_from", found, "a public key of an algorithm of `jsonwebtoken`")
        })
    }
}

/// Conversion from the key set type of `jsonwebtoken` (feature `jsonwebtoken`).
impl TryFrom<&jwk::JwkSet> for JwkSet {
    type Error = ConfigError;

    /// Converts the keys that can verify tokens. Others are [skipped](Self::skipped), as in [`from_json`](Self::from_json).
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidKey`] for a set without a usable key.
    fn try_from(set: &jwk::JwkSet) -> Result<Self, ConfigError> {
        const GIVEN_TO: &str = "JwkSet::try_from";
        let instead = "the JSON of the set to `JwkSet::from_json`";
        let keys = set.keys.iter().map(|jwk| (jwk.common.key_id.clone(), members(jwk, GIVEN_TO, instead)));
        Self::read(keys, GIVEN_TO)
    }
}

/// Conversion to the key set type of `jsonwebtoken` (feature `jsonwebtoken`).
impl TryFrom<&JwkSet> for jwk::JwkSet {
    type Error = ConfigError;

    /// Converts each public key of the set.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidKey`] for an algorithm that `jsonwebtoken` lacks. Version 12 lacks ES512.
    fn try_from(set: &JwkSet) -> Result<Self, ConfigError> {
        let keys = set.keys().iter().map(jwk::Jwk::try_from);
        Ok(Self { keys: keys.collect::<Result<_, _>>()? })
    }
}

/// Returns the members of a key.
///
/// Rejects a key that `jsonwebtoken` does not understand: of repeated members in such a key, it keeps only the last.
fn members(jwk: &jwk::Jwk, given_to: &'static str, instead: &'static str) -> Result<Jwk, ConfigError> {
    let found = match (&jwk.algorithm, jwk.common.key_algorithm) {
        (AlgorithmParameters::Other(_), _) => "a JWK that `jsonwebtoken` does not understand",
        (_, Some(KeyAlgorithm::UNKNOWN_ALGORITHM)) => "a JWK whose `alg` `jsonwebtoken` does not know",
        _ => return Jwk::new(serde_json::to_value(jwk).unwrap_or_default(), given_to),
    };
    Err(invalid_key(given_to, found, instead))
}

macro_rules! algorithms {
    ($($name:ident)+) => {
        /// Conversion to the algorithm of the same name (feature `jsonwebtoken`).
        impl TryFrom<Algorithm> for jsonwebtoken::Algorithm {
            type Error = ConfigError;

            /// Converts an algorithm.
            ///
            /// # Errors
            ///
            /// [`ConfigError::UnknownAlgorithm`] for an algorithm that `jsonwebtoken` lacks. Version 12 lacks ES512.
            fn try_from(algorithm: Algorithm) -> Result<Self, ConfigError> {
                match algorithm {
                    $(Algorithm::$name => Ok(Self::$name),)+
                    other => Err(ConfigError::UnknownAlgorithm { found: other.to_string() }),
                }
            }
        }

        /// Conversion from the algorithm of the same name (feature `jsonwebtoken`).
        impl TryFrom<jsonwebtoken::Algorithm> for Algorithm {
            type Error = ConfigError;

            /// Converts an algorithm.
            ///
            /// # Errors
            ///
            /// [`ConfigError::UnknownAlgorithm`] for an algorithm that this enum lacks. It lacks none of version 12.
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
