//! The keys of other issuers, from a URL: feature `jwks-http`.
//!
//! A thread fetches them into a ring. Guards only ever see the ring, and ring a bell when a key is missing:
//! they never wait and never do I/O.

mod address;
mod bell;
mod builder;
mod client;
mod keys;
mod refresher;
mod source;

pub use builder::RemoteKeysBuilder;
pub use keys::RemoteKeys;
