//! `KeyRing`: one key signs, all keys verify. Keys are added and removed while tokens are verified.

use std::fmt;
use std::hash::BuildHasher as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use arc_swap::{ArcSwap, Guard};
use foldhash::quality::RandomState;

use super::policy::{RingPolicy, ShortKey};
use super::snapshot::KeySnapshot;
use super::{SigningKey, SkippedKey, VerifyingKey};
use crate::clock::{Clock, Timestamp};
use crate::error::{ConfigError, Warning};
use crate::event::{Decision, Event, KeyRingChange};

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
    /// The settings of the managers. The lock also serializes changes; readers do not take it.
    policy: Mutex<RingPolicy>,
    source: Option<Box<dyn KeySource>>,
    /// Seeded per ring, so that an attacker cannot choose ids that collide.
    hasher: RandomState,
}

/// Supplies the keys of a ring that are not added by hand.
pub(super) trait KeySource: Send + Sync {
    /// Reports that the key for a token is missing. `wanted` is a hash of what the token names. Returns whether a fetch
    /// may bring the key. Guards call this, so it must not wait.
    fn missed(&self, wanted: u64) -> bool;
}

/// A key for a [`KeyRing`], made from a [`SigningKey`] or a [`VerifyingKey`].
#[derive(Debug, Clone)]
pub struct RingKey {
    verifying: VerifyingKey,
    signing: Option<SigningKey>,
    /// The time from which its tokens are refused.
    pub(super) until: Option<Timestamp>,
}

impl KeyRing {
    /// Creates a ring with one key, which signs.
    #[must_use]
    pub fn new(key: SigningKey) -> Self {
        Self::from_keys(KeySnapshot::signing_with(key), None)
    }

    /// Creates a ring of keys that verify tokens of others. It signs nothing until a key is promoted.
    ///
    /// Several key pairs may have one id, as in the sets of some issuers: each that serves the algorithm of a token is tried.
    ///
    /// # Errors
    ///
    /// [`ConfigError::RepeatedKey`] for two secrets with one id.
    pub fn verifying(keys: impl IntoIterator<Item = VerifyingKey>) -> Result<Self, ConfigError> {
        let mut secrets = KeySnapshot::default();
        let keys: Vec<RingKey> = keys.into_iter().map(RingKey::from).collect();
        let is_secret = |key: &&RingKey| key.verifying.algorithm().is_symmetric();
        keys.iter().filter(is_secret).try_for_each(|key| secrets.add(key.clone()))?;
        Ok(Self::of_issuer(keys, Vec::new()))
    }

    /// Creates a ring of the keys in an issuer's set.
    pub(super) fn of_issuer(keys: impl IntoIterator<Item = RingKey>, skipped: Vec<SkippedKey>) -> Self {
        Self::from_keys(KeySnapshot::of_issuer(keys, skipped), None)
    }

    /// Adds a key, which verifies from now on. A [`SigningKey`] can be [promoted](Self::promote) later.
    ///
    /// # Errors
    ///
    /// [`ConfigError::RepeatedKey`] if a key of this ring has the same id, and [`ConfigError::ShortKey`] for a short secret if
    /// a manager of this ring [denies](crate::token::TokenManagerBuilder::deny_short_key) it.
    pub fn add(&self, key: impl Into<RingKey>) -> Result<(), ConfigError> {
        let key = key.into();
        let policy = self.policy();
        policy.judge(&key.verifying)?;
        let id = key.id().to_owned();
        self.change_under(&policy, |keys| keys.add(key))?;
        drop(policy);
        changed(KeyRingChange::Added, &id);
        Ok(())
    }

    /// Promotes a key of this ring to the signing key. The previous one still verifies until it is
    /// [retired](crate::TokenManager::retire_key).
    ///
    /// # Errors
    ///
    /// [`ConfigError::UnknownKey`], and [`ConfigError::CannotSign`] for a key that only verifies.
    pub fn promote(&self, id: &str) -> Result<(), ConfigError> {
        self.change(|keys| keys.promote(id))?;
        changed(KeyRingChange::Promoted, id);
        Ok(())
    }

    /// Sets the time until which a key verifies, or every key with this id. The next change of the ring drops it after that.
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

    /// Removes a key at once, or every key with this id. Its tokens are refused from now on. Use it when a key has leaked.
    ///
    /// # Errors
    ///
    /// [`ConfigError::UnknownKey`], and [`ConfigError::KeyInUse`] for the signing key.
    pub fn remove(&self, id: &str) -> Result<(), ConfigError> {
        self.change(|keys| keys.remove(id))?;
        changed(KeyRingChange::Removed, id);
        Ok(())
    }

