//! An optional, bounded cache of verified signatures of key pairs.
//!
//! It stores one fact, which never changes: this key made this signature over these bytes. Expiry, audience, revocation and
//! whether the key is still trusted are checked on every call.

use std::collections::HashSet;
use std::mem;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use crate::error::ConfigError;
use crate::key::VerifyingKey;
use crate::random::random_bytes;

/// A hash of a key and a token. It begins with a secret, so that an attacker cannot predict it.
type CacheKey = [u8; 32];

pub(super) struct SignatureCache {
    /// The state of the hash after the secret, which fills one block.
    salted: Sha256,
    /// Selected by the first byte of the cache key, so that threads rarely wait for each other.
    shards: [Mutex<Generations>; SHARDS],
    /// The maximum size of one generation in one shard.
    most: usize,
}

/// Two generations: when the young one is full it replaces the old one, whose entries are evicted.
#[derive(Default)]
struct Generations {
    young: HashSet<CacheKey>,
    old: HashSet<CacheKey>,
}

impl SignatureCache {
    /// Creates a cache of about `tokens` tokens.
    pub(super) fn new(tokens: usize) -> Result<Self, ConfigError> {
        let [least, most] = TOKENS;
        ConfigError::number_within("remember_signatures", tokens, least, most)?;
        let salt = random_bytes::<64>().map_err(|_| ConfigError::Randomness)?;
        let salted = Sha256::new_with_prefix(salt);
        let most = tokens.div_ceil(2 * SHARDS).max(1);
        Ok(Self { salted, shards: Default::default(), most })
    }

    /// Returns whether `key` signed the message. Calls `verify` on a miss, and caches valid signatures only.
    pub(super) fn verifies(
        &self,
        key: &VerifyingKey,
        [message, signature]: [&str; 2],
        verify: impl FnOnce() -> bool,
    ) -> bool {
        let hash = self.salted.clone().chain_update(key.number().to_be_bytes()).chain_update(message);
        // The signature contains no dot, so the last dot separates the two unambiguously.
        let cache_key: CacheKey = hash.chain_update(".").chain_update(signature).finalize().into();
        let [first, ..] = cache_key;
        let Some(shard) = self.shards.get(usize::from(first) % SHARDS) else {
            return verify();
        };
        // A thread that panicked while it held the lock left only valid signatures.
        if shard.lock().unwrap_or_else(PoisonError::into_inner).contains(&cache_key) {
            return true;
        }
        let is_valid = verify();
        if is_valid {
            shard.lock().unwrap_or_else(PoisonError::into_inner).add(cache_key, self.most);
        }
        is_valid
    }
}

impl Generations {
    fn contains(&self, key: &CacheKey) -> bool {
        self.young.contains(key) || self.old.contains(key)
    }

    fn add(&mut self, key: CacheKey, most: usize) {
        if self.young.len() >= most {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(key);
    }
}

const SHARDS: usize = 16;
/// The bounds of the number of tokens. The upper one takes 100 MB.
const TOKENS: [usize; 2] = [1, 1_000_000];
