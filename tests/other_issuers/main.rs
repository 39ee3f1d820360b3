//! Tokens of other issuers: which are accepted, whose they are, which key verifies them, and what the log says.
#![expect(
    clippy::doc_markdown,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics is a test that fails, and names of products are words"
)]

mod audiences;
mod bound;
mod explanations;
mod forms;
mod header_types;
mod key_ids;
mod kinds;
mod large;
mod lifetimes;
mod many;
mod overlaps;
mod service;
mod shapes;
mod shared_keys;
mod signer;
mod tenants;
mod times;
