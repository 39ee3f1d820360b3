//! `KeySnapshot`: the keys of a ring at one point in time, and the choice among them.

use std::sync::OnceLock;

use super::index::KeyIndex;
use super::ring::RingKey;
use super::{Algorithm, SigningKey, SkippedKey, TokenType, VerifyingKey};
use crate::clock::Timestamp;
use crate::error::{ConfigError, InvalidReason, excerpt};

/// The keys of a ring at one point in time. The key that signs, if there is one, is the first.
#[derive(Default)]
pub(crate) struct KeySnapshot {
    signs: bool,
    keys: Vec<RingKey>,
    /// The keys of a fetched set that cannot be used.
    skipped: Vec<SkippedKey>,
    index: OnceLock<KeyIndex>,
    has_repeated_ids: OnceLock<bool>,
}

/// The members of a header that select a key.
pub(crate) struct KeyHint<'h> {
    pub(crate) alg: &'h str,
    pub(crate) kid: Option<&'h str>,
    /// The `x5t` and the `x5t#S256` (RFC 7515 sections 4.1.7 and 4.1.8).
    pub(crate) thumbprints: [Option<&'h str>; 2],
}

impl KeySnapshot {
    /// Creates a snapshot with one key, which signs.
    pub(super) fn signing_with(key: SigningKey) -> Self {
        Self { signs: true, keys: vec![key.into()], ..Self::default() }
    }

    /// Creates a snapshot of the keys of another issuer, in which no key signs. Several may have one id.
    pub(super) fn of_issuer(keys: impl IntoIterator<Item = RingKey>, skipped: Vec<SkippedKey>) -> Self {
        Self { keys: keys.into_iter().collect(), skipped, ..Self::default() }
    }

    /// Returns the key that signs new tokens.
    pub(crate) fn signing(&self) -> Option<&SigningKey> {
        self.keys.first().filter(|_| self.signs)?.signing()
    }

