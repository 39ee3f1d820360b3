//! The contract of a store of login attempts, and the types of its methods.

use std::time::{Duration, SystemTime};

use super::{AttemptKey, AttemptLimit};
use crate::future::StoreFuture;

/// Counts login attempts for a [`LoginThrottle`](crate::LoginThrottle).
///
/// Implementations: [`MemoryAttempts`](crate::MemoryAttempts), and with feature `redis` `RedisAttempts`. The
/// [module](crate::throttle) shows how to write one. The policy is the throttle's: each attempt brings its numbers.
///
/// # Contract
///
/// - **Atomic**: a method takes effect completely or not at all, under concurrency and when its future is dropped.
/// - **Bounded**: a method returns within a bounded time.
/// - **Inconclusive errors**: after an error the caller cannot know whether the operation took effect.
/// - **Exact**: of any number of concurrent attempts, exactly the free ones are admitted.
///
/// A counter holds the number of attempts and the time `at` of the last one. Three rules make up the policy:
///
/// - **Pause**: after an attempt, the counter pauses from `at` for [`AttemptLimit::pause_after`] of its attempts, unless
///   that attempt was refunded.
/// - **Decay**: attempts decay linearly. After a quiet time `t` since the end of the pause, a fraction `t / forget_after`
///   of them is forgotten: `attempts × (forget_after − t) ÷ forget_after` remain, rounded up.
/// - **Clocks**: an `at` in the future counts as now. A clock that was set back prolongs no pause beyond the longest.
///
/// A store may remove a counter whose attempts are all forgotten, and an address that is no longer known. If throttles with
/// different settings share it, the longest times count.
///
/// # Security
///
/// An attempt that a store fails to count is a free guess.
pub trait AttemptStore: Send + Sync + 'static {
    /// Counts an attempt in its counters, or in none and returns the remaining pause.
    ///
    /// [`Attempt::choices`] returns the ways to count it, which depend on whether the address is
    /// [known](AttemptOutcome::Succeeded) for the account, and [`Attempt::counters`] the counters of each. The attempt is
    /// counted in the first way in which no counter pauses. If each has one, the remaining pause is the shortest of the
    /// ways, and that of a way is the longest of its counters. During a pause nothing changes, except that an `at` in the
    /// future is set to now.
    fn begin(&self, attempt: Attempt) -> StoreFuture<'_, Admission>;

    /// Applies the outcome of an admitted attempt to its counters, as [`Attempt::changes`] says.
    ///
    /// A store must ignore an outcome that it does not know: the attempt stays counted, as a failed one does.
    fn record_outcome(
        &self,
        attempt: Attempt,
        ticket: AttemptTicket,
        outcome: AttemptOutcome,
    ) -> StoreFuture<'_, ()>;

    /// Returns whether other processes count in the same store, so that all of them must compute the same keys.
    fn is_shared(&self) -> bool;
}

/// An attempt to log in, with the policy that applies to it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Attempt {
    /// The account: the one that the typed name denotes, or the one that the lookup found. It need not exist.
    pub account: AttemptKey,
    /// The limit for attempts on an account.
    pub account_limit: AttemptLimit,
    /// The origin of the attempt, if it is known.
    pub origin: Option<AttemptOrigin>,
    /// The networks of the address with their limits: one for IPv4, three for IPv6, or none if they are counted already.
    pub networks: Vec<(AttemptKey, AttemptLimit)>,
    /// The quiet time after which a counter has decayed to zero.
    pub forget_after: Duration,
    /// The time for which an address stays known after a login from it.
    pub remember_for: Duration,
    /// The caller's time. Stores with their own clock ignore it.
    pub now: SystemTime,
}

/// The origin of an attempt on an account.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct AttemptOrigin {
    /// The address: IPv4, or the IPv6 network of 64 bits.
    pub address: AttemptKey,
    /// The account at this address.
    pub account_at_address: AttemptKey,
    /// The account in this network: the IPv4 address, or the IPv6 network of 48 bits.
    pub account_in_network: AttemptKey,
    /// The limit for the attempts of one network that count as those of a newcomer.
    pub network_limit: AttemptLimit,
    /// The newcomers of the account, from all networks.
    pub newcomers: AttemptKey,
    /// The limit for attempts of newcomers.
    pub newcomers_limit: AttemptLimit,
}

