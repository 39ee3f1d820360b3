//! What the tests of session stores share: places to keep sessions, and a world of users over one.
#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a test's support that panics is a test that fails"
)]

mod place;
mod world;

pub use place::{Place, redis_attempts, shared};
pub use world::{World, is_expired, is_revoked, is_unavailable};