    /// Finds the key that has the header of `message` among its precomputed ones. Returns the key, the type that the
    /// header names, and the encoded claims.
    pub(crate) fn recognize<'m>(
        &self,
        message: &'m str,
        now: Timestamp,
    ) -> Option<(&VerifyingKey, TokenType, &'m str)> {
        let recognize = |key: &'_ RingKey| key.verifying().headers().recognize(message);
        let found = |key: &&RingKey| key.is_current(now);
        if self.keys.len() <= FEW {
            return self.keys.iter().filter(found).find_map(|key| {
                let (token_type, claims) = recognize(key)?;
                Some((key.verifying(), token_type, claims))
            });
        }
        let header = message.get(..=memchr::memchr(b'.', message.as_bytes())?)?;
        self.at(self.index().of_header(header)).filter(found).find_map(|key| {
            let (token_type, claims) = recognize(key)?;
            Some((key.verifying(), token_type, claims))
        })
    }

    /// Finds the keys that may have signed a token with this header, each with the algorithm of the signature.
    ///
    /// They are the keys with its `kid`; or else those without an id; or else, if the header has no `kid`, the one with its
    /// thumbprint or the only one. A key must serve the algorithm that the header names (RFC 8725 section 3.1).
    pub(crate) fn find(
        &self,
        hint: &KeyHint<'_>,
        now: Timestamp,
    ) -> Result<Vec<(&VerifyingKey, Algorithm)>, InvalidReason> {
        if hint.kid.is_some() {
            let named: Vec<_> = self.with_id(hint.kid, now).collect();
            if !named.is_empty() {
                return serving(named, hint.alg);
            }
            if let Some(reason) = self.skipped_reason(hint.kid) {
                return Err(reason);
            }
        }
        let nameless: Vec<_> = self.with_id(None, now).collect();
        if !nameless.is_empty() {
            return serving(nameless, hint.alg);
        }
        if hint.kid.is_some() {
            return Err(InvalidReason::KeyId);
        }
        self.find_without_id(hint, now)
    }

    /// Finds the key of a header without `kid`, in a ring in which every key has an id.
    fn find_without_id(
        &self,
        hint: &KeyHint<'_>,
        now: Timestamp,
    ) -> Result<Vec<(&VerifyingKey, Algorithm)>, InvalidReason> {
        let all: Vec<_> = self.current(now).collect();
        if all.is_empty() {
            return Err(InvalidReason::KeyId);
        }
        let has_thumbprint =
            |key: &&VerifyingKey| hint.thumbprints.iter().flatten().any(|x5t| key.has_thumbprint(x5t));
        let certified: Vec<_> = all.iter().copied().filter(has_thumbprint).collect();
        if !certified.is_empty() {
            return serving(certified, hint.alg);
        }
        let candidates = serving(all, hint.alg)?;
        if candidates.len() == 1 {
            return Ok(candidates);
        }
        Err(InvalidReason::NoKeyId { algorithm: excerpt(hint.alg), candidates: candidates.len() })
    }

    /// Returns whether two keys have one id, or none, so that a token may be signed with either.
    pub(crate) fn has_repeated_ids(&self) -> bool {
        *self.has_repeated_ids.get_or_init(|| {
            let mut ids: Vec<_> = self.keys.iter().map(|key| key.verifying().id()).collect();
            ids.sort_unstable();
            ids.windows(2).any(|pair| pair.first() == pair.last())
        })
    }

    /// Returns the keys that verify at `now`.
    pub(crate) fn current(&self, now: Timestamp) -> impl Iterator<Item = &VerifyingKey> {
        self.keys.iter().filter(move |key| key.is_current(now)).map(RingKey::verifying)
    }

    /// Returns all keys.
    pub(super) fn keys(&self) -> &[RingKey] {
        &self.keys
    }

    /// Returns the current keys with this id, or without one.
    fn with_id<'k>(&'k self, id: Option<&str>, now: Timestamp) -> impl Iterator<Item = &'k VerifyingKey> {
        let few = (self.keys.len() <= FEW).then_some(self.keys.iter());
        let indexed = few.is_none().then(|| self.at(self.index().of_id(id)));
        few.into_iter()
            .flatten()
            .chain(indexed.into_iter().flatten())
            .filter(move |key| key.is_current(now) && key.verifying().id() == id)
            .map(RingKey::verifying)
    }

    fn at<'k>(&'k self, positions: &'k [usize]) -> impl Iterator<Item = &'k RingKey> {
        positions.iter().filter_map(|position| self.keys.get(*position))
    }

    fn index(&self) -> &KeyIndex {
        self.index.get_or_init(|| KeyIndex::new(&self.keys))
    }

    /// Returns the error for a key of the fetched set that was skipped.
    fn skipped_reason(&self, kid: Option<&str>) -> Option<InvalidReason> {
        let skipped = self.skipped.iter().find(|skipped| skipped.id.as_deref() == kid)?;
        let id = excerpt(kid.unwrap_or_default());
        Some(InvalidReason::KeySkipped { id, reason: Box::new(skipped.reason.clone()) })
    }

    /// Creates a copy for a change.
    pub(super) fn to_changed(&self) -> Self {
        let (keys, skipped) = (self.keys.clone(), self.skipped.clone());
        Self { signs: self.signs, keys, skipped, ..Self::default() }
    }

    /// Adds a key with an id of its own. The algorithm distinguishes keys without an id: some issuers publish no ids.
    pub(super) fn add(&mut self, key: RingKey) -> Result<(), ConfigError> {
        let is_same = |other: &RingKey| {
            let [this, other] = [&key, other].map(RingKey::verifying);
            this.id() == other.id() && (this.id().is_some() || this.algorithm() == other.algorithm())
        };
        if self.keys.iter().any(is_same) {
            return Err(ConfigError::RepeatedKey { id: key.id().to_owned() });
        }
        self.keys.push(key);
        Ok(())
    }

    /// Promotes the key with this id. Of several without an id, it is one that does not sign yet.
    pub(super) fn promote(&mut self, id: &str) -> Result<(), ConfigError> {
        let is_in_use = self.is_in_use(id)?;
        let may_sign = |key: &RingKey| key.id() == id && key.signing().is_some();
        let mut others = self.keys.iter().enumerate().skip(usize::from(self.signs));
        let Some((position, _)) = others.find(|(_, key)| may_sign(key)) else {
            return if is_in_use { Ok(()) } else { Err(ConfigError::CannotSign { id: id.to_owned() }) };
        };
        let mut key = self.keys.remove(position);
        // A retired key that signs again is no longer retired.
        key.until = None;
        self.keys.insert(0, key);
        self.signs = true;
        Ok(())
    }

    /// Retires every key with this id.
    pub(super) fn retire(&mut self, id: &str, until: Timestamp) -> Result<(), ConfigError> {
        self.check_removable(id)?;
        self.keys.iter_mut().filter(|key| key.id() == id).for_each(|key| key.until = Some(until));
        Ok(())
    }

    /// Removes every key with this id: a leaked key pair may be in the ring for several algorithms.
    pub(super) fn remove(&mut self, id: &str) -> Result<(), ConfigError> {
        self.check_removable(id)?;
        self.keys.retain(|key| key.id() != id);
        Ok(())
    }

    /// Removes the keys that no longer verify at `now`.
    pub(super) fn remove_expired(&mut self, now: Timestamp) {
        self.keys.retain(|key| key.is_current(now));
    }

    /// Rejects an id that no key has, and that of the signing key, which is neither removed nor retired.
    fn check_removable(&self, id: &str) -> Result<(), ConfigError> {
        if self.is_in_use(id)? { Err(ConfigError::KeyInUse { id: id.to_owned() }) } else { Ok(()) }
    }

    /// Returns whether the key that signs has this id. Rejects an id that no key has.
    fn is_in_use(&self, id: &str) -> Result<bool, ConfigError> {
        let position = self.keys.iter().position(|key| key.id() == id);
        let position = position.ok_or_else(|| ConfigError::UnknownKey { id: id.to_owned() })?;
        Ok(self.signs && position == 0)
    }
}

/// Returns the keys that serve the algorithm a header names, each with it.
fn serving<'k>(
    keys: Vec<&'k VerifyingKey>,
    alg: &str,
) -> Result<Vec<(&'k VerifyingKey, Algorithm)>, InvalidReason> {
    let serve = |key: &'k VerifyingKey| Some((key, key.algorithm_for(alg)?));
    let serving: Vec<_> = keys.into_iter().filter_map(serve).collect();
    if serving.is_empty() { Err(InvalidReason::Algorithm) } else { Ok(serving) }
}

/// The number of keys up to which a search is faster than an index.
const FEW: usize = 4;
