//! What the tests of the edges share: a site that each framework serves, a client that says what it likes, and the edges.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test's support that panics is a test that fails"
)]

mod client;
mod site;

pub mod edges;

pub use client::{Reply, Request};
pub use site::{PASSWORD, Site, User, Users, mint, mint_expired, mint_foreign, mint_refresh, tokens};
