//! `KeyRing`: one key signs, all keys verify. Keys are added and removed while tokens are verified.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use arc_swap::{ArcSwap, Guard};

use super::{Algorithm, SigningKey, TokenType, VerifyingKey};
use crate::clock::Timestamp;
use crate::error::{ConfigError, InvalidReason};

/// The keys of a token manager or of an issuer. One key signs, all keys verify, and a token's `kid` selects the key.
///
/// Clones share their keys: a change to one is visible in all of them at once. Verification never waits for a change.
/// The methods address a key without an id as `""`.
///
/// # Examples
///
/// This replaces a key and logs out no user: add the new key on every node, promote it, and retire the old key once it
/// signs no more tokens.
///
/// ```
/// use gatevault::{KeyRing, Payload, SigningKey, TokenManager};
///
/// let ring = KeyRing::new(SigningKey::hs256([7; 32])?.with_id("2026-11")?);
/// let tokens = TokenManager::builder().key_ring(ring.clone()).build()?;
/// let before = tokens.create_access_token(&Payload::new(42))?;
///
/// ring.add(SigningKey::hs256([8; 32])?.with_id("2026-12")?)?;
/// ring.promote("2026-12")?;
/// tokens.retire_key("2026-11")?;
///
/// let after = tokens.create_access_token(&Payload::new(42))?;
/// assert!(tokens.decode_access_token::<Payload>(&before).is_ok());
/// assert!(tokens.decode_access_token::<Payload>(&after).is_ok());
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Clone)]
pub struct KeyRing {
    pub(super) shared: Arc<RingState>,
}

/// The state that the clones of a ring share.
pub(super) struct RingState {
    keys: ArcSwap<KeySnapshot>,
    /// Serializes changes. Readers do not take it.
    writer: Mutex<()>,
    source: Option<Box<dyn KeySource>>,
}

/// Supplies the keys of a ring that are not added by hand.
pub(super) trait KeySource: Send + Sync {
    /// Reports that a key is missing. Returns whether it may arrive soon. Guards call this, so it must not block.
    fn missed(&self) -> bool;
}

/// A key for a [`KeyRing`], made from a [`SigningKey`] or a [`VerifyingKey`].
#[derive(Debug, Clone)]
pub struct RingKey {
    verifying: VerifyingKey,
    signing: Option<SigningKey>,
    /// The time from which its tokens are refused.
    pub(super) until: Option<Timestamp>,
}

/// The keys of a ring at one point in time. The key that signs, if there is one, is the first.
#[derive(Clone, Default)]
pub(crate) struct KeySnapshot {
    signs: bool,
    keys: Vec<RingKey>,
}

impl KeyRing {
    /// Creates a ring with one key, which signs.
    #[must_use]
    pub fn new(key: SigningKey) -> Self {
        Self::from_keys(KeySnapshot { signs: true, keys: vec![key.into()] }, None)
    }

    /// Creates a ring of keys that verify tokens of others. It signs nothing until a key is promoted.
    ///
    /// # Errors
    ///
    /// [`ConfigError::RepeatedKey`] for two keys with one id.
    pub fn verifying(keys: impl IntoIterator<Item = VerifyingKey>) -> Result<Self, ConfigError> {
        Ok(Self::from_keys(KeySnapshot::verifying(keys.into_iter().map(RingKey::from))?, None))
    }

    /// Adds a key, which verifies from now on. A [`SigningKey`] can be [promoted](Self::promote) later.
    ///
    /// # Errors
    ///
    /// [`ConfigError::RepeatedKey`] if a key of this ring has the same id.
    pub fn add(&self, key: impl Into<RingKey>) -> Result<(), ConfigError> {
        self.change(|keys| keys.add(key.into()))
    }

    /// Promotes a key of this ring to the signing key. The previous one still verifies until it is
    /// [retired](crate::TokenManager::retire_key).
    ///
    /// # Errors
    ///
    /// [`ConfigError::UnknownKey`], and [`ConfigError::CannotSign`] for a key that only verifies.
    pub fn promote(&self, id: &str) -> Result<(), ConfigError> {
        self.change(|keys| keys.promote(id))
    }

