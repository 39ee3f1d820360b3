//! Key pairs: reading keys, signing and verifying with them, and forgeries against them.

mod conversions;
mod curves;
mod exchange;
mod external;
mod forgeries;
mod formats;
mod irregular_sets;
mod jwk_errors;
mod jwk_sets;
pub(crate) mod jwks;
pub(crate) mod keys;
mod misplaced;
mod openssl;
pub(crate) mod peer;
mod refusals;
mod ring_ids;
mod ring_keys;
mod rsa_family;
mod rsa_pss;
mod secrecy;
mod signature_cache;