    /// Returns the verifying halves of the keys that verify now. The signing key comes first.
    ///
    /// A retired key is left out after its end, by the clock of the ring's manager or else by the system's.
    #[must_use]
    pub fn verifying_keys(&self) -> Vec<VerifyingKey> {
        let now = self.policy().now();
        let is_current = |key: &&RingKey| now.map_or(key.until.is_none(), |now| key.is_current(now));
        self.load().keys().iter().filter(is_current).map(|key| key.verifying.clone()).collect()
    }

    /// Returns the warnings about the keys that verify now.
    pub(crate) fn warnings(&self) -> Vec<Warning> {
        self.verifying_keys().iter().filter_map(VerifyingKey::warning).collect()
    }

    /// Logs a warning for each weak key, or returns an error if weak keys are denied.
    pub(crate) fn judge(&self, short_key: ShortKey) -> Result<(), ConfigError> {
        self.load().keys().iter().try_for_each(|key| short_key.judge(&key.verifying))
    }

    /// Applies the settings of a manager to the keys that are added later. Those in the ring have been
    /// [judged](Self::judge).
    pub(crate) fn adopt(&self, clock: &Arc<dyn Clock>, short_key: ShortKey) {
        self.policy().adopt(clock, short_key);
    }

    /// Sets the time until which a key verifies.
    pub(crate) fn retire_at(&self, id: &str, until: Timestamp) -> Result<(), ConfigError> {
        self.change(|keys| keys.retire(id, until))?;
        changed(KeyRingChange::Retired, id);
        Ok(())
    }

    /// Returns the current keys. The snapshot does not change while it is held.
    pub(crate) fn load(&self) -> Guard<Arc<KeySnapshot>> {
        self.shared.keys.load()
    }

    /// Returns whether the keys are fetched from elsewhere.
    pub(crate) fn is_fetched(&self) -> bool {
        self.shared.source.is_some()
    }

    /// Reports that the key for a token is missing; `wanted` is its id, or else the signed part of the token. Returns whether
    /// the key may arrive soon: a fetch may bring it, or no key is current.
    pub(crate) fn missed(&self, wanted: &str, now: Timestamp) -> bool {
        let wanted = self.shared.hasher.hash_one(wanted);
        let is_empty = || self.load().current(now).next().is_none();
        self.shared.source.as_ref().is_some_and(|source| source.missed(wanted) || is_empty())
    }

    /// Creates a ring with these keys, and with the source of later ones.
    pub(super) fn from_keys(keys: KeySnapshot, source: Option<Box<dyn KeySource>>) -> Self {
        let keys = ArcSwap::from_pointee(keys);
        let (policy, hasher) = (Mutex::default(), RandomState::default());
        Self { shared: Arc::new(RingState { keys, policy, source, hasher }) }
    }

    /// Publishes these keys in place of the current ones. The lock on the policy keeps two changes apart.
    pub(super) fn publish(&self, keys: KeySnapshot, _lock: &RingPolicy) {
        self.shared.keys.store(Arc::new(keys));
    }

    fn change(
        &self,
        change: impl FnOnce(&mut KeySnapshot) -> Result<(), ConfigError>,
    ) -> Result<(), ConfigError> {
        self.change_under(&self.policy(), change)
    }

    /// Applies a change to a copy of the keys and publishes the copy if the change succeeds. Keys whose end is past are
    /// dropped.
    fn change_under(
        &self,
        policy: &RingPolicy,
        change: impl FnOnce(&mut KeySnapshot) -> Result<(), ConfigError>,
    ) -> Result<(), ConfigError> {
        let mut keys = self.load().to_changed();
        change(&mut keys)?;
        if let Some(now) = policy.now().filter(|_| policy.is_adopted()) {
            keys.remove_expired(now);
        }
        self.publish(keys, policy);
        Ok(())
    }

    /// Locks the policy, and with it the changes of the ring.
    pub(super) fn policy(&self) -> MutexGuard<'_, RingPolicy> {
        // A poisoned lock is safe to use: a change that panicked has published nothing.
        self.shared.policy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Emits the event of a change, after the lock is released: a sink may change the ring.
fn changed(change: KeyRingChange, id: &str) {
    Event::new(Decision::KeyRingChanged { change, key: id.to_owned() }).emit();
}

impl RingKey {
    pub(super) fn id(&self) -> &str {
        self.verifying.id().unwrap_or_default()
    }

    pub(super) fn verifying(&self) -> &VerifyingKey {
        &self.verifying
    }

    pub(super) fn signing(&self) -> Option<&SigningKey> {
        self.signing.as_ref()
    }

    /// Returns whether the key verifies at `now`.
    pub(super) fn is_current(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
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
