//! The addresses that accounts have logged in from.

use std::collections::BTreeSet;

use crate::store::segmented_map::SegmentedMap;
use crate::throttle::{AttemptKey, MAX_KNOWN_ADDRESSES};

/// A cache of the known addresses of each account, bounded per account and in total (LRU).
///
/// Only a successful login adds an entry, so that an attacker cannot fill the cache with invented names.
pub(super) struct KnownAddresses {
    /// The addresses of each account, the most recently used one last.
    pub(super) accounts: SegmentedMap<AttemptKey, Vec<KnownAddress>>,
    /// The accounts, ordered by the time of their last login.
    by_last_login: BTreeSet<(u64, AttemptKey)>,
    capacity: usize,
    /// The longest time that a throttle which shares the cache remembers an address.
    remember_for: u64,
}

#[derive(Clone, Copy)]
pub(super) struct KnownAddress {
    account_at_address: AttemptKey,
    last_login: u64,
}

impl KnownAddresses {
    pub(super) fn new(capacity: usize) -> Self {
        let (accounts, by_last_login) = (SegmentedMap::default(), BTreeSet::new());
        Self { accounts, by_last_login, capacity: capacity.max(1), remember_for: 0 }
    }

    /// Returns whether the account has logged in at the address within `remember_for`.
    pub(super) fn contains(
        &self,
        account: AttemptKey,
        account_at_address: AttemptKey,
        remember_for: u64,
        now: u64,
    ) -> bool {
        self.accounts.get(&account).into_iter().flatten().any(|known| {
            known.account_at_address == account_at_address
                && now.saturating_sub(known.last_login) < remember_for
        })
    }

    /// Records a login of the account at the address.
    pub(super) fn record_login(
        &mut self,
        account: AttemptKey,
        account_at_address: AttemptKey,
        remember_for: u64,
        now: u64,
    ) {
        let Some(addresses) = self.accounts.get_or_default(account) else { return };
        if let Some(last) = addresses.last() {
            self.by_last_login.remove(&(last.last_login, account));
        }
        addresses.retain(|known| {
            known.account_at_address != account_at_address
                && now.saturating_sub(known.last_login) < remember_for
        });
        if addresses.len() >= MAX_KNOWN_ADDRESSES {
            addresses.remove(0);
        }
        addresses.push(KnownAddress { account_at_address, last_login: now });
        self.by_last_login.insert((now, account));
        self.remember_for = self.remember_for.max(remember_for);
        self.evict(now);
    }

    /// Removes the accounts with the oldest logins if there are too many or all throttles have forgotten them, a few at a time.
    ///
    /// A login adds one account at most, so their number stays within the capacity. A forgotten account has no effect.
    fn evict(&mut self, now: u64) {
        for _ in 0..EVICTED_PER_LOGIN {
            let Some((last_login, account)) = self.by_last_login.first().copied() else { return };
            let is_forgotten = now.saturating_sub(last_login) >= self.remember_for;
            if self.accounts.len() <= self.capacity && !is_forgotten {
                return;
            }
            self.by_last_login.pop_first();
            self.accounts.remove(&account);
        }
    }
}

/// The number of accounts that a login removes at most.
const EVICTED_PER_LOGIN: usize = 16;
