//! Guessing passwords, slowed down: how often one may try to log in, by account and by address. The policy, how it counts,
//! and what a place that keeps the counts must do. Those places are in `store`, the login that is throttled in `login`.

mod counter;
mod key;
mod limit;
mod login_throttle;
mod store;

pub use crate::future::StoreFuture;
pub use key::AttemptKey;
pub use limit::AttemptLimit;
pub use login_throttle::{LoginThrottle, OutagePolicy};
pub use store::{Admission, Attempt, AttemptOrigin, AttemptOutcome, AttemptStore, AttemptTicket, CountedBy};

pub(crate) use counter::{Counter, millis};
pub(crate) use store::MOST_ADDRESSES_OF_ACCOUNT;
