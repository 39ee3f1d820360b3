//! Interoperability with the Python library: each side accepts the other's tokens and hashes, and both reject the same.
//!
//! Tokens and keys of jose, joserfc, Authlib and OpenSSL: each side accepts those of the other, in every algorithm, and
//! the tables in `refusals` say where the verdicts on unusual tokens differ, and why.
//!
//! OAuth2 clients of Python, JavaScript and Rust: `oauth_clients` has each call of the token endpoint, and what each client
//! makes of the response.
//!
//! The tests need `python3` with venv, `npm` and `openssl`, and the packages in `requirements.txt` and
//! `package-lock.json`. Without them they fail with a message.

#![cfg(test)]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    reason = "a mistake here fails a test, as it should"
)]

mod environment;
mod hostile;
mod issuer;
mod key_sets;
mod matrix;
mod oauth_clients;
mod openssl;
mod passwords;
mod peer;
mod purpose;
mod refusals;
mod tokens;
mod verdict;

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

static EXCHANGED: AtomicUsize = AtomicUsize::new(0);

/// Prints, past the test harness, how many tokens or hashes of one side the other has verified.
fn report(what: &str, pairs: usize) {
    let before = EXCHANGED.fetch_add(pairs, Ordering::Relaxed);
    let line = format!("interop: {pairs} pairs, {what} ({} so far)\n", before + pairs);
    std::io::stderr().write_all(line.as_bytes()).expect("standard error is open");
}
