//! Key pairs: RSA, ECDSA and Ed25519, read from PEM, DER and JWK, and sets of their public halves.
//!
//! This module recognizes the form of a key. aws-lc parses it, checks it and does the arithmetic. A key is parsed once,
//! when it is created.

mod constructors;
mod der;
mod ed25519;
mod external;
mod form;
mod input;
mod input_json;
mod invalid_key;
#[cfg(feature = "jsonwebtoken")]
mod jsonwebtoken;
mod jwk;
mod jwk_members;
mod jwk_pair;
mod jwk_set;
mod jwk_thumbprint;
mod pem;
mod private;
mod pss;
mod public;
mod roca;
mod suite;
mod thumbprints;
mod unsupported;

pub use jwk_set::JwkSet;
