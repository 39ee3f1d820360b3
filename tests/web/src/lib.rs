//! Shared by the tests of the edges: a site that every framework serves, a raw HTTP client, and the edges.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test's support that panics is a test that fails"
)]

mod client;
mod gate;
mod keys;
mod resources;
mod site;
mod users;

pub mod edges;
pub mod guarded_apps;
pub mod login_apps;
pub mod served;

pub use client::{Reply, Request};
pub use gate::{assert_guarded, assert_refused_without_gate, own_gate};
pub use keys::{async_keys, end_key, key_token, lookups, new_key, set_down, sync_keys, unknown_key};
pub use resources::resources;
pub use site::{
    End, METADATA, PASSWORD, PRIVATE_KEY, Site, User, insiders, mint, mint_expired, mint_expired_refresh,
    mint_foreign, mint_purpose, mint_refresh, own_denials, page_guard, tokens,
};
pub use users::Users;
