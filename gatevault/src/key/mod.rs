//! Keys: what a token is signed and verified with. A key carries its one algorithm, so a token's header
//! never chooses (RFC 8725 section 3.1), and everything that depends only on the key is done once.

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
pub(crate) use ring::Keys;
