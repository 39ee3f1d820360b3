//! What befalls the servers that sessions are kept on, and what must hold then: nobody is logged out, nothing is handed out,
//! and nobody waits for ever.
#![expect(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

mod behind_proxy;
mod blocking;
mod lost_answer;
mod outage;
mod postgres;
mod redis;
mod silence;
mod sqlite;
