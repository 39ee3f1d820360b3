//! Fuzz targets over the public API of `gatevault`.
//!
//! Each module is a target: a function that takes any bytes and asserts what must hold for them. The programs in `fuzz_targets`
//! run it under cargo-fuzz; the tests of this crate run it over the corpus and mutations of it, on any compiler.
#![forbid(unsafe_code)]

pub mod claims;
pub mod credentials;
pub mod hashes;
pub mod header;
pub mod keys;
pub mod routes;
pub mod sessions;
pub mod token;

mod forge;
mod ready;
mod strict;

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod tests;
