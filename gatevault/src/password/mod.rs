//! Password hashing and verification.
//!
//! `hasher` is the facade, independent of the schemes. Each scheme is one file that parses its own stored form,
//! verifies, hashes, and decides which hashes are outdated. With the feature `argon2` there are two, and `schemes`
//! dispatches between them with the interface of bcrypt alone. The async forms in `nonblocking` run the same calls on
//! `pool`. Users and failed logins are the concern of `login`.

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
use bcrypt::{Bcrypt as Schemes, BcryptHash as StoredHash};
#[cfg(feature = "argon2")]
use schemes::{Schemes, StoredHash};
