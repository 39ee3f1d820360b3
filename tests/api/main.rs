//! Tokens, claims, login and errors, through the public API.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test that panics is a test that fails"
)]

mod builder;
mod claims;
mod claims_serde;
mod clock;
mod errors;
mod feed;
mod feed_cleaning;
mod issuers;
mod key_rings;
mod login;
mod misconfigured;
mod registered_claims;
mod retired_keys;
mod revocation;
mod revocation_of_issuers;
mod session_settings;
mod sessions;
mod short_keys;
mod stored_revocations;
mod throttle;
mod tokens;
mod two_clocks;
mod user_pools;
mod user_stores;
