//! Several keys under one roof: one signs, all verify, and they come and go while tokens are being verified.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use arc_swap::{ArcSwap, Guard};

use super::{Algorithm, SigningKey, TokenType, VerifyingKey};
use crate::clock::Timestamp;
use crate::error::{ConfigError, InvalidReason};

/// The keys of a token manager or of an issuer. One key signs, all of them verify, and a token's `kid` says which.
///
/// Clones share their keys: what is done to one is done to all, at once, and verification never waits for it.
/// A key without an id is named `""` here.
///
/// # Examples
///
/// A key is replaced without logging anybody out: announced to every node first, then put to work, and the old
/// one retired once it signs nothing more.
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
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    keys: ArcSwap<Keys>,
    /// Held by whoever changes the keys; nobody else waits for it.
    changing: Mutex<()>,
    feed: Option<Box<dyn Feed>>,
}

/// Where the keys of a ring come from, if they are not put there by hand.
pub(super) trait Feed: Send + Sync {
    /// A key is missing: whether it may be there in a moment. Called by guards, so that it never waits.
    fn missed(&self) -> bool;
}

/// A key on its way into a [`KeyRing`], of either half.
#[derive(Debug, Clone)]
pub struct RingKey {
    verifying: VerifyingKey,
    signing: Option<SigningKey>,
    /// From when on its tokens are refused.
    pub(super) until: Option<Timestamp>,
}

/// The keys as they are at one moment. The one that signs, if there is one, is the first.
#[derive(Clone, Default)]
pub(crate) struct Keys {
    signs: bool,
    keys: Vec<RingKey>,
}

impl KeyRing {
    /// A ring of one key, which signs.
    #[must_use]
    pub fn new(key: SigningKey) -> Self {
        Self::from_keys(Keys { signs: true, keys: vec![key.into()] }, None)
    }

    /// A ring of keys that verify what others have signed; it signs nothing until a key is promoted.
    ///
    /// # Errors
    ///
    /// [`ConfigError::RepeatedKey`] for two keys with one id.
    pub fn verifying(keys: impl IntoIterator<Item = VerifyingKey>) -> Result<Self, ConfigError> {
        Ok(Self::from_keys(Keys::verifying(keys.into_iter().map(RingKey::from))?, None))
    }

    /// Adds a key that verifies from now on. A [`SigningKey`] can be [promoted](Self::promote) later.
    ///
    /// # Errors
    ///
    /// [`ConfigError::RepeatedKey`] when a key of this ring has the same id.
    pub fn add(&self, key: impl Into<RingKey>) -> Result<(), ConfigError> {
        self.change(|keys| keys.add(key.into()))
    }

    /// Makes a key of this ring the one that signs. The one before goes on verifying, until it is
    /// [retired](crate::TokenManager::retire_key).
    ///
    /// # Errors
    ///
    /// [`ConfigError::UnknownKey`], and [`ConfigError::CannotSign`] for the half of a key that only verifies.
    pub fn promote(&self, id: &str) -> Result<(), ConfigError> {
        self.change(|keys| keys.promote(id))
    }

    /// Keeps a key verifying until a moment and no longer;
    /// [`TokenManager::retire_key`](crate::TokenManager::retire_key) knows when its last token expires.
    ///
    /// # Errors
    ///
    /// [`ConfigError::UnknownKey`], and [`ConfigError::KeyInUse`] for the key that signs.
    pub fn retire(&self, id: &str, until: SystemTime) -> Result<(), ConfigError> {
        let until =
            Timestamp::from_system_time(until).ok_or(ConfigError::TimeOutOfBounds { setting: "retire" })?;
        self.retire_at(id, until)
    }

    /// Removes a key at once, whose tokens are refused from now on: what to do when a key has leaked.
    ///
    /// # Errors
    ///
    /// [`ConfigError::UnknownKey`], and [`ConfigError::KeyInUse`] for the key that signs.
    pub fn remove(&self, id: &str) -> Result<(), ConfigError> {
        self.change(|keys| keys.unused(id).map(|position| drop(keys.keys.remove(position))))
    }

