//! Every hostile token and every hostile stored hash, against every way in.
//!
//! A binary of its own: it replaces the allocator with one that counts for each thread, and installs the gate under attack.
//! What bounds the work is the memory of each refusal, and a generous limit on its time, which measures no speed.

#![cfg(test)]
#![expect(clippy::arithmetic_side_effects, reason = "a slip here fails a test, as it should")]

mod catalogue;
mod embedded_keys;
mod framework_routes;
mod frameworks;
mod functions;
mod grpc;
mod handlers;
mod kinds;
mod passwords;
mod refresh;
mod routes;
mod target;
mod tiny_http_requests;
mod watch;
