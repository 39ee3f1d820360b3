//! Signatures of key pairs that were found good a while ago: a bounded memory, where a manager is asked to have one.
//!
//! It answers one question, whether this key made this signature over these bytes, whose answer never changes.
//! Expiry, audience, revocation and whether the key is still one of ours are judged anew on every call.

use std::collections::HashSet;
use std::mem;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use crate::error::InvalidReason;
use crate::key::VerifyingKey;
use crate::random::random_bytes;

/// A token under a key, as it is remembered: nobody finds out or provokes which, for the hash begins with a secret.
type Mark = [u8; 32];

pub(super) struct Seen {
    /// The state of the hash after the secret, which fills one block.
    salted: Sha256,
    /// By the first byte of a mark, so that threads rarely meet.
    shards: [Mutex<Generations>; SHARDS],
    /// How many marks a generation of one shard holds.
    most: usize,
}

/// When the young ones are as many as they may be, they are the old ones, and the old ones are forgotten.
#[derive(Default)]
struct Generations {
    young: HashSet<Mark>,
    old: HashSet<Mark>,
}

impl Seen {
    /// A memory of about `tokens` tokens.
    pub(super) fn new(tokens: usize) -> Result<Self, InvalidReason> {
        let salted = Sha256::new_with_prefix(random_bytes::<64>()?);
        let most = tokens.div_ceil(2 * SHARDS).max(1);
        Ok(Self { salted, shards: Default::default(), most })
    }

    /// Whether `key` has signed a message, as `verify` finds out where it is not remembered. Only what is good is.
    pub(super) fn verifies(
        &self,
        key: &VerifyingKey,
        [message, signature]: [&str; 2],
        verify: impl FnOnce() -> bool,
    ) -> bool {
        let hash = self.salted.clone().chain_update(key.number().to_be_bytes()).chain_update(message);
        // The last dot is where the halves meet, so that no two pairs are hashed alike.
        let mark: Mark = hash.chain_update(".").chain_update(signature).finalize().into();
        let [first, ..] = mark;
        let Some(shard) = self.shards.get(usize::from(first) % SHARDS) else {
            return verify();
        };
        // A thread that panicked in here has left marks of good signatures only.
        if shard.lock().unwrap_or_else(PoisonError::into_inner).holds(&mark) {
            return true;
        }
        let is_good = verify();
        if is_good {
            shard.lock().unwrap_or_else(PoisonError::into_inner).add(mark, self.most);
        }
        is_good
    }
}

impl Generations {
    fn holds(&self, mark: &Mark) -> bool {
        self.young.contains(mark) || self.old.contains(mark)
    }

    fn add(&mut self, mark: Mark, most: usize) {
        if self.young.len() >= most {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(mark);
    }
}

const SHARDS: usize = 16;
