//! Passwords through the public API: hashing, verifying, rejecting, and the async forms.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "clippy.toml allows these in test functions, and their helpers are tests too"
)]

mod accounts;
mod argon2;
mod hashing;
mod hostile_argon2;
mod hostile_hashes;
mod kinds;
mod legacy;
mod legacy_login;
mod log;
mod nonblocking;
mod settings;
mod unreadable;
mod update;
mod vectors;

use gatevault::PasswordHasher;

/// Returns the cheapest hasher with a cost ceiling.
fn quick() -> PasswordHasher {
    PasswordHasher::builder().cost(4).cost_ceiling(6).build().unwrap()
}
