//! Keys from a URL: what is fetched, what is rejected, and which tokens a guard accepts.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that panics is a test that fails"
)]

mod credentials;
mod discovery;
mod fetching;
mod https;
mod location;
mod log;
mod missing;
mod nameless;
mod rotation;
mod script;
mod server;
mod settings;
mod signer;
mod transport;

use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

use gatevault::error::InvalidReason;
use gatevault::key::RemoteKeysBuilder;
use gatevault::{Issuer, Payload, RemoteKeys, TokenError, TokenManager};

use crate::script::Script;

/// The name of the tests' issuer.
const ISSUER: &str = "https://id.example/realms/shop";

const PENDING: Result<(), TokenError> = Err(TokenError::Invalid(InvalidReason::KeysPending));
const UNKNOWN: Result<(), TokenError> = Err(TokenError::Invalid(InvalidReason::KeyId));
/// The tokens of the tests expire in the year 2100.
const CENTURY: Duration = Duration::from_hours(24 * 365 * 100);
const SECOND: Duration = Duration::from_secs(1);

/// Returns a builder that fetches from a scripted issuer.
fn from(script: &Script) -> RemoteKeysBuilder {
    RemoteKeys::jwks("https://id.example/jwks").fetch_with(script.fetch())
}

/// Returns a manager that accepts the tokens of one issuer.
fn accepting(keys: &RemoteKeys) -> TokenManager {
    TokenManager::builder()
        .accept(Issuer::new(ISSUER, keys.clone()).audience("billing").max_lifetime(CENTURY))
        .build()
        .unwrap()
}

fn verdict(tokens: &TokenManager, token: &str) -> Result<(), TokenError> {
    tokens.decode_access_token::<Payload>(token).map(drop)
}

/// Waits until a condition holds, long enough for the slowest machine.
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_mins(1), "not within a minute: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until keys have arrived.
fn arrived(keys: &RemoteKeys) {
    keys.wait(Duration::from_mins(1)).unwrap();
}

/// Waits until a fetch has failed, and returns the reason.
fn failure(keys: &RemoteKeys) -> String {
    let mut reason = String::new();
    eventually("a failed fetch", || {
        let error = keys.wait(Duration::ZERO).expect_err("keys that must not be accepted");
        reason = error.source().unwrap().to_string();
        reason != "no response yet"
    });
    reason
}
