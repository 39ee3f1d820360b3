//! Key pairs: RSA, ECDSA and Ed25519, read from PEM, DER and JWK, and sets of their public halves.
//!
//! What a text holds is found out here, by its shape; the arithmetic, and whether a key is sound, is aws-lc's. A key
//! is parsed once, when it is made, and no text is looked at again.

mod constructors;
mod der;
mod form;
mod input;
#[cfg(feature = "jsonwebtoken")]
mod jsonwebtoken;
mod jwk;
mod jwk_pair;
mod jwk_set;
mod pem;
mod private;
mod public;
mod refusal;
mod suite;

pub use jwk_set::{JwkSet, SkippedKey};
