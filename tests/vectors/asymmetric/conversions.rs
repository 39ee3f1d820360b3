//! Conversions of keys, key sets and algorithms from and to the types of jsonwebtoken, with the rules for keys in JSON.

use gatevault::{Algorithm, ConfigError, JwkSet, KeyRing, Payload, SigningKey, TokenManager, VerifyingKey};
use gatevault_tests::{SECRET, timed};
use jsonwebtoken::jwk::{self, Jwk};
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde_json::{Value, json};

use super::jwks::{PRIVATE, public_half};
use super::keys::{manager_with, shared_algorithms, signing, verifying};
use super::peer::{manager_of, message, private, read_with, signature};
use crate::forge::encoded;
use crate::verdicts::assert_accepted;

const HMAC: [Algorithm; 3] = [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];

fn theirs(members: &Value) -> Jwk {
    serde_json::from_value(members.clone()).unwrap()
}

fn secret(algorithm: &str) -> Value {
    json!({"kty": "oct", "alg": algorithm, "kid": "2026-11", "k": encoded(SECRET)})
}

fn found(error: &ConfigError) -> &str {
    let ConfigError::InvalidKey { given_to, found, instead } = error else { panic!("{error:?}") };
    assert!(given_to.ends_with("try_from") && !instead.is_empty(), "{error}");
    found
}

#[test]
fn a_public_key_is_the_same_after_both_conversions() {
    for algorithm in shared_algorithms() {
        let key = verifying(algorithm).with_id("2026-11").unwrap();
        let theirs = Jwk::try_from(&key).unwrap();
        assert_eq!(theirs.common.key_id.as_deref(), Some("2026-11"));
        assert_eq!(theirs.common.public_key_use, Some(jwk::PublicKeyUse::Signature));
        let ours = VerifyingKey::try_from(&theirs).unwrap();
        assert_eq!((ours.algorithm(), ours.id()), (algorithm, Some("2026-11")));
        assert_eq!(ours.to_jwk(), key.to_jwk());
        // The converted key verifies our token.
        let token = manager_of(algorithm).create_access_token(&Payload::new(42)).unwrap();
        assert!(
            read_with(&token, &DecodingKey::from_jwk(&theirs).unwrap(), algorithm).is_ok(),
            "{algorithm}"
        );
    }
}

#[test]
fn a_key_of_jsonwebtoken_verifies_its_signatures_here() {
    for algorithm in shared_algorithms() {
        let jwk = Jwk::from_encoding_key(&private(algorithm), algorithm.try_into().unwrap()).unwrap();
        let verifying = VerifyingKey::try_from(&jwk).unwrap();
        assert_eq!(verifying.to_jwk(), signing(algorithm).verifying_key().to_jwk(), "{algorithm}");
        let message = message(algorithm.name());
        let token = format!("{message}.{}", signature(&message, algorithm));
        let ring = KeyRing::verifying([verifying]).unwrap();
        let manager = TokenManager::builder().key_ring(ring).clock(timed().1).build().unwrap();
        assert_accepted(&manager, [(algorithm.to_string(), token)]);
    }
}

#[test]
fn a_secret_is_converted_to_a_key_and_never_back() {
    for algorithm in HMAC {
        let jwk = theirs(&secret(algorithm.name()));
        let (signing, verifying) =
            (SigningKey::try_from(&jwk).unwrap(), VerifyingKey::try_from(&jwk).unwrap());
        assert_eq!((signing.algorithm(), signing.id()), (algorithm, Some("2026-11")));
        let token = manager_with(signing.clone()).create_access_token(&Payload::new(42)).unwrap();
        assert!(read_with(&token, &DecodingKey::from_jwk(&jwk).unwrap(), algorithm).is_ok());
        let error = Jwk::try_from(&verifying).unwrap_err();
        assert_eq!(found(&error), format!("a key for {algorithm}"));
        assert_eq!(Jwk::try_from(signing.verifying_key()).unwrap_err(), error);
    }
    let set = JwkSet::of([VerifyingKey::hs256(SECRET).unwrap(), verifying(Algorithm::ES256)]);
    assert_eq!(jwk::JwkSet::try_from(&set).unwrap().keys.len(), 1);
    // The secret of an `EncodingKey`.
    let key = EncodingKey::from_secret(SECRET.as_bytes()).unwrap();
    let jwk = Jwk::from_encoding_key(&key, jsonwebtoken::Algorithm::HS384).unwrap();
    assert_eq!(SigningKey::try_from(&jwk).unwrap().algorithm(), Algorithm::HS384);
}

/// Returns the public RSA key of the tests with other members.
fn rsa_with(members: &Value) -> Value {
    let mut jwk: Value = serde_json::from_str(&public_half(PRIVATE[0].1)).unwrap();
    jwk.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    jwk
}