impl Attempt {
    /// Returns the ways to count the attempt, in the order in which they must be tried.
    #[must_use]
    pub fn choices(&self, is_known_address: bool) -> &'static [CountedBy] {
        match self.origin {
            Some(_) if is_known_address => &[CountedBy::AccountAtAddress],
            Some(_) => &[CountedBy::Newcomers, CountedBy::Account],
            None => &[CountedBy::Account],
        }
    }

    /// Returns the counters of one way to count the attempt, and their limits: those of the account, then the networks.
    pub fn counters(&self, counted_by: CountedBy) -> impl Iterator<Item = (AttemptKey, AttemptLimit)> {
        self.account_counters(counted_by).chain(self.networks.iter().copied())
    }

    /// Returns how the outcome changes each counter of the attempt.
    ///
    /// A login deletes the counter of the account. It only refunds the attempt to the newcomers, whose other attempts came
    /// from other networks.
    pub fn changes(
        &self,
        counted_by: CountedBy,
        outcome: AttemptOutcome,
    ) -> impl Iterator<Item = (AttemptKey, CounterChange)> {
        let deletes = outcome == AttemptOutcome::Succeeded && counted_by != CountedBy::Newcomers;
        let of_account = if deletes { CounterChange::Delete } else { CounterChange::Refund };
        let account = self.account_counters(counted_by).map(move |(key, _)| (key, of_account));
        account.chain(self.networks.iter().map(|(key, _)| (*key, CounterChange::Refund)))
    }

    /// Returns the counters of the account in one way to count the attempt, and their limits.
    pub(crate) fn account_counters(
        &self,
        counted_by: CountedBy,
    ) -> impl Iterator<Item = (AttemptKey, AttemptLimit)> + use<> {
        let counters = match (counted_by, self.origin) {
            (CountedBy::AccountAtAddress, Some(origin)) => {
                [Some((origin.account_at_address, self.account_limit)), None]
            }
            (CountedBy::Newcomers, Some(origin)) => [
                Some((origin.newcomers, origin.newcomers_limit)),
                Some((origin.account_in_network, origin.network_limit)),
            ],
            _ => [Some((self.account, self.account_limit)), None],
        };
        counters.into_iter().flatten()
    }
}

/// The counters of an account that count an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CountedBy {
    /// The account's counter for attempts from any address.
    Account,
    /// The account's counter for this address, from which it has logged in before.
    AccountAtAddress,
    /// The account's counter for the first attempts of each network that is new to it, and that of this network.
    Newcomers,
}

/// A change of a counter by the outcome of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CounterChange {
    /// The counter is deleted.
    Delete,
    /// The counter has one attempt less. If the attempt was its last one, by its `at`, its pause ends as well.
    Refund,
}

/// The answer to an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Admission {
    /// The attempt was counted and may proceed.
    Admitted(AttemptTicket),
    /// The attempt was not counted. It may be repeated after this time.
    RetryAfter(Duration),
}

/// The receipt for a counted attempt, which [`record_outcome`](AttemptStore::record_outcome) needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct AttemptTicket {
    /// The account's counters that were used.
    pub counted_by: CountedBy,
    /// The time of the attempt, by the clock that the store uses.
    pub at: SystemTime,
}

impl AttemptTicket {
    /// Creates a ticket for an attempt counted `at` this time.
    #[must_use]
    pub fn new(counted_by: CountedBy, at: SystemTime) -> Self {
        Self { counted_by, at }
    }
}

/// The outcome of an admitted attempt. A failed attempt has none: it stays counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttemptOutcome {
    /// The login succeeded: the account's counter is deleted, all others refund the attempt, and the address becomes known
    /// for the account. An account has at most eight known addresses; the least recently used one is evicted.
    Succeeded,
    /// The client learned nothing about the password, because the lookup or a store failed, or the account found pauses:
    /// all counters refund the attempt.
    Undecided,
}

/// The number of known addresses of an account. It bounds the space that an attacker's own account can take.
pub(crate) const MAX_KNOWN_ADDRESSES: usize = 8;
