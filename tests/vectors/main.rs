//! Hostile tokens: each is signed with the right secret wherever its point lies behind the signature.
//!
//! The tables hold one case a line and name it when it fails; `differential` holds the whole verifier against
//! a slow and obvious one.

#![cfg(test)]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    reason = "a slip here fails a test, as it should"
)]

mod asymmetric;
mod dates;
mod differential;
mod embedded_keys;
mod flat;
mod forge;
mod headers;
mod json;
mod keys;
mod kinds;
mod parties;
mod properties;
mod readers;
mod secrecy;
mod segments;
mod serde_claims;
mod subjects;
mod verdicts;
