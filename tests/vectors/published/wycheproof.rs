//! Wycheproof's vectors for JSON Web Signatures: `json_web_signature_test.json` and `json_web_crypto_test.json`.

use gatevault::VerifyingKey;
use serde_json::{Value, json};

use super::{NOT_CLAIMS, Tally, is_verified, parsed, reader, refusal, text};
use crate::asymmetric::jwks::{public_half, with};

pub(super) const SIGNATURES: &str = include_str!("../data/wycheproof/json_web_signature_test.json");
pub(super) const CRYPTO: &str = include_str!("../data/wycheproof/json_web_crypto_test.json");

/// Vectors whose key contradicts their token. Each is excluded as it is and verifies with the member that its RFC demands.
const AMENDED: [(&[u64], &str, &str); 2] = [
    (&[346, 350], "PS384", "the JWK says PS256 and the token PS384 (RFC 7517 section 4.4)"),
    (&[347, 351], "ES512", "the JWK says ES521, which is not an algorithm (RFC 7518 section 3.1)"),
];

/// Vectors that Wycheproof calls valid, although a character of them is not base64url.
const MISSPELLED: [u64; 2] = [372, 373];
const STRICTER: &str = "`?` in a segment, which a decoder must not ignore (RFC 7515 section 2)";

pub(super) fn id(test: &Value) -> u64 {
    test["tcId"].as_u64().unwrap()
}

pub(super) fn groups(file: &Value) -> impl Iterator<Item = (&Value, &Vec<Value>)> {
    let groups = file["testGroups"].as_array().unwrap();
    groups.iter().map(|group| (group, group["tests"].as_array().unwrap()))
}

/// Returns the key of a group: its public part, or the secret of an HMAC.
pub(super) fn key(group: &Value) -> &Value {
    group.get("public").unwrap_or(&group["private"])
}

/// Vectors whose padding the file has lost: they are the valid token 357.
const UNPADDED: [u64; 2] = [367, 370];
const LOST: &str = "the token of 357, which is valid: the file has lost the padding";

/// Returns the token of a test as a string: a few are JSON objects.
pub(super) fn jws(test: &Value) -> String {
    test["jws"].as_str().map_or_else(|| test["jws"].to_string(), str::to_owned)
}

/// Runs the tests of one key.
pub(super) fn run(tally: &mut Tally, jwk: &Value, tests: &[Value]) {
    let key = VerifyingKey::from_jwk(&jwk.to_string());
    for test in tests {
        let (number, name) = (id(test), id(test).to_string());
        let jws = &jws(test);
        let found =
            key.as_ref().map_or_else(|_| NO_KEY.to_owned(), |key| refusal(&reader([key.clone()]), jws));
        let amended = AMENDED.iter().find(|(numbers, ..)| numbers.contains(&number));
        if let Some((_, alg, reason)) = amended {
            let key = VerifyingKey::from_jwk(&with(&jwk.to_string(), &json!({ "alg": alg }))).unwrap();
            assert!(is_verified(&reader([key]), jws) && found != NOT_CLAIMS, "{name}: {found}");
            tally.exclude(&name, reason);
        } else if MISSPELLED.contains(&number) {
            assert!(found.contains("Base64") || found.contains("Signature"), "{name}: {found}");
            tally.exclude(&name, STRICTER);
        } else if UNPADDED.contains(&number) {
            let valid = tests.iter().find(|other| id(other) == 357).unwrap();
            assert_eq!(test["jws"], valid["jws"]);
            tally.exclude(&name, LOST);
        } else if text(test, "result") == "valid" {
            let verified = key.as_ref().is_ok_and(|key| is_verified(&reader([key.clone()]), jws));
            tally.must_verify(&name, verified, &found);
        } else {
            tally.must_refuse(&name, found != NOT_CLAIMS, &found);
        }
    }
}

const NO_KEY: &str = "the key is not one for these signatures";

#[test]
fn every_signature_of_wycheproof_has_its_verdict() {
    let (file, mut tally) = (parsed(SIGNATURES), Tally::default());
    for (group, tests) in groups(&file) {
        run(&mut tally, key(group), tests);
    }
    tally.assert(
        "Wycheproof, signatures",
        "verified 40, refused 353, excluded 8 of 401
        refused 4: Decode(Base64(Claims))
        refused 2: Decode(Base64(Header))
        refused 6: Decode(Json(Header))
        refused 7: Decode(Opaque)
        refused 9: Decode(Segments { found: 2 })
        refused 2: Decode(Segments { found: 4 })
        refused 10: Invalid(Algorithm)
        refused 4: Invalid(KeyId)
        refused 305: Invalid(Signature)
        refused 4: the key is not one for these signatures
        excluded 2: `?` in a segment, which a decoder must not ignore (RFC 7515 section 2): 372, 373
        excluded 2: the JWK says ES521, which is not an algorithm (RFC 7518 section 3.1): 347, 351
        excluded 2: the JWK says PS256 and the token PS384 (RFC 7517 section 4.4): 346, 350
        excluded 2: the token of 357, which is valid: the file has lost the padding: 367, 370",
    );
}

#[test]
fn every_token_of_wycheproof_has_its_verdict() {
    let (file, mut tally) = (parsed(CRYPTO), Tally::default());
    for (group, tests) in groups(&file) {
        match text(group, "comment") {
            comment if comment.starts_with("jwe_") => encrypted(&mut tally, key(group), tests),
            comment if comment.contains("eyset") => super::wycheproof_sets::run(&mut tally, group, tests),
            _ => run(&mut tally, key(group), tests),
        }
    }
    tally.assert(
        "Wycheproof, tokens",
        "verified 4, refused 77, excluded 2 of 83
        refused 19: Decode(Encrypted)
        refused 6: Decode(Json(Header))
        refused 8: Decode(Opaque)
        refused 9: Decode(Segments { found: 2 })
        refused 12: Decode(Segments { found: 4 })
        refused 2: Decode(Segments { found: 5 })
        refused 2: Invalid(Algorithm)
        refused 4: Invalid(KeyId)
        refused 14: Invalid(Signature)
        refused 1: the key is not one for these signatures
        excluded 2: encrypted tokens are not supported (RFC 7516): 50, 67",
    );
}

/// No encrypted token is accepted, and no key for encryption verifies signatures.
fn encrypted(tally: &mut Tally, jwk: &Value, tests: &[Value]) {
    assert!(VerifyingKey::from_jwk(&public_half(&jwk.to_string())).is_err(), "{jwk}");
    let tokens = reader([VerifyingKey::hs256([7; 32]).unwrap()]);
    for test in tests {
        let jwe = test["jwe"].as_str().map_or_else(|| test["jwe"].to_string(), str::to_owned);
        let (name, found) = (id(test).to_string(), refusal(&tokens, &jwe));
        if text(test, "result") == "valid" {
            assert_eq!(found, "Decode(Encrypted)", "{name}");
            tally.exclude(&name, "encrypted tokens are not supported (RFC 7516)");
        } else {
            tally.must_refuse(&name, found != NOT_CLAIMS, &found);
        }
    }
}
