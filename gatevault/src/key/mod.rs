//! Keys that sign and verify tokens.
//!
//! A key carries its one algorithm, so a token's header never chooses the algorithm (RFC 8725 section 3.1). Work that
//! depends only on the key is done once, when the key is created.
//!
//! - [`SigningKey`] signs and verifies; [`VerifyingKey`] only verifies. For HMAC ([`Algorithm::HS256`] and its relatives)
//!   both hold the same secret. For key pairs (feature `asymmetric`) the verifying key is public.
//! - [`KeyRing`] holds several keys: one signs, the others verify, and a token's `kid` selects among them. Keys are added,
//!   promoted, retired and removed while tokens are verified. [`RingKey`] is either kind of key.
//! - `JwkSet` (feature `asymmetric`) reads the published keys of an issuer, and publishes your own.
//! - `RemoteKeys` (feature `jwks-http`) fetches such a set from a URL and keeps it current.
//!
//! # Rotation
//!
//! Each step happens on every node before the next one begins:
//!
//! ```
//! use gatevault::{KeyRing, Payload, SigningKey, TokenManager};
//!
//! let november = SigningKey::hs256("november: at least thirty-two bytes")?.with_id("2026-11")?;
//! let december = SigningKey::hs256("december: at least thirty-two bytes")?.with_id("2026-12")?;
//!
//! let keys = KeyRing::new(november);
//! let tokens = TokenManager::builder().key_ring(keys.clone()).build()?;
//! let before = tokens.create_access_token(&Payload::new(42))?;
//!
//! keys.add(december)?; // 1. every node verifies with the new key
//! keys.promote("2026-12")?; // 2. the new key signs
//! tokens.retire_key("2026-11")?; // 3. the old key verifies until its last token has expired
//!
//! assert!(tokens.decode_access_token::<Payload>(&before).is_ok());
//! # Ok::<(), gatevault::Error>(())
//! ```

mod algorithm;
#[cfg(feature = "asymmetric")]
mod asymmetric;
mod header;
mod hmac;
mod index;
mod key_text;
mod policy;
#[cfg(feature = "jwks-http")]
mod remote;
mod ring;
mod scheme;
mod signing;
mod skipped;
mod snapshot;
mod verifying;

pub use algorithm::Algorithm;
#[cfg(feature = "asymmetric")]
pub use asymmetric::JwkSet;
#[cfg(feature = "jwks-http")]
pub use remote::{RemoteKeys, RemoteKeysBuilder};
pub use ring::{KeyRing, RingKey};
pub use signing::SigningKey;
pub use skipped::SkippedKey;
pub use verifying::VerifyingKey;

pub(crate) use header::TokenType;
pub(crate) use policy::ShortKey;
pub(crate) use snapshot::{KeyHint, KeySnapshot};
