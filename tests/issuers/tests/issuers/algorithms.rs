//! Every signature algorithm of the provider, for access tokens and for ID tokens.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::LazyLock;

use gatevault::error::InvalidReason;
use gatevault::{Algorithm, GateVault, Issuer, KeyRing, TokenError, TokenManager, VerifyingKey};
use gatevault_issuers::{Provider, SECRET, UserAgent, resource, segment, service_token};
use serde_json::json;

use crate::{AUDIENCE, accepting, accepting_issuer, key_of_each_type, keys_of, refusal, status, user};

/// Each asymmetric algorithm with the type of its keys.
const ALGORITHMS: [(&str, &str); 11] = [
    ("RS256", "RSA"),
    ("RS384", "RSA"),
    ("RS512", "RSA"),
    ("PS256", "RSA"),
    ("PS384", "RSA"),
    ("PS512", "RSA"),
    ("ES256", "P-256"),
    ("ES384", "P-384"),
    ("ES512", "P-521"),
    ("EdDSA", "Ed25519"),
    ("Ed25519", "Ed25519"),
];

/// A provider whose RSA key and Ed25519 key have no `alg` in the key set. Runs until the tests end.
static UNNAMED: LazyLock<Provider> = LazyLock::new(|| Provider::start(&key_of_each_type()));

/// A provider with a key for each algorithm, named in its `alg`.
static NAMED: LazyLock<Provider> = LazyLock::new(|| {
    let key = |(algorithm, kind)| json!({"generate": kind, "alg": algorithm, "kid": algorithm});
    Provider::start(&ALGORITHMS.map(key))
});

#[test]
fn access_tokens_of_every_algorithm_open_a_guard_with_keys_that_name_no_algorithm() {
    let tokens = accepting(&UNNAMED);
    every("access token, key without alg", "service", |algorithm| {
        verdict(&tokens, &service_token(&UNNAMED, &resource(algorithm)), algorithm)
    });
}

#[test]
fn access_tokens_of_every_algorithm_open_a_guard_with_keys_that_name_theirs() {
    let tokens = accepting(&NAMED);
    every("access token, key with alg", "service", |algorithm| {
        verdict(&tokens, &service_token(&NAMED, &resource(algorithm)), algorithm)
    });
}

#[test]
fn access_tokens_of_a_user_open_a_guard_whichever_algorithm_the_id_token_has() {
    let tokens = accepting(&UNNAMED);
    every("access token of a user", "alice", |algorithm| {
        let login = UserAgent::new(&UNNAMED).sign_in(&format!("web-{algorithm}"), &resource(algorithm));
        verdict(&tokens, &login.access, algorithm)
    });
}

#[test]
fn id_tokens_of_every_algorithm_open_a_guard_of_an_issuer_of_any_kind() {
    for (keys, provider) in [("without", &*UNNAMED), ("with", &*NAMED)] {
        let fetched = keys_of(provider.issuer());
        every(&format!("ID token, any_kind(), key {keys} alg"), "alice", |algorithm| {
            let client = format!("web-{algorithm}");
            let issuer = Issuer::new(provider.issuer(), fetched.clone()).audience(&client).any_kind();
            let login = UserAgent::new(provider).sign_in(&client, &resource(algorithm));
            verdict(&accepting_issuer(issuer), &login.id, algorithm)
        });
    }
}

#[test]
fn id_tokens_of_every_algorithm_open_no_other_guard() {
    let fetched = keys_of(UNNAMED.issuer());
    for (algorithm, _) in ALGORITHMS {
        let client = format!("web-{algorithm}");
        let tokens = accepting_issuer(Issuer::new(UNNAMED.issuer(), fetched.clone()).audience(&client));
        let login = UserAgent::new(&UNNAMED).sign_in(&client, &resource(algorithm));
        let refusal = refusal(&tokens, &login.id);
        assert!(
            matches!(refusal, TokenError::Invalid(InvalidReason::NotAccess { .. })),
            "{algorithm}: {refusal:?}"
        );
    }
}

#[test]
fn a_key_without_alg_serves_no_algorithm_that_the_issuer_does_not_name() {
    let named = [Algorithm::PS256, Algorithm::ES512];
    let issuer =
        Issuer::new(UNNAMED.issuer(), keys_of(UNNAMED.issuer())).audience(AUDIENCE).algorithms(named);
    let tokens = accepting_issuer(issuer);
    for (algorithm, _) in ALGORITHMS {
        let expected = if named.iter().any(|named| named.name() == algorithm) { 200 } else { 401 };
        assert_eq!(status(&tokens, &service_token(&UNNAMED, &resource(algorithm))), expected, "{algorithm}");
    }
}

#[test]
fn access_tokens_signed_with_a_shared_secret_open_a_guard_with_that_secret() {
    for (algorithm, key) in [
        ("HS256", VerifyingKey::hs256(SECRET)),
        ("HS384", VerifyingKey::hs384(SECRET)),
        ("HS512", VerifyingKey::hs512(SECRET)),
    ] {
        let keys = KeyRing::verifying([key.unwrap()]).unwrap();
        let tokens = accepting_issuer(Issuer::new(UNNAMED.issuer(), keys).audience(AUDIENCE));
        let token = service_token(&UNNAMED, &resource(algorithm));
        assert_eq!(verdict(&tokens, &token, algorithm), "service");
    }
}

/// Returns the user of a token with this algorithm, or the reason why there is none.
fn verdict(tokens: &TokenManager, token: &str, algorithm: &str) -> String {
    assert_eq!(segment(token, 0)["alg"], algorithm);
    user(token, &GateVault::new(tokens.clone())).unwrap_or_else(|denial| format!("{denial:?}"))
}

/// Asserts that every algorithm has the same verdict, and prints all of them past the test harness.
fn every(what: &str, expected: &str, mut verdict_of: impl FnMut(&'static str) -> String) {
    let verdicts: BTreeMap<_, _> = ALGORITHMS.map(|(algorithm, _)| (algorithm, verdict_of(algorithm))).into();
    let lines =
        verdicts.iter().map(|(algorithm, verdict)| format!("issuers: {algorithm}, {what}: {verdict}\n"));
    std::io::stderr().write_all(lines.collect::<String>().as_bytes()).expect("standard error is open");
    assert_eq!(verdicts, ALGORITHMS.map(|(algorithm, _)| (algorithm, expected.to_owned())).into());
}
