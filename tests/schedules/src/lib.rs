//! The library over shuttle: the sources of `gatevault`, with the threads, locks and atomics of some files replaced (`build.rs`).
//!
//! A test runs its threads under many schedules: at each lock and each access of an atomic, shuttle chooses the thread that continues.
#![allow(
    missing_docs,
    unexpected_cfgs,
    unreachable_pub,
    unused,
    clippy::all,
    clippy::pedantic,
    rustdoc::all,
    reason = "the sources are checked where they are"
)]

include!(concat!(env!("OUT_DIR"), "/root.rs"));
