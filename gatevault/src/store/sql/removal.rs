//! The removal of what is no longer needed, in batches: each is one transaction, so that no other operation waits for more.

use super::dialect::{Dialect, ReadRow};
use super::sessions::SqlSessions;
use super::transaction::run;
use crate::error::StoreError;
use crate::session::RemoveExpired;
use crate::store::executor::Removed;

/// The position of a removal: what the next batch removes.
#[derive(Debug, Clone, Copy)]
pub(super) enum RemovalCursor {
    /// Revocations recorded at this time or later, in seconds.
    ///
    /// The revocations of unexpired tokens stay in front of those that can be removed. Thus a call reads them only once, and
    /// not in each batch.
    Revocations(u64),
    /// Sessions that have expired.
    Sessions,
    /// Spent tokens that need not be known any more.
    SpentTokens,
}

impl RemovalCursor {
    pub(super) const FIRST: Self = Self::Revocations(0);
}

impl<D: Dialect> SqlSessions<D> {
    /// Removes one batch. The next one begins where this one ended, unless nothing is left.
    pub(super) async fn remove_batch(
        self,
        request: RemoveExpired,
        cursor: RemovalCursor,
    ) -> Result<Removed<RemovalCursor>, StoreError> {
        let (now, kept_for) = (request.now.into(), request.keep_revoked.as_secs().into());
        match cursor {
            RemovalCursor::Revocations(from) => {
                let parameters = [now, kept_for, from.into()];
                let rows = run(&self.pool, D::STATEMENTS.remove_revocations, &parameters).await?;
                let times = rows.iter().map(|row| row.unsigned(0)).collect::<Result<Vec<_>, _>>()?;
                let last = times.into_iter().max().map(RemovalCursor::Revocations);
                removed(rows.len(), last.or(Some(RemovalCursor::Sessions)))
            }
            RemovalCursor::Sessions => {
                let rows = run(&self.pool, D::STATEMENTS.remove_expired, &[now]).await?;
                removed(rows.len(), Some(if rows.is_empty() { RemovalCursor::SpentTokens } else { cursor }))
            }
            RemovalCursor::SpentTokens => {
                let rows = run(&self.pool, D::STATEMENTS.remove_spent, &[now]).await?;
                removed(rows.len(), (!rows.is_empty()).then_some(cursor))
            }
        }
    }
}

fn removed(number: usize, next: Option<RemovalCursor>) -> Result<Removed<RemovalCursor>, StoreError> {
    Ok(Removed { number: number.try_into().map_err(StoreError::new)?, next })
}
