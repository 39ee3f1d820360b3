//! Wycheproof's vectors for key sets: `json_web_key_test.json`.

use gatevault::{ConfigError, JwkSet, KeyRing, TokenManager, VerifyingKey};
use serde_json::Value;

use super::wycheproof::{groups, id, jws, key};
use super::{NOT_CLAIMS, Tally, is_bound, parsed, refusal, text};

pub(super) const KEYS: &str = include_str!("../data/wycheproof/json_web_key_test.json");

/// Returns a manager with the keys of a set, under the strictest policy. A published set is a `JwkSet`. One that has nothing but
/// secrets is never published: it is the key ring of the service that signs.
fn manager(set: &Value) -> Result<TokenManager, String> {
    let keys = set["keys"].as_array().unwrap();
    let ring = if keys.iter().all(|key| key["kty"] == "oct") {
        let keys: Result<Vec<_>, _> =
            keys.iter().map(|key| VerifyingKey::from_jwk(&key.to_string())).collect();
        KeyRing::verifying(keys.map_err(|error| format!("key: {}", short(&error)))?)
    } else {
        KeyRing::verifying(JwkSet::from_json(&set.to_string()).map_err(|_| "no usable key in the set")?)
    };
    let ring = ring.map_err(|error| format!("ring: {}", short(&error)))?;
    TokenManager::builder()
        .key_ring(ring)
        .deny_short_key()
        .build()
        .map_err(|error| format!("manager: {}", short(&error)))
}

/// Returns the part of an error that says what is wrong, without the part that says what to write instead.
fn short(error: &ConfigError) -> String {
    let text = error.to_string();
    let end = text.find(": ").into_iter().chain(text.find(" (")).min();
    text[..end.unwrap_or(text.len())].to_owned()
}

/// Runs the tests of one key set.
pub(super) fn run(tally: &mut Tally, group: &Value, tests: &[Value]) {
    let tokens = manager(key(group));
    for test in tests {
        let (name, jws) = (id(test).to_string(), &jws(test));
        let found = tokens.as_ref().map_or_else(Clone::clone, |tokens| refusal(tokens, jws));
        if text(test, "result") == "valid" {
            let verified = tokens.as_ref().is_ok_and(|tokens| is_bound(tokens, jws));
            tally.must_verify(&name, verified && found == NOT_CLAIMS, &found);
        } else {
            tally.must_refuse(&name, found != NOT_CLAIMS, &found);
        }
    }
}

#[test]
fn every_key_set_of_wycheproof_has_its_verdict() {
    let (file, mut tally) = (parsed(KEYS), Tally::default());
    for (group, tests) in groups(&file) {
        run(&mut tally, group, tests);
    }
    tally.assert(
        "Wycheproof, key sets",
        "verified 5, refused 21, excluded 0 of 26
        refused 1: Invalid(KeyId)
        refused 1: Invalid(Signature)
        refused 1: key: `VerifyingKey::from_jwk` was given a JWK whose `k` is not base64url
        refused 2: key: `VerifyingKey::from_jwk` was given a secret whose `alg` is not HMAC
        refused 3: key: `secret` is empty
        refused 1: manager: `secret` has 31 bytes and needs at least 32
        refused 1: manager: `secret` has 47 bytes and needs at least 48
        refused 1: manager: `secret` has 63 bytes and needs at least 64
        refused 10: no usable key in the set",
    );
}
