//! The Python library on the other end: what one side makes the other accepts, and both refuse the same.
//!
//! Needs `python3` with venv and the packages of `requirements.txt`; fails without them, and says so.

#![cfg(test)]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    reason = "a slip here fails a test, as it should"
)]

mod passwords;
mod peer;
mod refusals;
mod tokens;
mod verdict;

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

static EXCHANGED: AtomicUsize = AtomicUsize::new(0);

/// Tells a person, past the test harness, that so many tokens or hashes of one side were judged by the other.
fn report(what: &str, pairs: usize) {
    let before = EXCHANGED.fetch_add(pairs, Ordering::Relaxed);
    let line = format!("interop: {pairs} pairs, {what} ({} so far)\n", before + pairs);
    std::io::stderr().write_all(line.as_bytes()).expect("standard error is open");
}
