//! Key pairs: what is read as a key, what is signed and verified with it, what is forged against it.

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
mod remembered;
mod rfc;
mod secrecy;
