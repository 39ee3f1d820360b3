//! Shared parts of the store tests: backends, and a fixture of users over one of them.
#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a test's support that panics is a test that fails"
)]

mod backend;
mod fixture;
mod shifted;
mod time_machine;

pub use backend::{Backend, blocking_redis_attempts, partitions, redis_attempts, shared};
pub use fixture::{Fixture, is_expired, is_revoked, is_unavailable};
pub use time_machine::TimeMachine;

/// Returns the ids of what was revoked in a batch.
#[must_use]
pub fn ids(batch: gatevault::session::RevocationBatch) -> Vec<String> {
    batch.revocations.into_iter().map(|revocation| revocation.id).collect()
}
