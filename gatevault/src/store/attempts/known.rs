//! Which accounts have logged in from where: bounded for each account, and in all.

use std::collections::{BTreeSet, HashMap};

use crate::throttle::{AttemptKey, MOST_ADDRESSES_OF_ACCOUNT};

/// Only a login makes an entry, so that nobody fills this with names that he invents.
pub(super) struct Known {
    /// The one that was seen last comes last.
    accounts: HashMap<AttemptKey, Vec<Sighting>>,
    /// By when they were seen last.
    order: BTreeSet<(u64, AttemptKey)>,
    most: usize,
}

#[derive(Clone, Copy)]
struct Sighting {
    account_at_address: AttemptKey,
    at: u64,
}

impl Known {
    pub(super) fn new(most: usize) -> Self {
        Self { accounts: HashMap::new(), order: BTreeSet::new(), most: most.max(1) }
    }

    /// Whether the account was seen there, no longer ago than that.
    pub(super) fn holds(
        &self,
        account: AttemptKey,
        account_at_address: AttemptKey,
        remember_for: u64,
        now: u64,
    ) -> bool {
        self.accounts.get(&account).into_iter().flatten().any(|sighting| {
            sighting.account_at_address == account_at_address
                && now.saturating_sub(sighting.at) < remember_for
        })
    }

    pub(super) fn remember(
        &mut self,
        account: AttemptKey,
        account_at_address: AttemptKey,
        remember_for: u64,
        now: u64,
    ) {
        let sightings = self.accounts.entry(account).or_default();
        if let Some(last) = sightings.last() {
            self.order.remove(&(last.at, account));
        }
        sightings.retain(|sighting| {
            sighting.account_at_address != account_at_address
                && now.saturating_sub(sighting.at) < remember_for
        });
        if sightings.len() >= MOST_ADDRESSES_OF_ACCOUNT {
            sightings.remove(0);
        }
        sightings.push(Sighting { account_at_address, at: now });
        self.order.insert((now, account));
        self.forget(remember_for, now);
    }

    /// The accounts that were not seen for longest, where there are too many or it was too long ago.
    fn forget(&mut self, remember_for: u64, now: u64) {
        while let Some((at, account)) = self.order.first().copied()
            && (self.accounts.len() > self.most || now.saturating_sub(at) >= remember_for)
        {
            self.order.pop_first();
            self.accounts.remove(&account);
        }
    }
}