    /// Sets the time until which a key verifies.
    /// [`TokenManager::retire_key`](crate::TokenManager::retire_key) computes it from the expiry of the key's tokens.
    ///
    /// # Errors
    ///
    /// [`ConfigError::UnknownKey`], and [`ConfigError::KeyInUse`] for the signing key.
    pub fn retire(&self, id: &str, until: SystemTime) -> Result<(), ConfigError> {
        let until =
            Timestamp::from_system_time(until).ok_or(ConfigError::TimeOutOfBounds { setting: "retire" })?;
        self.retire_at(id, until)
    }

    /// Removes a key at once. Its tokens are refused from now on. Use it when a key has leaked.
    ///
    /// # Errors
    ///
    /// [`ConfigError::UnknownKey`], and [`ConfigError::KeyInUse`] for the signing key.
    pub fn remove(&self, id: &str) -> Result<(), ConfigError> {
        self.change(|keys| keys.removable(id).map(|position| drop(keys.keys.remove(position))))
    }

    /// Returns the verifying halves of all keys, retired keys included. The signing key comes first.
    #[must_use]
    pub fn verifying_keys(&self) -> Vec<VerifyingKey> {
        self.load().keys.iter().map(|key| key.verifying.clone()).collect()
    }

    /// Sets the time until which a key verifies.
    pub(crate) fn retire_at(&self, id: &str, until: Timestamp) -> Result<(), ConfigError> {
        self.change(|keys| {
            let position = keys.removable(id)?;
            keys.keys.iter_mut().skip(position).take(1).for_each(|key| key.until = Some(until));
            Ok(())
        })
    }

    /// Returns the current keys. The snapshot does not change while it is held.
    pub(crate) fn load(&self) -> Guard<Arc<KeySnapshot>> {
        self.shared.keys.load()
    }

    /// Reports that a key is missing. Returns whether it may arrive soon: a fetch is pending, or no key is current.
    pub(crate) fn missed(&self, now: Timestamp) -> bool {
        let is_empty = || self.load().current(now).next().is_none();
        self.shared.source.as_ref().is_some_and(|source| source.missed() || is_empty())
    }

    /// Creates a ring with these keys, and with the source of later ones.
    pub(super) fn from_keys(keys: KeySnapshot, source: Option<Box<dyn KeySource>>) -> Self {
        let keys = ArcSwap::from_pointee(keys);
        Self { shared: Arc::new(RingState { keys, writer: Mutex::new(()), source }) }
    }

    /// Applies a change to a copy of the keys and publishes the copy if the change succeeds.
    pub(super) fn change(
        &self,
        change: impl FnOnce(&mut KeySnapshot) -> Result<(), ConfigError>,
    ) -> Result<(), ConfigError> {
        // A poisoned lock is safe to use: a change that panicked has published nothing.
        let _writer = self.shared.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut keys = KeySnapshot::clone(&self.load());
        change(&mut keys)?;
        self.shared.keys.store(Arc::new(keys));
        Ok(())
    }
}

impl KeySnapshot {
    /// Creates a snapshot in which no key signs.
    pub(super) fn verifying(all: impl IntoIterator<Item = RingKey>) -> Result<Self, ConfigError> {
        let mut keys = Self::default();
        all.into_iter().try_for_each(|key| keys.add(key))?;
        Ok(keys)
    }

    /// Returns the key that signs new tokens.
    pub(crate) fn signing(&self) -> Option<&SigningKey> {
        self.keys.first().filter(|_| self.signs)?.signing.as_ref()
    }

