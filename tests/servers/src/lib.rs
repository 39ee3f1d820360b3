//! Real servers that the store tests start, kill and pause, and a proxy that injects network faults.
//!
//! Each server has a port of its own on 127.0.0.1 and a folder of its own. Dropping it stops the process and removes the
//! folder. A server that is never dropped, because it is in a `static` or because the test was killed, is stopped by a shell
//! that watches its folder. If a server is not installed, the test panics with the package to install and is never skipped.
//!
//! Linux only: the processes of PostgreSQL are found through `/proc`.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::missing_panics_doc,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test's support that panics is a test that fails"
)]

mod folder;
mod port;
mod postgres;
mod process;
mod program;
mod proxy;
mod redis;
mod sentinel;
mod server;

pub use port::free_port;
pub use postgres::{PoolerServer, PostgresServer};
pub use proxy::FaultProxy;
pub use redis::RedisServer;
pub use sentinel::SentinelGroup;
