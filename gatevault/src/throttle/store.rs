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
/// # Security
///
/// An attempt that a store fails to count is a free guess.
pub trait AttemptStore: Send + Sync + 'static {
    /// Counts an attempt, or returns the longest remaining pause of its counters.
    ///
    /// During a pause nothing changes, except that an `at` in the future is set to now. [`Attempt::counters`] returns the
    /// counters: the account at its address if that address is [known](AttemptOutcome::Succeeded) for the
    /// account, otherwise the account; and the address.
    fn begin(&self, attempt: Attempt) -> StoreFuture<'_, Admission>;

    /// Applies the outcome of an admitted attempt to its counters.
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
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Attempt {
    /// The account that the login names. It need not exist.
    pub account: AttemptKey,
    /// The limit for attempts on an account.
    pub account_limit: AttemptLimit,
    /// The origin of the attempt, if it is known.
    pub origin: Option<AttemptOrigin>,
    /// The quiet time after which a counter has decayed to zero.
    pub forget_after: Duration,
    /// The time for which an address stays known after a login from it.
    pub remember_for: Duration,
    /// The caller's time. Stores with their own clock ignore it.
    pub now: SystemTime,
}

/// The origin of an attempt.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct AttemptOrigin {
    /// The address, or its /64 network.
    pub address: AttemptKey,
    /// The limit for attempts from an address.
    pub address_limit: AttemptLimit,
    /// The account at this address.
    pub account_at_address: AttemptKey,
}

impl Attempt {
    /// Returns the one or two counters of the attempt and their limits, the account's first.
    pub fn counters(
        &self,
        counted_by: CountedBy,
    ) -> impl Iterator<Item = (AttemptKey, AttemptLimit)> + use<> {
        let account = match (counted_by, self.origin) {
            (CountedBy::AccountAtAddress, Some(origin)) => origin.account_at_address,
            _ => self.account,
        };
        let address = self.origin.map(|origin| (origin.address, origin.address_limit));
        [Some((account, self.account_limit)), address].into_iter().flatten()
    }
}

/// The counter that an attempt on an account is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CountedBy {
    /// The account's counter for attempts from any address.
    Account,
    /// The account's counter for this address, from which it has logged in before.
    AccountAtAddress,
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
    /// The account's counter that was used.
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
    /// The login succeeded: the account's counter is deleted, the address's counter refunds this attempt, and the address
    /// becomes known for the account. An account has at most eight known addresses; the least recently used one is
    /// evicted.
    Succeeded,
    /// The client learned nothing about the password, because the lookup or a store failed: both counters refund the
    /// attempt. If it was the last one counted, by its `at`, its pause ends as well.
    Undecided,
}

/// The number of known addresses of an account. It bounds the space that an attacker's own account can take.
pub(crate) const MAX_KNOWN_ADDRESSES: usize = 8;
