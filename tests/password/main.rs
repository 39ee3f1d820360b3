//! Passwords through the public API: what hashes, what verifies, what is refused, and where it runs.

#![expect(
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "clippy.toml allows these in test functions, and what they share is no less a test"
)]

mod argon2;
mod hashing;
mod hostile_argon2;
mod hostile_hashes;
mod nonblocking;
mod settings;
mod update;
mod vectors;

use gatevault::PasswordHasher;

/// The cheapest hasher that still refuses what is over its ceiling.
fn quick() -> PasswordHasher {
    PasswordHasher::builder().cost(4).cost_ceiling(6).build().unwrap()
}