    /// The halves that verify, the one of the key that signs first; those of retired keys included.
    #[must_use]
    pub fn verifying_keys(&self) -> Vec<VerifyingKey> {
        self.load().keys.iter().map(|key| key.verifying.clone()).collect()
    }

    pub(crate) fn retire_at(&self, id: &str, until: Timestamp) -> Result<(), ConfigError> {
        self.change(|keys| {
            let position = keys.unused(id)?;
            keys.keys.iter_mut().skip(position).take(1).for_each(|key| key.until = Some(until));
            Ok(())
        })
    }

    /// The keys of this moment, which stay what they are while they are held.
    pub(crate) fn load(&self) -> Guard<Arc<Keys>> {
        self.shared.keys.load()
    }

    /// A key is missing: whether it may be there in a moment, because where the keys come from is being asked, or
    /// because there are none at all yet, or any more.
    pub(crate) fn missed(&self, now: Timestamp) -> bool {
        let is_empty = || self.load().current(now).next().is_none();
        self.shared.feed.as_ref().is_some_and(|feed| feed.missed() || is_empty())
    }

    pub(super) fn from_keys(keys: Keys, feed: Option<Box<dyn Feed>>) -> Self {
        let keys = ArcSwap::from_pointee(keys);
        Self { shared: Arc::new(Shared { keys, changing: Mutex::new(()), feed }) }
    }

    pub(super) fn change(
        &self,
        change: impl FnOnce(&mut Keys) -> Result<(), ConfigError>,
    ) -> Result<(), ConfigError> {
        // A change that panicked has stored nothing.
        let _changing = self.shared.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut keys = Keys::clone(&self.load());
        change(&mut keys)?;
        self.shared.keys.store(Arc::new(keys));
        Ok(())
    }
}

impl Keys {
    /// Keys of which none signs.
    pub(super) fn verifying(all: impl IntoIterator<Item = RingKey>) -> Result<Self, ConfigError> {
        let mut keys = Self::default();
        all.into_iter().try_for_each(|key| keys.add(key))?;
        Ok(keys)
    }

    /// The key that signs new tokens.
    pub(crate) fn signing(&self) -> Option<&SigningKey> {
        self.keys.first().filter(|_| self.signs)?.signing.as_ref()
    }

    /// The key whose tokens begin as this message does, what the header says, and the claims behind it.
    pub(crate) fn recognise<'m>(
        &self,
        message: &'m str,
        now: Timestamp,
    ) -> Option<(&VerifyingKey, TokenType, &'m str)> {
        self.current(now).find_map(|key| {
            let (token_type, claims) = key.headers().recognise(message)?;
            Some((key, token_type, claims))
        })
    }

    /// The key for a header that was read: the one with its `kid`; else one of its algorithm that has no id; else,
    /// for a header without `kid`, the only one there is.
    ///
    /// The header's `alg` finds nothing that the key itself is not of (RFC 8725 section 3.1).
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

    pub(crate) fn current(&self, now: Timestamp) -> impl Iterator<Item = &VerifyingKey> {
        let is_current = move |key: &&RingKey| key.until.is_none_or(|until| now < until);
        self.keys.iter().filter(is_current).map(|key| &key.verifying)
    }

    fn add(&mut self, key: RingKey) -> Result<(), ConfigError> {
        // Keys of an issuer that gives no ids are told apart by their algorithms.
        let name = |key: &RingKey| -> (Option<String>, Option<Algorithm>) {
            let id = key.verifying.id().map(str::to_owned);
            let algorithm = id.is_none().then_some(key.verifying.algorithm());
            (id, algorithm)
        };
        if self.keys.iter().any(|other| name(other) == name(&key)) {
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
        // A key that signs again is retired no longer.
        key.until = None;
        self.keys.insert(0, key);
        self.signs = true;
        Ok(())
    }

    /// The place of a key that does not sign.
    fn unused(&self, id: &str) -> Result<usize, ConfigError> {
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
