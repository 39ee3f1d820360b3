//! The servers and the proxy that other tests rely on, checked through plain sockets.

#![cfg(test)]
#![expect(clippy::arithmetic_side_effects, reason = "a slip here fails a test, as it should")]

mod cleanup;
mod client;
mod pooler;
mod postgres;
mod proxy;
mod redis;
