//! Throttling of password guesses, by account and by address.
//!
//! A [`LoginThrottle`] is the policy: free attempts, then pauses that double, as its [`AttemptLimit`]s say. An
//! [`AttemptStore`] keeps the counters: in this process ([`MemoryAttempts`](crate::MemoryAttempts)) or for all processes
//! of a service (`RedisAttempts`, feature `redis`). [`OAuthHandler::throttle`](crate::OAuthHandler::throttle) puts a
//! throttle in front of each login.
//!
//! # The life of an attempt
//!
//! 1. Before the user is looked up, the handler calls [`AttemptStore::begin`] for the name and the networks of the address.
//!    The store counts the attempt and admits it, or returns the remaining pause: the client gets the status 429 with
//!    `Retry-After`.
//! 2. After the lookup and before the password is verified, it calls [`AttemptStore::begin`] for the account found, or for
//!    the unknown name. A refusal refunds the first count.
//! 3. A wrong password needs no further call: the attempt stays counted. So does one whose client disconnects.
//! 4. After a login, or if the lookup or a store failed, the handler calls [`AttemptStore::record_outcome`] for both, and
//!    the counters refund the attempt.
//!
//! Stores see digests ([`AttemptKey`]) and never a name or an address, because users sometimes type their password in
//! place of their name.
//!
//! # Writing a store
//!
//! Implement [`AttemptStore`]: its documentation has the three rules of a counter. All numbers of the policy come with the
//! [`Attempt`], and [`Attempt::counters`] says which counters it concerns. `begin` must check and count in one atomic step,
//! or a burst of parallel guesses passes as one.
//!
//! A store can also wrap another one. This one counts the attempts that were turned away:
//!
//! ```
//! use std::sync::atomic::{AtomicU64, Ordering};
//!
//! use gatevault::throttle::{
//!     Admission, Attempt, AttemptOutcome, AttemptStore, AttemptTicket, StoreFuture,
//! };
//! use gatevault::{LoginThrottle, MemoryAttempts};
//!
//! static THROTTLED: AtomicU64 = AtomicU64::new(0);
//!
//! struct Measured<S>(S);
//!
//! impl<S: AttemptStore> AttemptStore for Measured<S> {
//!     fn begin(&self, attempt: Attempt) -> StoreFuture<'_, Admission> {
//!         Box::pin(async move {
//!             let admission = self.0.begin(attempt).await?;
//!             if let Admission::RetryAfter(_) = admission {
//!                 THROTTLED.fetch_add(1, Ordering::Relaxed);
//!             }
//!             Ok(admission)
//!         })
//!     }
//!     fn record_outcome(
//!         &self,
//!         attempt: Attempt,
//!         ticket: AttemptTicket,
//!         outcome: AttemptOutcome,
//!     ) -> StoreFuture<'_, ()> {
//!         self.0.record_outcome(attempt, ticket, outcome)
//!     }
//!     fn is_shared(&self) -> bool {
//!         self.0.is_shared()
//!     }
//! }
//!
//! let throttle = LoginThrottle::new(Measured(MemoryAttempts::new()));
//! # drop(throttle);
//! ```

#[cfg(feature = "http")]
mod account_attempt;
mod counter;
mod groups;
mod key;
mod limit;
mod login_attempt;
mod login_throttle;
pub(crate) mod networks;
mod store;

pub use crate::future::StoreFuture;
pub use key::AttemptKey;
pub use limit::AttemptLimit;
pub use login_throttle::{LoginThrottle, OutagePolicy};
pub use store::{
    Admission, Attempt, AttemptOrigin, AttemptOutcome, AttemptStore, AttemptTicket, CountedBy, CounterChange,
};

pub(crate) use counter::{Counter, millis};
pub(crate) use groups::{AttemptGroups, Leader, Turn, Verdict};
pub(crate) use login_attempt::{LoginAttempt, too_many_attempts};
pub(crate) use store::MAX_KNOWN_ADDRESSES;
