//! The servers and the proxy that other tests rely on, each thing they promise seen from a plain socket.

#![cfg(test)]
#![expect(clippy::arithmetic_side_effects, reason = "a slip here fails a test, as it should")]

mod client;
mod endings;
mod postgres;
mod proxy;
mod redis;
