//! Faults of the servers that hold sessions. No user loses a session, no token is issued, and no caller waits forever.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics is a test that fails"
)]

mod behind_proxy;
mod blocking;
mod cleaning;
mod cleaning_days;
mod conflicts;
mod ends_failing;
mod ends_node;
mod ends_order;
mod ends_together;
mod ends_waiting;
mod fake_sentinel;
mod lost_answer;
mod names;
mod notified;
mod opening;
mod outage;
mod partitions;
mod pooler;
mod postgres;
mod redis;
mod redis_cluster;
mod redis_failover;
mod redis_keys;
mod redis_long_lists;
mod redis_start;
mod restored;
mod rights;
mod spending;
mod sqlite;
mod stale_feed;
mod stepping_up;
