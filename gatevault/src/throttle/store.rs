//! What a place that counts attempts to log in must do.

use std::time::{Duration, SystemTime};

use super::{AttemptKey, AttemptLimit};
use crate::future::StoreFuture;

/// Counts attempts to log in: [`MemoryAttempts`](crate::MemoryAttempts), or with feature `redis` `RedisAttempts`; or a
/// store of your own. All numbers of the policy come with each attempt.
///
/// # Security
///
/// Each method is atomic: it happens as a whole or not at all, whatever else happens at the same time, and also when its
/// future is dropped half-way. Each answers within a bounded time.
///
/// # What is counted
///
/// A counter holds how many attempts were counted and when the last one was, `at`. Three rules make up the policy:
///
/// - *Pause.* It lasts from `at` for [`AttemptLimit::pause_after`] of the attempts, unless the last one was given back.
/// - *Quiet.* Of the attempts as large a part is forgotten as of `forget_after` has gone by since the pause was over,
///   rounded so that nothing is forgotten too early: attempts × (`forget_after` − quiet) ÷ `forget_after`, rounded up.
/// - *Clocks.* An `at` in the future is now: a clock that was set back prolongs no pause beyond the longest.
pub trait AttemptStore: Send + Sync + 'static {
    /// Counts an attempt, unless one of its counters has a pause, of which the longest is the answer: then nothing changes,
    /// but for an `at` in the future.
    ///
    /// The counters are those of [`Attempt::counters`]: by the account at its address if that is
    /// [known](AttemptOutcome::Succeeded) there, else by the account, and by the address.
    fn begin(&self, attempt: Attempt) -> StoreFuture<'_, Admission>;

    /// Does what becomes of an attempt that was admitted.
    fn record_outcome(
        &self,
        attempt: Attempt,
        ticket: AttemptTicket,
        outcome: AttemptOutcome,
    ) -> StoreFuture<'_, ()>;

    /// Whether other processes count in the same store, so that all must name an account alike.
    fn is_shared(&self) -> bool;
}

/// An attempt to log in, and what it is judged by.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Attempt {
    /// Who is said to log in; whether there is such an account is not known.
    pub account: AttemptKey,
    /// For attempts on an account.
    pub account_limit: AttemptLimit,
    /// Where the attempt comes from, where that is known.
    pub origin: Option<AttemptOrigin>,
    /// After how long without an attempt a counter is forgotten.
    pub forget_after: Duration,
    /// For how long an address is known to be one that the account has logged in from.
    pub remember_for: Duration,
    /// The caller's time; a store with a clock of its own ignores it.
    pub now: SystemTime,
}

/// Where an attempt comes from.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct AttemptOrigin {
    /// The address, or its network.
    pub address: AttemptKey,
    /// For attempts from an address.
    pub address_limit: AttemptLimit,
    /// The account at this address.
    pub account_at_address: AttemptKey,
}

impl Attempt {
    /// The one or two counters of the attempt, that of the account first.
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

/// Which counter of an account an attempt is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountedBy {
    /// That of the account, wherever attempts on it come from.
    Account,
    /// That of the account at this address, which it has logged in from before.
    AccountAtAddress,
}

/// Whether an attempt may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It was counted.
    Admitted(AttemptTicket),
    /// It was not, and may come again after so long.
    RetryAfter(Duration),
}

/// What [`record_outcome`](AttemptStore::record_outcome) needs to know of an attempt that was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptTicket {
    /// Which counter of the account it was.
    pub counted_by: CountedBy,
    /// When it was, by the clock that the store goes by.
    pub at: SystemTime,
}

/// What has become of an attempt that was admitted. One that has failed stays counted as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The user is logged in: the counter of the account is forgotten, that of the address gives this attempt back, and the
    /// address is known to be one that the account logs in from. An account has eight of those at most; the one that was
    /// not used for longest goes.
    Succeeded,
    /// Nobody knows whether the password was right: both counters give the attempt back. Where it was the last that was
    /// counted, by its `at`, its pause is over too.
    Undecided,
}

/// How many addresses an account is known at, so that one of an attacker's own takes no more space than that.
pub(crate) const MOST_ADDRESSES_OF_ACCOUNT: usize = 8;
