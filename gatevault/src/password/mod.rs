//! Password hashing and verification.
//!
//! - [`hash_password`] and [`verify_password`] are all that most programs need: bcrypt at cost 12. On a tokio runtime use
//!   `async_hash_password` and `async_verify_password`, which hash on a bounded pool.
//! - [`PasswordHasher`] has the settings: cost, ceiling and, with the feature `argon2`, argon2id. Its
//!   [builder](PasswordHasherBuilder) validates them.
//! - [`Verification`] is the result of [`PasswordHasher::verify_and_update`]: it contains a new hash if the stored one is
//!   outdated, so that users move to stronger settings as they log in.
//! - [`PasswordHasherBuilder::legacy`] verifies hashes of other systems, so that their users move over as they log in.
//!
//! # Security
//!
//! A password of more than 72 bytes, or with a NUL byte, is rejected when hashing and never verifies: bcrypt would ignore the
//! rest. A stored hash whose cost exceeds the ceiling is not computed. Verification never panics and returns no error. A
//! stored hash that cannot be verified is a warning in the log, with the reason and without the hash.
//!
//! # Examples
//!
//! ```
//! use gatevault::password::Verification;
//! use gatevault::{PasswordHasher, hash_password, verify_password};
//!
//! let stored = hash_password("correct horse")?;
//! assert!(verify_password("correct horse", &stored));
//! assert!(!verify_password("wrong horse", &stored));
//!
//! // Stronger settings: a login returns the hash to store.
//! let hasher = PasswordHasher::builder().cost(13).build()?;
//! match hasher.verify_and_update("correct horse", &stored) {
//!     Verification::MatchOutdated { new_hash } => assert!(new_hash.starts_with("$2b$13$")),
//!     other => unreachable!("the hash is outdated: {other:?}"),
//! }
//! # Ok::<(), gatevault::Error>(())
//! ```
//!
//! # Layout
//!
//! `hasher` is the facade, and `check` is the verification behind it; both are independent of the schemes. Each scheme is
//! one file that parses its own stored form, verifies, hashes, and decides which hashes are outdated. With the feature
//! `argon2` there are two, and `schemes` dispatches between them with the interface of bcrypt alone. Hashes of other
//! systems are for the closures in `legacy`; `unreadable` says why a hash cannot be verified. The async forms in
//! `nonblocking` run the same calls on `pool`. Users and failed logins are the concern of `login`.

#[cfg(feature = "argon2")]
mod argon2;
#[cfg(feature = "argon2")]
mod argon2_params;
mod bcrypt;
mod builder;
#[cfg(feature = "argon2")]
mod builder_argon2;
mod check;
mod hasher;
mod legacy;
#[cfg(feature = "tokio")]
mod nonblocking;
#[cfg(feature = "tokio")]
mod pool;
#[cfg(feature = "argon2")]
mod schemes;
mod unreadable;
mod verification;

#[cfg(feature = "argon2")]
pub use argon2_params::Argon2Params;
pub use builder::PasswordHasherBuilder;
pub use hasher::{PasswordHasher, hash_password, verify_password};
#[cfg(feature = "tokio")]
pub use nonblocking::{async_hash_password, async_verify_password};
pub use verification::Verification;

pub(crate) use check::PasswordCheck;
pub(crate) use unreadable::UnreadableHash;

#[cfg(not(feature = "argon2"))]
use bcrypt::{Bcrypt as Schemes, BcryptHash as StoredHash};
#[cfg(feature = "argon2")]
use schemes::{Schemes, StoredHash};
