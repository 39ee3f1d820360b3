//! An RSA JWK without `alg` serves every RSA algorithm; one with `alg` serves that one.

use gatevault::error::InvalidReason;
use gatevault::{Algorithm, JwkSet, KeyRing, Payload, SigningKey, TokenManager, VerifyingKey};
use gatevault_tests::timed;
use serde_json::{Value, json};

use super::jwk_sets::jwk;
use super::jwks::PRIVATE;
use super::keys::*;
use super::peer::message;
use crate::forge::signed;
use crate::verdicts::{Case, assert_refused};

const FAMILY: [Algorithm; 6] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];

fn reader(key: VerifyingKey) -> TokenManager {
    let ring = KeyRing::verifying([key]).unwrap();
    TokenManager::builder().key_ring(ring).clock(timed().1).build().unwrap()
}

fn accepts(reader: &TokenManager, signing: SigningKey) -> bool {
    let token = manager_with(signing).create_access_token(&Payload::new(42)).unwrap();
    reader.decode_access_token::<Payload>(&token).is_ok()
}

#[test]
fn an_rsa_key_without_alg_verifies_every_rsa_algorithm_and_no_other() {
    let key = VerifyingKey::from_jwk(&jwk(0, &json!({})).to_string()).unwrap();
    assert_eq!(key.algorithm(), Algorithm::RS256);
    let reader = reader(key);
    for algorithm in ALGORITHMS {
        assert_eq!(accepts(&reader, signing(algorithm)), FAMILY.contains(&algorithm), "{algorithm}");
    }
    for algorithm in FAMILY {
        assert!(!accepts(&reader, sign_with(algorithm, OTHER_RSA).unwrap()), "{algorithm}");
    }
    let cases = ["HS256", "HS384", "HS512"].map(|name| -> Case {
        let hash = [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512]
            .into_iter()
            .find(|hash| hash.name() == name)
            .unwrap();
        (name.to_owned(), signed(&message(name), hash, RSA_PUBLIC), InvalidReason::Algorithm.into())
    });
    assert_refused(&reader, cases);
}

#[test]
fn a_signature_of_one_algorithm_does_not_pass_under_the_name_of_another() {
    let reader = reader(VerifyingKey::from_jwk(&jwk(0, &json!({})).to_string()).unwrap());
    for (named, signer) in FAMILY.iter().flat_map(|one| FAMILY.iter().map(move |other| (*one, *other))) {
        if named != signer {
            let message = message(named.name());
            let token = format!("{message}.{}", super::peer::signature(&message, signer));
            let case = (format!("{named} by {signer}"), token, InvalidReason::Signature.into());
            assert_refused(&reader, [case]);
        }
    }
}

#[test]
fn an_rsa_key_with_alg_serves_that_algorithm_alone() {
    for bound in FAMILY {
        let reader =
            reader(VerifyingKey::from_jwk(&jwk(0, &json!({"alg": bound.name()})).to_string()).unwrap());
        for algorithm in FAMILY {
            assert_eq!(accepts(&reader, signing(algorithm)), algorithm == bound, "{bound}, {algorithm}");
        }
    }
}

#[test]
fn the_keys_of_a_set_and_the_published_form_serve_the_family_too() {
    let set = json!({"keys": [jwk(0, &json!({"kid": "a"})), jwk(3, &json!({"kid": "b"}))]}).to_string();
    let set = JwkSet::from_json(&set).unwrap();
    let published: Value = serde_json::from_str(&set.keys()[0].to_jwk().unwrap()).unwrap();
    assert_eq!(published.get("alg"), None);
    let again = JwkSet::from_json(&set.to_json()).unwrap();
    for set in [set, again] {
        let ring = KeyRing::verifying(set).unwrap();
        let reader = TokenManager::builder().key_ring(ring).clock(timed().1).build().unwrap();
        for algorithm in FAMILY {
            assert!(accepts(&reader, signing(algorithm).with_id("a").unwrap()), "{algorithm}");
        }
    }
}

#[test]
fn a_key_pair_without_alg_is_for_rs256() {
    let key = SigningKey::from_jwk(PRIVATE[0].1).unwrap();
    assert_eq!(key.algorithm(), Algorithm::RS256);
    assert_eq!(key.verifying_key().to_jwk(), verifying(Algorithm::RS256).to_jwk());
    let reader = reader(key.verifying_key().clone());
    for algorithm in FAMILY {
        assert_eq!(accepts(&reader, signing(algorithm)), algorithm == Algorithm::RS256, "{algorithm}");
    }
    // A key in PEM is of the algorithm of its constructor.
    for algorithm in FAMILY {
        let alg: Value = serde_json::from_str(&verifying(algorithm).to_jwk().unwrap()).unwrap();
        assert_eq!(alg["alg"], algorithm.name());
    }
}
