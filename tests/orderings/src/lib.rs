//! The library over loom: the sources of `gatevault`, with the locks and atomics of the revocation list replaced (`build.rs`).
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
