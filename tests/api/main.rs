//! Tokens, claims, login and errors, through the public API.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unchecked_time_subtraction,
    clippy::unwrap_used,
    reason = "a test that panics is a test that fails"
)]

mod accounts;
mod api_keys;
mod begun_sessions;
mod builder;
mod claims;
mod claims_serde;
mod clock;
mod demotions;
mod errors;
mod feed;
mod feed_cleaning;
mod feed_trust;
mod installed_gate;
mod invalidation;
mod invalidation_tickets;
mod invalidation_time;
mod issuers;
mod key_rings;
mod login;
mod misconfigured;
mod new_passwords;
mod purpose;
mod registered_claims;
mod retired_keys;
mod revocation;
mod revocation_of_issuers;
mod session_settings;
mod sessions;
mod short_keys;
mod step_up;
mod stored_revocations;
mod test_passwords;
mod throttle;
mod tokens;
mod two_clocks;
mod user_pools;
mod user_stores;
mod weak_keys;
