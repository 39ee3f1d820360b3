//! JWK sets: public keys for publication (RFC 7517 section 5).

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::vec;

use serde_json::Value;

use super::input_json::{self, A_SET, Reader};
use super::invalid_key::invalid_key;
use super::jwk::Jwk;
use super::thumbprints;
use crate::error::{ConfigError, quoted};
use crate::key::{KeyRing, RingKey, SkippedKey, VerifyingKey};

/// A set of public keys in JSON: keys of another issuer that verify its tokens, or your own keys for publication.
///
/// # Examples
///
/// ```
/// use gatevault::{JwkSet, KeyRing};
///
/// let json = r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "2026-11",
///     "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
/// let ring = KeyRing::from(JwkSet::from_json(json)?);
/// assert!(ring.public_keys().to_json().contains("2026-11"));
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct JwkSet {
    keys: Vec<VerifyingKey>,
    skipped: Vec<SkippedKey>,
}

impl JwkSet {
    /// Reads a key set and keeps the keys that can verify tokens. Others are [skipped](Self::skipped), as RFC 7517
    /// section 5 recommends: keys of another type, use, algorithm or curve, short keys, private keys, secrets, malformed
    /// members, and every key after the first hundred usable ones.
    ///
    /// An id can be repeated: an issuer may publish one key for two algorithms, or the next key under the id of the
    /// current one. A key that is listed twice is one key.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidKey`] for input that is not a key set, is longer than a mebibyte, or has no usable key. In the
    /// last case it says of the first keys why they are not usable.
    pub fn from_json(json: &str) -> Result<Self, ConfigError> {
        if json.len() > MAX_BYTES {
            return Err(invalid_key(Reader::JwkSet.name(), "more than a mebibyte of JSON", A_SET));
        }
        let members = input_json::members(json)?.into_iter().map(|member| {
            let strict = input_json::strict(member, Reader::JwkSet);
            let id = match &strict {
                Ok(value) => kid(value),
                Err(_) => serde_json::from_str(member).ok().as_ref().and_then(kid),
            };
            (id, strict.and_then(|value| Jwk::new(value, Reader::JwkSet.name())))
        });
        Self::read(members, Reader::JwkSet.name())
    }

    /// Reads the members of a set, each with its `kid`.
    pub(super) fn read(
        members: impl Iterator<Item = (Option<String>, Result<Jwk, ConfigError>)>,
        given_to: &'static str,
    ) -> Result<Self, ConfigError> {
        let mut set = Self::default();
        let mut known = HashMap::new();
        let mut skipped: usize = 0;
        for (id, member) in members {
            let key = if set.keys.len() < MAX_KEYS {
                member.and_then(|jwk| published(&jwk))
            } else {
                Err(invalid_key(given_to, "a key after the first hundred usable ones", "fewer keys"))
            };
            match key {
                Ok(key) => set.insert(key, &mut known),
                Err(reason) => {
                    skipped = skipped.saturating_add(1);
                    set.skip(SkippedKey { id, reason });
                }
            }
        }
        if set.keys.is_empty() {
            return Err(invalid_key(given_to, unusable(&set.skipped, skipped), A_SET));
        }
        Ok(set)
    }

    /// Adds a key, unless the set has it already. `known` has the position of each key by its JWK.
    fn insert(&mut self, key: VerifyingKey, known: &mut HashMap<Option<String>, usize>) {
        match known.entry(key.to_jwk()) {
            Entry::Occupied(position) => {
                if let Some(same) = self.keys.get_mut(*position.get()) {
                    thumbprints::add(&mut same.thumbprints, &key.thumbprints);
                }
            }
            Entry::Vacant(position) => {
                position.insert(self.keys.len());
                self.keys.push(key);
            }
        }
    }

    /// Records a skipped key, if there is room: a mebibyte can hold half a million.
    fn skip(&mut self, key: SkippedKey) {
        if self.skipped.len() < MAX_SKIPPED {
            self.skipped.push(key);
        }
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

    /// Returns the keys that were skipped when the set was read, with the reasons: the first hundred.
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

/// A ring of the keys of a set. A token of a key that was skipped is refused with the reason.
impl From<JwkSet> for KeyRing {
    fn from(set: JwkSet) -> Self {
        Self::of_issuer(set.keys.into_iter().map(RingKey::from), set.skipped)
    }
}

/// Public keys in JSON (feature `asymmetric`).
impl KeyRing {
    /// Returns the public keys of the ring for publication: those that verify now. HMAC keys are left out.
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

/// Returns the `kid` of a member, for the list of skipped keys.
fn kid(member: &Value) -> Option<String> {
    member.get("kid").and_then(Value::as_str).map(str::to_owned)
}

/// Describes a set without a usable key, with the reasons of the first keys.
fn unusable(skipped: &[SkippedKey], count: usize) -> String {
    let reason = |(position, key): (usize, &SkippedKey)| {
        let name = match &key.id {
            Some(id) => quoted(id),
            None => format!("{} (no `kid`)", position.saturating_add(1)),
        };
        let reason = match &key.reason {
            ConfigError::InvalidKey { found, .. } => found.clone(),
            other => other.to_string(),
        };
        format!("key {name} is {reason}")
    };
    let mut reasons: Vec<_> = skipped.iter().enumerate().take(LISTED).map(reason).collect();
    match count.saturating_sub(reasons.len()) {
        0 if count == 0 => return "a JWK set without keys".to_owned(),
        0 => {}
        more => reasons.push(format!("and {more} more")),
    }
    format!("a JWK set without a usable key ({})", reasons.join("; "))
}

const MAX_BYTES: usize = 1024 * 1024;

const MAX_KEYS: usize = 100;

/// Skipped keys that are listed.
const MAX_SKIPPED: usize = 100;

/// Skipped keys that an error describes.
const LISTED: usize = 5;
