//! `testing::Issuer`: what it publishes, and the tokens that it mints.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use gatevault::testing::{self, assert_denied};
use gatevault::{
    Algorithm, GateVault, GuardError, Issuer, JwkSet, Payload, RemoteKeys, TokenManager, Verified,
};
use serde_json::{Value, json};

/// Returns a gate that accepts the provider's tokens for `billing`, by the keys that it publishes now.
fn gate(provider: &testing::Issuer) -> GateVault {
    let keys = RemoteKeys::discover(provider.name()).allow_plain_http().build().unwrap();
    keys.wait(Duration::from_secs(30)).unwrap();
    let issuer = Issuer::new(provider.name(), keys).audience("billing");
    GateVault::new(TokenManager::builder().accept(issuer).build().unwrap())
}

fn verify(gate: &GateVault, token: &str) -> Result<Verified<Payload>, GuardError> {
    gate.verify(token)
}

fn access(provider: &testing::Issuer) -> String {
    provider.mint().audience("billing").token(&Payload::new("ada").with("scope", "read"))
}

/// Returns the body of a response, or `None` if there is no response.
fn get(provider: &testing::Issuer, path: &str) -> Option<Value> {
    let mut stream = TcpStream::connect(provider.name().strip_prefix("http://").unwrap()).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).ok()?;
    serde_json::from_str(response.split_once("\r\n\r\n")?.1).ok()
}

fn key_ids(provider: &testing::Issuer) -> Vec<String> {
    let set = JwkSet::from_json(&get(provider, "/jwks.json").unwrap().to_string()).unwrap();
    let mut ids: Vec<_> = set.keys().iter().map(|key| key.id().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

#[test]
fn an_issuer_of_every_asymmetric_algorithm_is_discovered_and_its_tokens_are_accepted() {
    use Algorithm::{ES256, ES384, ES512, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    for algorithm in [RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA] {
        let provider = testing::Issuer::start_with(algorithm);
        let verified = verify(&gate(&provider), &access(&provider)).unwrap();
        assert_eq!((verified.user_id().to_string(), &verified["scope"]), ("ada".to_owned(), &json!("read")));
        assert_eq!(provider.requests(), ["/.well-known/openid-configuration", "/jwks.json"], "{algorithm}");
    }
}

#[test]
fn an_issuer_publishes_its_configuration_and_its_keys_only() {
    let provider = testing::Issuer::start();
    let configuration = json!({"issuer": provider.name(), "jwks_uri": provider.jwks_url()});
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        assert_eq!(get(&provider, path).unwrap(), configuration, "{path}");
    }
    assert_eq!(get(&provider, "/token").unwrap(), json!({"error": "not_found"}));
    assert_eq!(provider.jwks_url(), format!("{}/jwks.json", provider.name()));
    assert_eq!(key_ids(&provider), ["key-1"]);
    assert_eq!(get(&provider, "/jwks.json").unwrap()["keys"][0].get("d"), None);
}

#[test]
fn a_new_key_signs_and_the_former_one_verifies_until_it_is_withdrawn() {
    let provider = testing::Issuer::start();
    let of_first = access(&provider);
    provider.rotate();
    assert_eq!(key_ids(&provider), ["key-1", "key-2"]);
    let of_second = access(&provider);
    let both = gate(&provider);
    assert!(verify(&both, &of_first).is_ok());
    assert!(verify(&both, &of_second).is_ok());

    provider.withdraw_former_keys();
    provider.withdraw_former_keys();
    assert_eq!(key_ids(&provider), ["key-2"]);
    let second = gate(&provider);
    assert!(verify(&second, &access(&provider)).is_ok());
    assert!(verify(&second, &of_first).is_err());
    provider.rotate();
    assert_eq!(key_ids(&provider), ["key-2", "key-3"]);
}

#[test]
fn an_issuer_that_is_down_does_not_respond_until_it_comes_back() {
    let provider = testing::Issuer::start();
    provider.go_down();
    assert_eq!(get(&provider, "/jwks.json"), None);
    let keys = RemoteKeys::jwks(provider.jwks_url()).allow_plain_http().build().unwrap();
    let issuer = Issuer::new(provider.name(), keys.clone()).audience("billing");
    let gate = GateVault::new(TokenManager::builder().accept(issuer).build().unwrap());
    assert_denied!(verify(&gate, &access(&provider)), Unavailable);

    provider.come_back();
    keys.wait(Duration::from_secs(30)).unwrap();
    assert!(verify(&gate, &access(&provider)).is_ok());
    let requests = provider.requests();
    assert!(requests.len() >= 2 && requests.iter().all(|path| path == "/jwks.json"), "{requests:?}");
}

#[test]
fn an_issuer_ends_when_it_is_dropped() {
    let provider = testing::Issuer::start();
    let address = provider.name().strip_prefix("http://").unwrap().to_owned();
    drop(provider);
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn claims_are_signed_as_they_are() {
    let provider = testing::Issuer::start();
    let gate = gate(&provider);
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let claims =
        json!({"iss": provider.name(), "aud": ["x", "billing"], "sub": "ada", "exp": now + 60, "iat": now});
    assert_eq!(verify(&gate, &provider.sign(&claims)).unwrap().user_id().to_string(), "ada");
    let nameless = json!({"aud": "billing", "sub": "ada", "exp": now + 60});
    assert_denied!(verify(&gate, &provider.sign(&nameless)), InvalidToken);
}

#[test]
fn an_algorithm_without_key_pairs_fails_the_test_at_its_line() {
    let fault = std::panic::catch_unwind(|| testing::Issuer::start_with(Algorithm::HS256)).unwrap_err();
    let expected =
        format!("{}:{}:45: HS256 has no key pairs: choose RS256 to ES512 or EdDSA", file!(), line!() - 2);
    assert_eq!(*fault.downcast_ref::<String>().unwrap(), expected);
}
