//! `Revocations`: the list of revocations, and the tokens that were spent.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use gatevault::Timestamp;
use gatevault::session::{NewRevocation, RemoveExpired, Revocation, RevocationBatch, SpendToken};

use crate::later;
use crate::mismatch::{Checked, ensure};

/// The revocations in the order in which they were recorded, and the spent tokens.
#[derive(Debug, Clone, Default)]
pub(crate) struct Revocations {
    pub(crate) recorded: Vec<Recorded>,
    /// The expiry of each token that was spent.
    spent: BTreeMap<String, Timestamp>,
}

#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    pub(crate) revocation: Revocation,
    at: Timestamp,
    /// Set once the store must have removed it, or has been seen to have removed it.
    is_removed: bool,
}

impl Recorded {
    /// Returns whether the store must list it.
    fn is_needed(&self, now: Timestamp) -> bool {
        now < later(self.at, KEPT_FOR) || self.revocation.is_of_unexpired_token(now)
    }
}

impl Revocations {
    pub(crate) fn record(&mut self, request: &NewRevocation) {
        let NewRevocation { revocation, now: at, .. } = request.clone();
        self.recorded.push(Recorded { revocation, at, is_removed: false });
    }

    /// Compares whether a token was spent for the first time. An hour after the longest leeway, its id may be forgotten.
    pub(crate) fn spend(&mut self, request: &SpendToken, is_first: bool) -> Checked {
        let earlier = self.spent.get(&request.id).copied();
        let may_be_first =
            earlier.is_none_or(|expiry| request.now >= later(expiry, Duration::from_hours(25)));
        ensure(if is_first { may_be_first } else { earlier.is_some() }, || {
            format!("{} was spent at {earlier:?}, and is the first use: {is_first}", request.id)
        })?;
        if is_first {
            self.spent.insert(request.id.clone(), request.expires_at);
        }
        Ok(())
    }

    /// Records that all was removed that is no longer needed. The store's clock may be ahead by `drift`.
    pub(crate) fn remove_expired(&mut self, request: &RemoveExpired, drift: Duration) {
        for recorded in &mut self.recorded {
            let age = Duration::from_secs(request.now.seconds().saturating_sub(recorded.at.seconds()));
            let is_old = age >= request.keep_revoked + drift;
            recorded.is_removed |= is_old && !recorded.revocation.is_of_unexpired_token(request.now);
        }
    }

    /// Compares the revocations from a time on with those that a store lists.
    pub(crate) fn compare(&mut self, batch: &RevocationBatch, since: Timestamp, now: Timestamp) -> Checked {
        let listed: BTreeSet<String> = batch.revocations.iter().map(key).collect();
        let meant = self.recorded.iter().filter(|recorded| recorded.at >= since);
        let kept: BTreeSet<_> =
            meant.filter(|recorded| !recorded.is_removed).map(|recorded| key(&recorded.revocation)).collect();
        let unknown: Vec<_> = listed.difference(&kept).collect();
        ensure(unknown.is_empty(), || {
            format!("the store lists the revocations {unknown:?} since {since:?}")
        })?;
        for recorded in self.recorded.iter_mut().filter(|recorded| recorded.at >= since) {
            let key = key(&recorded.revocation);
            if !listed.contains(&key) && !recorded.is_removed {
                ensure(!recorded.is_needed(now), || format!("the store does not list the revocation {key}"))?;
                recorded.is_removed = true;
            }
        }
        Ok(())
    }

    /// Compares what was recorded after the first `read` revocations with what a reader finds after its last position.
    pub(crate) fn compare_new(&self, batch: &RevocationBatch, read: usize) -> Checked {
        let listed: BTreeSet<String> = batch.revocations.iter().map(key).collect();
        let new: BTreeSet<_> =
            self.recorded[read..].iter().map(|recorded| key(&recorded.revocation)).collect();
        ensure(listed == new, || format!("a reader finds {listed:?} and not the new revocations {new:?}"))
    }
}

/// Returns a name of the revocation, for sets.
fn key(revocation: &Revocation) -> String {
    let Revocation { kind, issuer, pool, id, until, .. } = revocation;
    format!("{} {id} of {issuer:?} in {pool:?} until {until:?}", kind.name())
}

/// The time for which the revocations are kept: longer than a token lives that the nodes of a test accept.
pub const KEPT_FOR: Duration = Duration::from_hours(7 * 24);
