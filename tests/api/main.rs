//! Tokens, claims, login and errors, through the public API.
#![expect(clippy::panic, reason = "a test says what it saw instead")]

mod builder;
mod claims;
mod errors;
mod login;
mod tokens;
