//! The keys of other issuers, fetched from a URL (feature `jwks-http`).
//!
//! A thread fetches them into a key ring. Guards only read the ring and signal the thread when a key is missing: they
//! never block and never do I/O.

mod builder;
mod client;
mod discovery;
mod failure;
mod headers;
mod keys;
mod refetch;
mod refresher;
mod response;
mod source;
mod transport;
mod url;

pub use builder::RemoteKeysBuilder;
pub use keys::RemoteKeys;
