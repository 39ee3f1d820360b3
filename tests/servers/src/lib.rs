//! Real servers that the tests of session stores start, kill and pause, and a proxy that loses what passes through it.
//!
//! A server listens on a port of its own on 127.0.0.1, keeps its data in a folder of its own, and is gone with both when
//! it is dropped. One that is never dropped, because it lives in a `static` or because the test was killed, is ended by
//! the shell that watches over its folder. A server that is not installed is a panic that says what to install, never a
//! skipped test. Linux only: which processes belong to PostgreSQL is read from `/proc`.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::missing_panics_doc,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test's support that panics is a test that fails"
)]

mod home;
mod port;
mod postgres;
mod process;
mod program;
mod proxy;
mod redis;
mod server;

pub use postgres::PostgresServer;
pub use proxy::FaultProxy;
pub use redis::RedisServer;
