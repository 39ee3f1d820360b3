//! Key pairs: reading keys, signing and verifying with them, and forgeries against them.

mod conversions;
mod curves;
mod exchange;
mod forgeries;
mod formats;
mod jwk_sets;
mod jwks;
pub(crate) mod keys;
pub(crate) mod peer;
mod refusals;
mod rfc;
mod secrecy;
mod signature_cache;
