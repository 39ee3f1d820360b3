//! The examples of RFC 7515, 7519, 7638 and 8037: `data/rfc/examples.json`.

use gatevault::{Payload, SigningKey, TokenManager, VerifyingKey};
use serde_json::{Value, json};

use super::{NOT_CLAIMS, Tally, is_bound, parsed, reader, refusal, text};
use crate::asymmetric::jwks::{public_half, with};

const EXAMPLES: &str = include_str!("../data/rfc/examples.json");

/// The refusal of the claims in RFC 7515's examples: an issuer, an expiry in 2011 and a private claim.
const CLAIMS_OF_2011: &str = r#"Invalid(MissingClaim("type"))"#;

pub(super) fn examples(member: &str) -> Vec<Value> {
    parsed(EXAMPLES)[member].as_array().unwrap().clone()
}

/// Returns the key of an example, with its algorithm, which the RFC states beside it.
fn jwk(example: &Value) -> String {
    with(&example["jwk"].to_string(), &json!({ "alg": example["alg"] }))
}

#[test]
fn the_signatures_of_the_rfcs_are_verified() {
    let mut tally = Tally::default();
    for example in examples("jws") {
        let key = VerifyingKey::from_jwk(&public_half(&jwk(&example))).unwrap();
        assert_eq!(key.algorithm().name(), text(&example, "alg"));
        let (tokens, jws) = (reader([key]), text(&example, "compact"));
        let found = refusal(&tokens, jws);
        let is_verified = [NOT_CLAIMS, CLAIMS_OF_2011].contains(&found.as_str()) && is_bound(&tokens, jws);
        tally.must_verify(text(&example, "name"), is_verified, &found);
    }
    tally.assert("RFC 7515 and 8037, signatures", "verified 5, refused 0, excluded 0 of 5");
}

#[test]
fn unsecured_encrypted_and_json_examples_are_refused_under_every_key() {
    let mut tally = Tally::default();
    for example in examples("refused") {
        let refusals: Vec<_> = examples("jws")
            .iter()
            .map(|signed| VerifyingKey::from_jwk(&public_half(&jwk(signed))).unwrap())
            .map(|key| refusal(&reader([key]), text(&example, "compact")))
            .collect();
        assert!(refusals.iter().all(|refusal| *refusal == refusals[0]), "{refusals:?}");
        tally.must_refuse(text(&example, "name"), refusals[0] != NOT_CLAIMS, &refusals[0]);
    }
    tally.assert(
        "RFC 7515 and 7519, refused",
        r#"verified 0, refused 7, excluded 0 of 7
        refused 2: Decode(Encrypted)
        refused 2: Decode(Opaque)
        refused 2: Invalid(Algorithm)
        refused 1: Invalid(Extension("crit"))"#,
    );
}

#[test]
fn the_private_keys_of_the_examples_sign() {
    for example in examples("jws") {
        let key = SigningKey::from_jwk(&jwk(&example)).unwrap();
        let token = TokenManager::builder().key(key).build().unwrap();
        let token = token.create_access_token(&Payload::new(42)).unwrap();
        let key = VerifyingKey::from_jwk(&public_half(&jwk(&example))).unwrap();
        let reader = TokenManager::builder().key_ring(gatevault::KeyRing::verifying([key]).unwrap()).build();
        assert!(reader.unwrap().decode_access_token::<Payload>(&token).is_ok(), "{example}");
    }
}

#[test]
fn the_thumbprints_of_the_rfcs_are_computed() {
    let examples = examples("thumbprints");
    assert_eq!(examples.len(), 2);
    for example in examples {
        let key = VerifyingKey::from_jwk(&example["jwk"].to_string()).unwrap();
        assert_eq!(key.jwk_thumbprint().unwrap(), text(&example, "thumbprint"), "{}", text(&example, "name"));
    }
}
