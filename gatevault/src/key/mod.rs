//! Keys that sign and verify tokens.
//!
//! A key carries its one algorithm, so a token's header never chooses the algorithm (RFC 8725 section 3.1). Work that
//! depends only on the key is done once, when the key is created.

mod algorithm;
#[cfg(feature = "asymmetric")]
mod asymmetric;
mod header;
mod hmac;
#[cfg(feature = "jwks-http")]
mod remote;
mod ring;
mod scheme;
mod signing;
mod verifying;

pub use algorithm::Algorithm;
#[cfg(feature = "asymmetric")]
pub use asymmetric::{JwkSet, SkippedKey};
#[cfg(feature = "jwks-http")]
pub use remote::{RemoteKeys, RemoteKeysBuilder};
pub use ring::{KeyRing, RingKey};
pub use signing::SigningKey;
pub use verifying::VerifyingKey;

pub(crate) use header::TokenType;
pub(crate) use ring::KeySnapshot;
