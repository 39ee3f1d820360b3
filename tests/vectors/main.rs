//! Hostile tokens. Each is signed with the right secret if it attacks a check after the signature.
//!
//! The tables have one case in each line, and a failure names the case. `differential` compares the whole verifier with a slow
//! and obvious one.

#![cfg(test)]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    reason = "a slip here fails a test, as it should"
)]

mod asymmetric;
mod authentication;
mod dates;
mod differential;
mod embedded_keys;
mod flat;
mod forge;
mod headers;
mod issuer_and_audience;
mod json;
mod key_texts;
mod keys;
mod kinds;
mod properties;
mod published;
mod readers;
mod secrecy;
mod secret_texts;
mod segments;
mod serde_claims;
mod subjects;
mod verdicts;
