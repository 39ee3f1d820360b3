//! Tokens of a certified `OpenID` provider, verified with the keys that its name leads to.
//!
//! The tests need Node.js 20.12 or newer with npm. The first run installs the packages that `provider/package-lock.json`
//! lists.

#![cfg(test)]
#![expect(clippy::string_slice, reason = "a mistake here fails a test, as it should")]

mod algorithms;
mod bound;
mod claims;
mod discovery;
mod kinds;
mod logout;
mod outage;
mod rotation;
mod several;

use std::thread;
use std::time::{Duration, Instant};

use gatevault::{
    GateVault, GuardError, Issuer, Payload, RemoteKeys, TokenError, TokenManager, Verified, protected,
};
use gatevault_issuers::Provider;
use serde_json::{Value, json};

/// The audience of access tokens: the API that these tests are.
const AUDIENCE: &str = "billing";

/// Returns the user of a token, as a guarded function sees it.
#[protected(gate = gate)]
fn user(gate: &GateVault, payload: Verified<Payload>) -> Result<String, GuardError> {
    Ok(payload.user_id().to_string())
}

/// Returns a manager that accepts the access tokens of a provider, with keys that have arrived.
fn accepting(provider: &Provider) -> TokenManager {
    accepting_with(provider, keys_of(provider.issuer()))
}

/// Returns a manager that accepts the access tokens of a provider with these keys.
fn accepting_with(provider: &Provider, keys: RemoteKeys) -> TokenManager {
    accepting_issuer(Issuer::new(provider.issuer(), keys).audience(AUDIENCE))
}

fn accepting_issuer(issuer: Issuer) -> TokenManager {
    TokenManager::builder().accept(issuer).build().unwrap()
}

/// Returns the keys that the name of an issuer leads to, after they have arrived.
fn keys_of(issuer: &str) -> RemoteKeys {
    let keys = pending_keys_of(issuer, Duration::from_secs(1));
    keys.wait(PATIENCE).unwrap();
    keys
}

/// Returns the keys of an issuer, which unknown key ids fetch at most once in this time.
fn pending_keys_of(issuer: &str, min_refetch_interval: Duration) -> RemoteKeys {
    let keys = RemoteKeys::discover(issuer).allow_plain_http();
    keys.min_refetch_interval(min_refetch_interval).build().unwrap()
}

/// Returns the HTTP status with which a guarded function answers to a token.
fn status(tokens: &TokenManager, token: &str) -> u16 {
    match user(token, &GateVault::new(tokens.clone())) {
        Ok(_) => 200,
        Err(denial) => denial.status(),
    }
}

/// Returns the reason why a guarded function rejects a token with 401.
fn refusal(tokens: &TokenManager, token: &str) -> TokenError {
    match user(token, &GateVault::new(tokens.clone())) {
        Err(GuardError::Token(error)) => error,
        other => panic!("expected a rejected token: {other:?}"),
    }
}

/// Returns the statuses of a token until it opens a guarded function, without repetitions.
fn statuses_until_accepted(tokens: &TokenManager, token: &str) -> Vec<u16> {
    let mut statuses = Vec::new();
    eventually("an accepted token", || {
        statuses.push(status(tokens, token));
        statuses.dedup();
        statuses.last() == Some(&200)
    });
    statuses
}

/// Waits until a condition holds, long enough for the slowest machine.
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "not in time: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Returns one key of each type, as providers publish them: `alg` is missing where a key fits several algorithms.
fn key_of_each_type() -> Vec<Value> {
    ["RSA", "P-256", "P-384", "P-521", "Ed25519"].map(|kind| json!({"generate": kind})).to_vec()
}

/// Returns a new key for ES256 with this id.
fn es256(kid: &str) -> Value {
    json!({"generate": "P-256", "kid": kid})
}

/// The time limit of all waits, long enough for the slowest machine.
const PATIENCE: Duration = Duration::from_mins(1);
