//! The removal of old revocations, in batches. Redis expires sessions itself.

use std::time::Duration;

use redis::from_redis_value;

use super::backend::RedisBackend;
use super::scripts::REMOVE_REVOCATIONS;
use crate::error::StoreError;
use crate::session::Revocation;
use crate::store::executor::Removed;

impl RedisBackend {
    /// Removes one batch of the revocations that are older than `keep_revoked`, except those of tokens that have not expired.
    /// The cursor is the number of the last revocation that the previous batch has read.
    pub(super) async fn remove_batch(
        self,
        keep_revoked: Duration,
        cursor: String,
    ) -> Result<Removed<String>, StoreError> {
        let mut call = REMOVE_REVOCATIONS.prepare_invoke();
        call.key(self.keys.revocations())
            .arg(BATCH)
            .arg(keep_revoked.as_secs())
            .arg(cursor)
            .arg(Revocation::LONGEST_LEEWAY.as_secs());
        let (number, next) = from_redis_value(self.connection.call(call).await?)?;
        Ok(Removed { number, next })
    }
}

/// The cursor of the first batch.
pub(super) const FIRST: &str = "-inf";

/// The most revocations that one script reads. Redis serves no other client meanwhile.
const BATCH: u64 = 500;
