//! JWK sets: public keys for publication (RFC 7517 section 5).

use std::vec;

use serde_json::Value;

use super::invalid_key::invalid_key;
use super::jwk::Jwk;
use crate::error::ConfigError;
use crate::json::Strict;
use crate::key::{KeyRing, VerifyingKey};

/// A set of public keys in JSON: keys of another issuer that verify its tokens, or your own keys for publication.
///
/// # Examples
///
/// ```
/// use gatevault::{JwkSet, KeyRing};
///
/// let json = r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "2026-11",
///     "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
/// let ring = KeyRing::verifying(JwkSet::from_json(json)?)?;
/// assert!(ring.public_keys().to_json().contains("2026-11"));
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct JwkSet {
    keys: Vec<VerifyingKey>,
    skipped: Vec<SkippedKey>,
}

/// A key of a set that cannot be used here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SkippedKey {
    /// Its `kid`, if it has one.
    pub id: Option<String>,
    /// The reason why it was skipped.
    pub reason: ConfigError,
}

impl JwkSet {
    /// Reads a key set and keeps the keys that can verify tokens. Others are [skipped](Self::skipped), as RFC 7517
    /// section 5 recommends: keys of another type, use, algorithm or curve, short keys, private keys and secrets.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidKey`] for input that is not a key set, has more than a hundred keys, is longer than a
    /// mebibyte, or has no usable key. [`ConfigError::RepeatedKey`] for two usable keys with the same id.
    pub fn from_json(json: &str) -> Result<Self, ConfigError> {
        let error = |found| invalid_key(GIVEN_TO, found, A_SET);
        if json.len() > MAX_BYTES {
            return Err(error("more than a mebibyte of JSON"));
        }
        let Strict::<Value>(mut set) =
            serde_json::from_str(json).map_err(|_| error("invalid JSON, or JSON with repeated members"))?;
        let Some(Value::Array(members)) = set.get_mut("keys").map(Value::take) else {
            return Err(error("JSON without an array `keys`"));
        };
        let members = members.into_iter().map(|member| {
            let id = member.get("kid").and_then(Value::as_str).map(str::to_owned);
            (id, Jwk::new(member, GIVEN_TO))
        });
        Self::read(members, GIVEN_TO)
    }

    /// Reads the members of a set, each with its `kid`.
    pub(super) fn read(
        members: impl ExactSizeIterator<Item = (Option<String>, Result<Jwk, ConfigError>)>,
        given_to: &'static str,
    ) -> Result<Self, ConfigError> {
        let error = |found| invalid_key(given_to, found, A_SET);
        if members.len() > MAX_KEYS {
            return Err(error("a JWK set of more than a hundred keys"));
        }
        let mut set = Self::default();
        for (id, member) in members {
            match member.and_then(|jwk| published(&jwk)) {
                Ok(key) => set.keys.push(key),
                Err(reason) => set.skipped.push(SkippedKey { id, reason }),
            }
        }
        if set.keys.is_empty() {
            return Err(error("a JWK set without a usable key"));
        }
        // The ring's rule for repeated keys is the rule for sets.
        KeyRing::verifying(set.keys.iter().cloned()).map(|_| set)
    }

    /// Creates a set for publication. HMAC keys are left out, because they are secrets.
    #[must_use]
    pub fn of(keys: impl IntoIterator<Item = VerifyingKey>) -> Self {
        let keys = keys.into_iter().filter(|key| key.to_jwk().is_some()).collect();
        Self { keys, skipped: Vec::new() }
    }

    /// Returns the keys.
    #[must_use]
    pub fn keys(&self) -> &[VerifyingKey] {
        &self.keys
    }

    /// Returns the keys that were skipped when the set was read, with the reasons.
    #[must_use]
    pub fn skipped(&self) -> &[SkippedKey] {
        &self.skipped
    }

    /// Writes the set as JSON for publication. It contains no private members and no secrets.
    #[must_use]
    pub fn to_json(&self) -> String {
        let keys: Vec<_> = self.keys.iter().filter_map(VerifyingKey::to_jwk).collect();
        format!(r#"{{"keys":[{}]}}"#, keys.join(","))
    }
}

impl IntoIterator for JwkSet {
    type Item = VerifyingKey;
    type IntoIter = vec::IntoIter<VerifyingKey>;

    fn into_iter(self) -> Self::IntoIter {
        self.keys.into_iter()
    }
}

/// Public keys in JSON (feature `asymmetric`).
impl KeyRing {
    /// Returns the current public keys of the ring for publication. HMAC keys are left out.
    #[must_use]
    pub fn public_keys(&self) -> JwkSet {
        JwkSet::of(self.verifying_keys())
    }
}

/// Reads a key of a published set. A secret in it is no longer secret and is rejected.
fn published(jwk: &Jwk) -> Result<VerifyingKey, ConfigError> {
    if jwk.is_secret() {
        return Err(jwk.error("a published secret", "public keys only"));
    }
    jwk.verifying_key()
}

const GIVEN_TO: &str = "JwkSet::from_json";

const A_SET: &str = "a JWK set with an RSA, EC or Ed25519 public key";

const MAX_BYTES: usize = 1024 * 1024;

const MAX_KEYS: usize = 100;