    /// Finds the key that has the header of `message` among its precomputed ones. Returns the key, the type that the
    /// header names, and the encoded claims.
    pub(crate) fn recognize<'m>(
        &self,
        message: &'m str,
        now: Timestamp,
    ) -> Option<(&VerifyingKey, TokenType, &'m str)> {
        self.current(now).find_map(|key| {
            let (token_type, claims) = key.headers().recognize(message)?;
            Some((key, token_type, claims))
        })
    }

    /// Finds the key for a parsed header: the key with its `kid`, or else a key of its algorithm without an id, or
    /// else, if the header has no `kid`, the only key. The key must have the algorithm `alg` (RFC 8725 section 3.1).
    pub(crate) fn find(
        &self,
        kid: Option<&str>,
        alg: &str,
        now: Timestamp,
    ) -> Result<&VerifyingKey, InvalidReason> {
        let is_of_algorithm = |key: &&VerifyingKey| key.algorithm().name() == alg;
        if let Some(key) = self.current(now).find(|key| kid.is_some() && key.id() == kid) {
            return Some(key).filter(is_of_algorithm).ok_or(InvalidReason::Algorithm);
        }
        let mut nameless = self.current(now).filter(|key| key.id().is_none()).peekable();
        if nameless.peek().is_some() {
            return nameless.find(is_of_algorithm).ok_or(InvalidReason::Algorithm);
        }
        let mut all = self.current(now);
        match (kid, all.next(), all.next()) {
            (None, Some(key), None) => Some(key).filter(is_of_algorithm).ok_or(InvalidReason::Algorithm),
            _ => Err(InvalidReason::KeyId),
        }
    }

    /// Returns the keys that verify at `now`.
    pub(crate) fn current(&self, now: Timestamp) -> impl Iterator<Item = &VerifyingKey> {
        let is_current = move |key: &&RingKey| key.until.is_none_or(|until| now < until);
        self.keys.iter().filter(is_current).map(|key| &key.verifying)
    }

    fn add(&mut self, key: RingKey) -> Result<(), ConfigError> {
        // The algorithm distinguishes keys without an id: some issuers publish no ids.
        let identity = |key: &RingKey| -> (Option<String>, Option<Algorithm>) {
            let id = key.verifying.id().map(str::to_owned);
            let algorithm = id.is_none().then_some(key.verifying.algorithm());
            (id, algorithm)
        };
        if self.keys.iter().any(|other| identity(other) == identity(&key)) {
            return Err(ConfigError::RepeatedKey { id: key.id().to_owned() });
        }
        self.keys.push(key);
        Ok(())
    }

    fn promote(&mut self, id: &str) -> Result<(), ConfigError> {
        let position = self.position(id)?;
        let mut key = self.keys.remove(position);
        if key.signing.is_none() {
            return Err(ConfigError::CannotSign { id: id.to_owned() });
        }
        // A retired key that signs again is no longer retired.
        key.until = None;
        self.keys.insert(0, key);
        self.signs = true;
        Ok(())
    }

    /// Returns the position of a key that may be removed or retired, which excludes the signing key.
    fn removable(&self, id: &str) -> Result<usize, ConfigError> {
        match self.position(id)? {
            0 if self.signs => Err(ConfigError::KeyInUse { id: id.to_owned() }),
            position => Ok(position),
        }
    }

    fn position(&self, id: &str) -> Result<usize, ConfigError> {
        let position = self.keys.iter().position(|key| key.id() == id);
        position.ok_or_else(|| ConfigError::UnknownKey { id: id.to_owned() })
    }
}

impl RingKey {
    fn id(&self) -> &str {
        self.verifying.id().unwrap_or_default()
    }
}

impl From<SigningKey> for RingKey {
    fn from(key: SigningKey) -> Self {
        Self { verifying: key.verifying_key().clone(), signing: Some(key), until: None }
    }
}

impl From<VerifyingKey> for RingKey {
    fn from(verifying: VerifyingKey) -> Self {
        Self { verifying, signing: None, until: None }
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.load();
        f.debug_struct("KeyRing")
            .field("signing", &keys.signing())
            .field("verifying", &self.verifying_keys())
            .finish()
    }
}
