//! Tokens, claims, login and errors, through the public API.
#![expect(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

mod builder;
mod claims;
mod claims_serde;
mod clock;
mod errors;
mod feed;
mod issuers;
mod key_rings;
mod login;
mod registered_claims;
mod revocation;
mod sessions;
mod throttle;
mod tokens;
mod user_stores;
