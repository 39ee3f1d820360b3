//! Tokens: made from claims and a key, and taken apart again without trusting anything before its turn.

#[cfg(feature = "http")]
mod binding;
mod builder;
mod header;
mod issuer;
mod jws;
mod manager;
mod marks;
mod revocation;
mod revoking;
mod seen;
mod settings;
mod text;
mod validation;

pub use builder::TokenManagerBuilder;
pub use issuer::Issuer;
pub use manager::TokenManager;
pub use text::TokenText;
