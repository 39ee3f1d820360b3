//! The removal of what is no longer needed, in parts: other operations wait for one part only.

use std::ops::Bound;

use super::rows::RecordedRevocation;
use super::table::{PART_LEN, SessionTable};
use crate::clock::Timestamp;

/// The position of a sweep, which visits all segments of sessions, then all revocations, and then the spent tokens.
#[derive(Debug, Default)]
pub(super) struct SweepCursor {
    segment: usize,
    /// The number of the last revocation visited.
    revocation: u64,
    is_at_spent_tokens: bool,
    pub(super) is_complete: bool,
}

impl SessionTable {
    /// Removes a part of the expired sessions, old revocations and spent tokens once the number of sessions has doubled.
    ///
    /// At twice the number of active sessions, the cost of a sweep is amortized over the logins since the last one.
    pub(super) fn continue_sweep(&mut self, now: Timestamp) {
        let is_due = self.sessions.len() >= self.sweep_at;
        let Some(mut cursor) = self.sweep.take().or_else(|| is_due.then(SweepCursor::default)) else {
            return;
        };
        self.sweep_part(&mut cursor, now, |recorded| now >= recorded.needed_until);
        if cursor.is_complete {
            self.sweep_at = self.sessions.len().saturating_mul(2).max(LEAST_SWEPT);
        } else {
            self.sweep = Some(cursor);
        }
    }

    /// Removes the expired sessions, the revocations that match, or the expired spent tokens of the next part. Returns their
    /// number.
    pub(super) fn sweep_part(
        &mut self,
        cursor: &mut SweepCursor,
        now: Timestamp,
        is_old: impl Fn(&RecordedRevocation) -> bool,
    ) -> u64 {
        // First, because others may have added segments.
        if cursor.is_at_spent_tokens {
            let removed = self.spent.remove_part(now);
            cursor.is_complete = removed < PART_LEN;
            return removed.try_into().unwrap_or(u64::MAX);
        }
        if cursor.segment < self.sessions.segments() {
            let expired = self.sessions.extract_from(cursor.segment, |_, row| row.has_expired(now));
            cursor.segment = cursor.segment.saturating_add(1);
            for (id, row) in &expired {
                self.by_user.remove(&row.owner, id);
            }
            return expired.len().try_into().unwrap_or(u64::MAX);
        }
        self.sweep_revocations(cursor, is_old)
    }

    fn sweep_revocations(
        &mut self,
        cursor: &mut SweepCursor,
        is_old: impl Fn(&RecordedRevocation) -> bool,
    ) -> u64 {
        let later = self.revocations.range((Bound::Excluded(cursor.revocation), Bound::Unbounded));
        let part: Vec<_> =
            later.take(PART_LEN).map(|(number, recorded)| (*number, is_old(recorded))).collect();
        cursor.revocation = part.last().map_or(cursor.revocation, |(number, _)| *number);
        // An empty part might never come while others record revocations.
        cursor.is_at_spent_tokens = part.len() < PART_LEN;
        let old = part.into_iter().filter(|(_, is_old)| *is_old);
        old.filter_map(|(number, _)| self.revocations.remove(&number)).count().try_into().unwrap_or(u64::MAX)
    }
}

/// The number of sessions below which no login removes expired ones.
const LEAST_SWEPT: usize = 1024;
