//! Public keys as they are published and fetched (RFC 7517 section 5).

use std::vec;

use serde_json::Value;

use super::jwk::Jwk;
use super::refusal::refusal;
use crate::error::ConfigError;
use crate::json::Strict;
use crate::key::{KeyRing, VerifyingKey};

/// Public keys in JSON: those of another issuer, to verify its tokens with, or one's own, to be published.
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

/// A key of a set that nothing can be verified with here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SkippedKey {
    /// Its `kid`, if it has one.
    pub id: Option<String>,
    /// Why it was passed over.
    pub reason: ConfigError,
}

impl JwkSet {
    /// Reads the keys that tokens can be verified with. Others are [passed over](Self::skipped), as RFC 7517 section 5
    /// wants it: of another type, use, algorithm or curve, too short, private or secret.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidKey`] for what is no key set, has more than a hundred keys or a mebibyte of text, or
    /// holds no key that can be used; [`ConfigError::RepeatedKey`] for two that can be, under one id.
    pub fn from_json(json: &str) -> Result<Self, ConfigError> {
        let refuse = |found| refusal(GIVEN_TO, found, A_SET);
        if json.len() > LONGEST_TEXT {
            return Err(refuse("more than a mebibyte of text"));
        }
        let Strict::<Value>(mut set) = serde_json::from_str(json).map_err(|_| refuse("what is no JSON"))?;
        let Some(Value::Array(members)) = set.get_mut("keys").map(Value::take) else {
            return Err(refuse("JSON without a list of `keys`"));
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
        if members.len() > MOST_KEYS {
            return Err(refusal(given_to, "more than a hundred keys", A_SET));
        }
        let mut set = Self::default();
        for (id, member) in members {
            match member.and_then(|jwk| published(&jwk)) {
                Ok(key) => set.keys.push(key),
                Err(reason) => set.skipped.push(SkippedKey { id, reason }),
            }
        }
        if set.keys.is_empty() {
            return Err(refusal(given_to, "a JWK set without a key that can be used", A_SET));
        }
        // What a ring finds repeated is so in a set.
        KeyRing::verifying(set.keys.iter().cloned()).map(|_| set)
    }

    /// A set of these keys, to be published. Keys for HMAC are left out: they are secrets.
    #[must_use]
    pub fn of(keys: impl IntoIterator<Item = VerifyingKey>) -> Self {
        let keys = keys.into_iter().filter(|key| key.to_jwk().is_some()).collect();
        Self { keys, skipped: Vec::new() }
    }

    /// The keys that verify.
    #[must_use]
    pub fn keys(&self) -> &[VerifyingKey] {
        &self.keys
    }

    /// The keys that were passed over when the set was read, and why.
    #[must_use]
    pub fn skipped(&self) -> &[SkippedKey] {
        &self.skipped
    }

    /// The set as it is published; it has no private member and no secret.
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
    /// The public keys of the ring as they are now, to be published; keys for HMAC are not among them.
    #[must_use]
    pub fn public_keys(&self) -> JwkSet {
        JwkSet::of(self.verifying_keys())
    }
}

/// A key out of a set that anybody may have read.
fn published(jwk: &Jwk) -> Result<VerifyingKey, ConfigError> {
    if jwk.is_secret() {
        return Err(jwk.refuse("a published secret", "public keys only"));
    }
    jwk.verifying_key()
}

const GIVEN_TO: &str = "JwkSet::from_json";

const A_SET: &str = "a JWK set with a public key of RSA, EC or Ed25519";

const LONGEST_TEXT: usize = 1024 * 1024;

const MOST_KEYS: usize = 100;
