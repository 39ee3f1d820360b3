//! Passwords: hashed for storing, verified against what is stored.
//!
//! `hasher` is the facade and knows no scheme by its details; each scheme is one file that reads its own
//! stored form, verifies, hashes, and says what is outdated. With feature `argon2` there are two, and `schemes`
//! stands in front of them in bcrypt's place. The async forms live in `nonblocking` and run the same calls on
//! `pool`. Who the user is, and what a mismatch means, is the login's matter.

#[cfg(feature = "argon2")]
mod argon2;
#[cfg(feature = "argon2")]
mod argon2_params;
mod bcrypt;
mod builder;
#[cfg(feature = "argon2")]
mod builder_argon2;
mod hasher;
#[cfg(feature = "tokio")]
mod nonblocking;
#[cfg(feature = "tokio")]
mod pool;
#[cfg(feature = "argon2")]
mod schemes;
mod verification;

#[cfg(feature = "argon2")]
pub use argon2_params::Argon2Params;
pub use builder::PasswordHasherBuilder;
pub use hasher::{PasswordHasher, hash_password, verify_password};
#[cfg(feature = "tokio")]
pub use nonblocking::{async_hash_password, async_verify_password};
pub use verification::Verification;

#[cfg(not(feature = "argon2"))]
use bcrypt::{Bcrypt as Schemes, StoredHash};
#[cfg(feature = "argon2")]
use schemes::{Schemes, StoredHash};
