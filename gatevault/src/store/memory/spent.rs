//! The tokens that were used, of those that may be used once.

use std::collections::{BTreeMap, BTreeSet};

use super::compact::CompactId;
use super::table::PART_LEN;
use crate::clock::Timestamp;
use crate::session::SpendToken;

/// The ids of spent tokens. Uses trees, which never move all of their entries, and which know the ids to remove first.
#[derive(Default)]
pub(super) struct SpentTokens {
    kept_until: BTreeMap<CompactId, Timestamp>,
    by_time: BTreeSet<(Timestamp, CompactId)>,
}

impl SpentTokens {
    /// Records the use. Returns whether it is the first one.
    ///
    /// Each call removes up to two ids that are no longer needed, so that their number is bounded by that of the tokens which
    /// were spent within a lifetime, even if there is no login whose sweep removes them.
    pub(super) fn spend(&mut self, request: &SpendToken) -> bool {
        self.remove_up_to(2, request.now);
        let (id, kept_until) =
            (CompactId::from(request.id.as_str()), request.expires_at.after(SpendToken::KEPT_FOR));
        if self.kept_until.contains_key(&id) {
            return false;
        }
        self.by_time.insert((kept_until, id.clone()));
        self.kept_until.insert(id, kept_until);
        true
    }

    /// Removes a part of the ids that are no longer needed. Returns their number, which is [`PART_LEN`] if there may be more.
    pub(super) fn remove_part(&mut self, now: Timestamp) -> usize {
        self.remove_up_to(PART_LEN, now)
    }

    fn remove_up_to(&mut self, most: usize, now: Timestamp) -> usize {
        let mut removed = 0_usize;
        while removed < most
            && let Some(first) = self.by_time.first()
            && now >= first.0
            && let Some((_, id)) = self.by_time.pop_first()
        {
            self.kept_until.remove(&id);
            removed = removed.saturating_add(1);
        }
        removed
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        assert_eq!(self.by_time.len(), self.kept_until.len());
        self.by_time.len()
    }

    #[cfg(test)]
    pub(super) fn contains(&self, id: &str) -> bool {
        self.kept_until.contains_key(&id.into())
    }
}
