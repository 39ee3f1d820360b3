//! What can go wrong, by area: tokens, guards, passwords, configuration, and [`Error`] over all of them.
//!
//! Every error has two faces. Its `Display` text is coarse and safe to send to a client; the sentence
//! that says what exactly was wrong is its [`source`](std::error::Error::source), for the log. Neither
//! ever holds a token, a key, a hash or a password.

mod any;
mod config;
mod fetch;
mod guard;
mod hashing;
mod token;

pub use any::Error;
pub use config::{ConfigError, Warning};
pub use fetch::FetchError;
pub(crate) use guard::Lacking;
pub use guard::{BoxError, GuardError, InvalidCredentials, Unauthorized, Unavailable};
pub use hashing::HashingError;
pub use token::{InvalidReason, TokenError};
