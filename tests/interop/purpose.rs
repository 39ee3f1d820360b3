//! Purpose tokens at the other end: no library verifies one with our secret or our published keys.

use std::time::Duration;

use gatevault::token::Purpose;
use gatevault::{JwkSet, Payload, SigningKey, TokenManager, UserId};
use serde_json::{Value, json};

use crate::issuer::{AUDIENCE, ISSUER, USER, signing_key};
use crate::peer::{Peer, ask};
use crate::report;
use crate::tokens::SECRET;

const RESET: Purpose = Purpose::new("password-reset", Duration::from_mins(30));
const LINK: Purpose = Purpose::new("magic-link", Duration::from_mins(10)).once();

/// The algorithms that the peers have all, one for each scheme and type of key.
const ALGORITHMS: [&str; 7] = ["HS256", "HS512", "RS256", "PS256", "ES256", "ES512", "EdDSA"];

/// Returns purpose tokens with several states.
fn purpose_tokens(tokens: &TokenManager, user: &UserId) -> Vec<String> {
    let states = ["", "$2b$12$abc", "ada@example.com", "a.b"];
    let all = [RESET, LINK].into_iter().flat_map(|purpose| states.map(|state| (purpose, state)));
    all.map(|(purpose, state)| tokens.create_purpose_token(&purpose, user, state).unwrap()).collect()
}

fn service(key: SigningKey) -> TokenManager {
    let builder = TokenManager::builder().issuer(ISSUER).audience(AUDIENCE).subject_claim("sub");
    builder.key(key).build().unwrap()
}

/// The Python library shares our secret, and looks at the claims that it knows only.
#[test]
fn the_python_library_refuses_purpose_tokens_for_their_signature() {
    let tokens = TokenManager::new(SECRET).unwrap();
    let accept = |token: &str| ask("accept", json!({"secret": SECRET, "token": token}));
    let access = tokens.create_access_token(&Payload::new(42)).unwrap();
    assert!(accept(&access)["raised"].is_null());
    let refused = purpose_tokens(&tokens, &42.into());
    for token in &refused {
        let response = accept(token);
        assert_eq!(response["raised"], "InvalidTokenError", "{response}");
    }
    report("purpose tokens refused by the Python library", refused.len());
}

/// jose, joserfc and Authlib with our set and the usual checks: the algorithm, the issuer, the audience and the expiry.
#[test]
fn no_library_that_follows_our_keys_accepts_a_purpose_token() {
    let mut count = 0;
    for peer in Peer::OTHERS {
        let written = peer.ask("keys", json!({"algorithms": ALGORITHMS}));
        for algorithm in ALGORITHMS {
            let (key, read_by) = key_of(&written["keys"][algorithm], algorithm);
            let tokens = service(key);
            let access = tokens.create_access_token(&Payload::new(USER)).unwrap();
            let refused = purpose_tokens(&tokens, &USER.into());
            let requests: Vec<_> = std::iter::once(&access)
                .chain(&refused)
                .map(|token| json!({"token": token, "algorithms": [algorithm], "key": read_by}))
                .collect();
            let request = json!({"tokens": requests, "issuer": ISSUER, "audience": AUDIENCE});
            let results = peer.ask_all("verify", request);
            assert_eq!(results[0].as_ref().map(Value::as_str), Ok(Some(USER)), "{peer} {algorithm}");
            for result in &results[1..] {
                let error = result.as_ref().unwrap_err();
                let is_signature = error["refused"].as_str().unwrap().to_lowercase().contains("signature");
                assert!(is_signature, "{peer} {algorithm}: {error}");
            }
            count += refused.len();
        }
    }
    report("purpose tokens refused by other libraries", count);
}

/// Returns a signing key from the peer's, and the form in which the peer reads the public half: our set, or the secret.
fn key_of(key: &Value, algorithm: &str) -> (SigningKey, Value) {
    let Some(pem) = key["private_pem"].as_str() else {
        let secret = &key["private_jwk"];
        let mut named = secret.clone();
        named["alg"] = json!(algorithm);
        return (SigningKey::from_jwk(&named.to_string()).unwrap(), json!({"jwk": secret}));
    };
    let key = signing_key(algorithm, pem).unwrap().with_id("2026-11").unwrap();
    let set = JwkSet::of([key.verifying_key().clone()]).to_json();
    (key, json!({"set": serde_json::from_str::<Value>(&set).unwrap()}))
}
