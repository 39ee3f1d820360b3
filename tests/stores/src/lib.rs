//! Shared parts of the store tests: backends, and a fixture of users over one of them.
#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a test's support that panics is a test that fails"
)]

mod backend;
mod fixture;

pub use backend::{Backend, redis_attempts, shared};
pub use fixture::{Fixture, is_expired, is_revoked, is_unavailable};
