//! Errors, one for each area, and [`Error`] over all of them.
//!
//! | error | returned by |
//! |---|---|
//! | [`TokenError`] | creating and decoding tokens; [`InvalidReason`] and [`DecodeReason`] are the details |
//! | [`GuardError`] | guarded functions, login, refresh and the HTTP routes |
//! | [`HashingError`] | hashing passwords |
//! | [`ConfigError`] | builders and constructors; [`Warning`] is a setting that works but is weak |
//! | [`FetchError`] | fetching another issuer's keys |
//! | [`StoreError`] | connecting to a store, creating its tables, and the methods of a store |
//! | [`Error`] | a function of yours that uses `?` on several of them |
//!
//! [`BoxError`] is what your own user lookups return.
//!
//! # Two messages
//!
//! Every error has two messages, for two readers. [`Display`](std::fmt::Display) is for the client: it is coarse, so that an
//! attacker learns nothing from it. [`source`](std::error::Error::source) is for the log: it says exactly what was wrong.
//! Neither ever contains a token, a key, a hash or a password.
//!
//! [`GuardError`] also knows its HTTP form: [`status`](GuardError::status) and [`challenge`](GuardError::challenge).
//! [`StepUpChallenge`] creates one that asks for another login.
//!
//! # Examples
//!
//! ```
//! use std::error::Error as _;
//! use gatevault::{GateVault, Payload, TokenManager};
//!
//! let gate = GateVault::new(TokenManager::new("a secret of at least thirty-two bytes")?);
//! let stranger = TokenManager::new("another secret of at least thirty-two bytes")?;
//! let forged = stranger.create_access_token(&Payload::new(42))?;
//!
//! let denial = gate.verify::<Payload>(&forged).unwrap_err();
//! assert_eq!(denial.status(), 401);
//! assert_eq!(denial.to_string(), "the token is not valid"); // for the client
//! assert_eq!(denial.source().unwrap().to_string(), "the signature does not match"); // for the log
//! # Ok::<(), gatevault::Error>(())
//! ```

mod any;
mod bounds;
mod config;
mod decode;
mod excerpt;
mod fetch;
mod guard;
mod hashing;
mod mismatch;
mod step_up;
mod store;
mod token;
mod warning;

pub use any::Error;
pub use config::ConfigError;
pub use decode::{DecodeReason, Segment};
pub(crate) use excerpt::{excerpt, quoted};
pub use fetch::FetchError;
pub(crate) use guard::Lacking;
pub use guard::{BoxError, GuardError, InvalidCredentials, Unauthorized, Unavailable};
pub use hashing::HashingError;
pub use mismatch::Mismatch;
pub use step_up::StepUpChallenge;
pub use store::StoreError;
pub use token::{InvalidReason, TokenError};
pub use warning::Warning;
