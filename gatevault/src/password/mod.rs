//! Passwords: hashed for storing, verified against what is stored.
//!
//! `hasher` is the facade and knows no scheme by its details; each scheme is one file that reads its own
//! stored form, verifies, hashes, and says what is outdated. The async forms live in `nonblocking` and
//! run the same calls on `pool`. Who the user is, and what a mismatch means, is the login's matter.

mod bcrypt;
mod builder;
mod hasher;
#[cfg(feature = "tokio")]
mod nonblocking;
#[cfg(feature = "tokio")]
mod pool;
mod verification;

pub use builder::PasswordHasherBuilder;
pub use hasher::{PasswordHasher, hash_password, verify_password};
#[cfg(feature = "tokio")]
pub use nonblocking::{async_hash_password, async_verify_password};
pub use verification::Verification;