/// Returns keys that cannot verify, for a reason that their JSON shows.
fn unusable() -> Vec<Value> {
    let rsa = [
        json!({"use": "enc"}),
        json!({"key_ops": ["sign"]}),
        json!({"alg": "ES256"}),
        json!({"alg": "RSA-OAEP"}),
        json!({"kid": ""}),
        json!({"n": "AQAB"}),
        json!({"n": "!"}),
    ];
    let others = [
        json!({"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"}),
        json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}),
        json!({"kty": "OKP", "crv": "P-256", "x": "AA"}),
    ];
    rsa.iter().map(rsa_with).chain(others).collect()
}

/// Returns keys that jsonwebtoken does not understand, and the error for each.
fn unknown() -> [(Value, &'static str); 5] {
    [
        (json!({"kty": "RSA"}), "a JWK that `jsonwebtoken` does not understand"),
        (json!({"kty": "AKP", "pub": "AA"}), "a JWK that `jsonwebtoken` does not understand"),
        (
            json!({"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}),
            "a JWK that `jsonwebtoken` does not understand",
        ),
        (rsa_with(&json!({"alg": "RS1"})), "a JWK whose `alg` `jsonwebtoken` does not know"),
        (rsa_with(&json!({"alg": "UNKNOWN_ALGORITHM"})), "a JWK whose `alg` `jsonwebtoken` does not know"),
    ]
}

#[test]
fn an_unusable_key_is_refused_for_the_same_reason_as_in_json() {
    for members in unusable() {
        let ours = VerifyingKey::from_jwk(&members.to_string()).unwrap_err();
        let ConfigError::InvalidKey { found: reason, .. } = &ours else { panic!("{ours:?}") };
        assert_eq!(found(&VerifyingKey::try_from(&theirs(&members)).unwrap_err()), reason);
    }
    for (members, reason) in unknown() {
        let error = VerifyingKey::try_from(&theirs(&members)).unwrap_err();
        assert_eq!(found(&error), reason);
        assert!(error.to_string().contains("`VerifyingKey::from_jwk`"), "{error}");
    }
}

#[test]
fn only_a_secret_makes_a_key_that_signs() {
    let error = SigningKey::try_from(&theirs(&rsa_with(&json!({})))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`SigningKey::try_from` was given a public key: `jsonwebtoken` keeps no private members: \
         give the JSON of the key to `SigningKey::from_jwk`"
    );
    let with = |members: Value| {
        let mut jwk = secret("HS256");
        jwk.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        theirs(&jwk)
    };
    let verify_only = with(json!({"key_ops": ["verify"]}));
    assert!(found(&SigningKey::try_from(&verify_only).unwrap_err()).contains("`key_ops`"));
    assert!(VerifyingKey::try_from(&verify_only).is_ok());
    assert!(SigningKey::try_from(&with(json!({"alg": "RS256"}))).is_err());
    assert!(SigningKey::try_from(&with(json!({"use": "enc"}))).is_err());
    let empty = SigningKey::try_from(&with(json!({"k": ""}))).unwrap_err();
    assert_eq!(empty, ConfigError::EmptyKey { recommended: 32 });
}

#[test]
fn a_set_is_converted_both_ways_and_keys_that_cannot_verify_are_skipped() {
    let ours = JwkSet::of(
        shared_algorithms().map(|algorithm| verifying(algorithm).with_id(algorithm.name()).unwrap()),
    );
    let theirs = jwk::JwkSet::try_from(&ours).unwrap();
    assert_eq!(JwkSet::try_from(&theirs).unwrap().to_json(), ours.to_json());

    let mut members = unusable();
    members.push(secret("HS256"));
    let json = |others: Vec<Value>| {
        let keys = theirs.keys.iter().map(|jwk| serde_json::to_value(jwk).unwrap());
        json!({"keys": keys.chain(others).collect::<Vec<_>>()})
    };
    let read = JwkSet::from_json(&json(members.clone()).to_string()).unwrap();
    let reasons: Vec<_> = read
        .skipped()
        .iter()
        .map(|key| match &key.reason {
            ConfigError::InvalidKey { found, .. } => (key.id.as_deref(), found.as_str()),
            other => panic!("{other:?}"),
        })
        .collect();
    members.extend(unknown().map(|(members, _)| members));
    let converted = JwkSet::try_from(&serde_json::from_value::<jwk::JwkSet>(json(members)).unwrap()).unwrap();
    assert_eq!(converted.to_json(), ours.to_json());
    let skipped: Vec<_> =
        converted.skipped().iter().map(|key| (key.id.as_deref(), found(&key.reason))).collect();
    assert_eq!(skipped[..11], reasons);
    assert_eq!(skipped[11..], unknown().map(|(_, reason)| (None, reason)));
}

#[test]
fn a_set_without_a_usable_key_is_refused() {
    let refused = |set: &jwk::JwkSet| JwkSet::try_from(set).unwrap_err();
    let key = Jwk::try_from(&verifying(Algorithm::ES256).with_id("a").unwrap()).unwrap();
    let encryption = {
        let mut key = key.clone();
        key.common.public_key_use = Some(jwk::PublicKeyUse::Encryption);
        key
    };
    let many = |count: usize| jwk::JwkSet { keys: vec![encryption.clone(); count] };
    assert_eq!(JwkSet::try_from(&jwk::JwkSet { keys: vec![key; 200] }).unwrap().keys().len(), 1);
    for set in [many(0), many(1), many(101)] {
        let json = serde_json::to_string(&set).unwrap();
        let ours = JwkSet::from_json(&json).unwrap_err();
        assert_eq!(refused(&set).to_string(), ours.to_string().replace("from_json", "try_from"));
    }
}

#[test]
fn each_algorithm_is_converted_by_its_name() {
    for algorithm in HMAC.into_iter().chain(shared_algorithms()) {
        let theirs = jsonwebtoken::Algorithm::try_from(algorithm).unwrap();
        assert_eq!(theirs, algorithm.name().parse().unwrap());
        assert_eq!(Algorithm::try_from(theirs), Ok(algorithm));
    }
}

#[test]
fn an_algorithm_that_jsonwebtoken_lacks_is_an_error_that_names_it() {
    let unknown = ConfigError::UnknownAlgorithm { found: "ES512".to_owned() };
    assert_eq!(jsonwebtoken::Algorithm::try_from(Algorithm::ES512), Err(unknown));
    let key = verifying(Algorithm::ES512);
    assert_eq!(found(&Jwk::try_from(&key).unwrap_err()), "a key for ES512");
    assert_eq!(found(&jwk::JwkSet::try_from(&JwkSet::of([key.clone()])).unwrap_err()), "a key for ES512");
    // It knows the curve, so a key without `alg` is converted to ours.
    let mut members: Value = serde_json::from_str(&key.to_jwk().unwrap()).unwrap();
    members.as_object_mut().unwrap().remove("alg");
    assert_eq!(VerifyingKey::try_from(&theirs(&members)).unwrap().to_jwk(), key.to_jwk());
}

#[test]
fn an_rsa_key_without_alg_is_converted_to_one_that_serves_every_rsa_algorithm() {
    let members = rsa_with(&json!({"kid": "a"}));
    let key = VerifyingKey::try_from(&theirs(&members)).unwrap();
    assert_eq!(key.to_jwk(), VerifyingKey::from_jwk(&members.to_string()).unwrap().to_jwk());
    let back = Jwk::try_from(&key).unwrap();
    assert_eq!(back.common.key_algorithm, None);
    assert_eq!(VerifyingKey::try_from(&back).unwrap().to_jwk(), key.to_jwk());
}

/// Shows the reasons why our own code reads keys in JSON. If an assertion fails, a later version of jsonwebtoken has lost
/// that difference: update the list in ARCHITECTURE.md.
#[test]
fn the_types_of_jsonwebtoken_lose_the_listed_members_of_a_key() {
    for (algorithm, private) in PRIVATE {
        let jwk: Jwk = serde_json::from_str(private).unwrap();
        assert!(
            !serde_json::to_string(&jwk).unwrap().contains("\"d\""),
            "a private key stays private: {algorithm}"
        );
        assert!(
            VerifyingKey::try_from(&jwk).is_ok() && VerifyingKey::from_jwk(private).is_err(),
            "{algorithm}"
        );
    }

    let public = public_half(PRIVATE[0].1);
    let repeated = |member: &str| format!("{{{member},{member},{}", &public.trim_start()[1..]);
    // jsonwebtoken detects repetitions only of the members that every key has.
    for member in [r#""d":"AA""#, r#""x":"AA""#, r#""ext":true"#] {
        assert!(
            serde_json::from_str::<Jwk>(&repeated(member)).is_ok(),
            "a repeated member is refused: {member}"
        );
        assert!(VerifyingKey::from_jwk(&repeated(member)).is_err(), "{member}");
    }
    // With a repeated number, jsonwebtoken does not understand the key, so it is not converted.
    let n: Value = serde_json::from_str(&public).unwrap();
    let twice: Jwk = serde_json::from_str(&repeated(&format!("\"n\":{}", n["n"]))).unwrap();
    assert!(matches!(twice.algorithm, jwk::AlgorithmParameters::Other(_)));
    assert!(VerifyingKey::try_from(&twice).is_err());

    let unknown = public.replacen('{', r#"{"alg":"RSA-OAEP-512","#, 1);
    let jwk: Jwk = serde_json::from_str(&unknown).unwrap();
    assert_eq!(jwk.common.key_algorithm, Some(jwk::KeyAlgorithm::UNKNOWN_ALGORITHM), "its name is known");
    assert!(DecodingKey::from_jwk(&jwk).is_ok(), "jsonwebtoken rejects a key for another use");
    assert!(VerifyingKey::try_from(&jwk).is_err() && VerifyingKey::from_jwk(&unknown).is_err());
}
