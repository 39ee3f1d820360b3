//! Faults of the servers that hold sessions. No user loses a session, no token is issued, and no caller waits forever.
#![expect(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

mod behind_proxy;
mod blocking;
mod lost_answer;
mod outage;
mod postgres;
mod redis;
mod sqlite;
mod stale_feed;
