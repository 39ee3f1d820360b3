//! The verdicts of the vector tests beside process-wide providers that panic: the library never calls one.
//!
//! A table may run before the providers are installed. That makes no difference: with both of their back ends enabled,
//! jsonwebtoken and rustls have no default provider and panic too.
#![cfg(test)]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    reason = "a mistake here fails a test, as it should"
)]

#[path = "../../vectors/dates.rs"]
mod dates;
#[path = "../../vectors/forge.rs"]
mod forge;
#[path = "../../vectors/headers.rs"]
mod headers;
#[path = "../../vectors/issuer_and_audience.rs"]
mod issuer_and_audience;
#[path = "../../vectors/json.rs"]
mod json;
#[path = "../../vectors/asymmetric/keys.rs"]
#[expect(dead_code, reason = "some keys are not used here")]
mod key_pairs;
#[path = "../../vectors/keys.rs"]
mod keys;
#[path = "../../vectors/kinds.rs"]
mod kinds;
#[path = "../../vectors/segments.rs"]
mod segments;
#[path = "../../vectors/serde_claims.rs"]
mod serde_claims;
#[path = "../../remote/server.rs"]
#[expect(dead_code, reason = "the failures of the server are not used here")]
mod server;
#[path = "../../vectors/subjects.rs"]
mod subjects;
#[path = "../../vectors/verdicts.rs"]
mod verdicts;

use std::panic;
use std::time::Duration;

use gatevault::error::InvalidReason;
use gatevault::{
    Algorithm, GateVault, Issuer, JwkSet, Payload, RemoteKeys, SigningKey, TokenManager, VerifyingKey,
};
use gatevault_foreign::install_hostile_providers;
use gatevault_tests::{Recorder, SECRET};
use jsonwebtoken::{EncodingKey, Header};
use serde::Deserialize;
use serde_json::Value;

use forge::{segments as parts, signed};
use key_pairs::{ALGORITHMS, manager_with, signing};
use server::{Answer, SecureServer};

const WARNING: &str = "WARN message=feature testing enabled in a build without debug assertions: \
    enable it in dev-dependencies only";

#[test]
fn the_providers_are_installed_and_panic() {
    install_hostile_providers();
    let key = EncodingKey::from_secret(SECRET.as_bytes()).unwrap();
    assert!(panic::catch_unwind(|| jsonwebtoken::encode(&Header::default(), &"{}", &key)).is_err());
    let random = rustls::crypto::CryptoProvider::get_default().unwrap().secure_random;
    let fill = panic::AssertUnwindSafe(|| random.fill(&mut [0; 8]));
    assert!(panic::catch_unwind(fill).is_err());
}

/// The library has the `serde_json` of this package: its claims are values of that type.
#[test]
fn the_features_of_serde_json_are_on_in_the_library() {
    let number: Value = serde_json::from_str("1e400").expect("`arbitrary_precision`");
    let payload = Payload::new(42).with("b", number).with("a", 0);
    let names: Vec<_> = payload.iter().map(|(name, _): (_, &Value)| name).collect();
    assert_eq!(names, ["b", "a"], "`preserve_order`");
    let nested = "[".repeat(200) + &"]".repeat(200);
    let mut reader = serde_json::Deserializer::from_str(&nested);
    reader.disable_recursion_limit(); // Only `unbounded_depth` has this method.
    assert!(Value::deserialize(&mut reader).is_ok());
    let rounded: f64 = serde_json::from_str("31.245270191439438").unwrap();
    assert_eq!(rounded.to_bits(), 31.245_270_191_439_438_f64.to_bits(), "`float_roundtrip`");
}

/// An application that is built for release, with the test kit by mistake, is warned.
#[test]
fn a_build_without_debug_assertions_warns_of_the_test_kit_once() {
    let recorder = Recorder::default();
    let install = || GateVault::new(gatevault_tests::tokens()).install().is_ok();
    assert_eq!(recorder.record(|| [install(), install()]), [true, false]);
    let lines: Vec<_> = recorder.lines().into_iter().map(|(level, line)| format!("{level} {line}")).collect();
    assert_eq!(lines, [WARNING], "build as `./scripts/test features` does");
}

#[test]
fn keys_of_every_algorithm_sign_and_verify_and_reject_a_forgery() {
    install_hostile_providers();
    let hmac = [SigningKey::hs256(SECRET), SigningKey::hs384(SECRET), SigningKey::hs512(SECRET)];
    for key in hmac.into_iter().map(Result::unwrap).chain(ALGORITHMS.map(signing)) {
        let algorithm = key.algorithm();
        let tokens = manager_with(key);
        let token = tokens.create_access_token(&Payload::new(42)).unwrap();
        let verified = tokens.decode_access_token::<Payload>(&token).unwrap();
        assert_eq!(verified.user_id().as_u64(), Some(42), "{algorithm}");
        let [header, claims, _] = parts(&token);
        let forged = signed(&format!("{header}.{claims}"), Algorithm::HS256, "not the secret");
        let verdict = tokens.decode_access_token::<Payload>(&forged).unwrap_err();
        assert_eq!(verdict, InvalidReason::Signature.into(), "{algorithm}");
    }
}

#[test]
fn keys_are_converted_to_the_types_of_jsonwebtoken_and_back_without_a_provider() {
    install_hostile_providers();
    for algorithm in
        ALGORITHMS.into_iter().filter(|algorithm| jsonwebtoken::Algorithm::try_from(*algorithm).is_ok())
    {
        let set = JwkSet::of([signing(algorithm).verifying_key().clone()]);
        let theirs = jsonwebtoken::jwk::JwkSet::try_from(&set).unwrap();
        assert_eq!(JwkSet::try_from(&theirs).unwrap().to_json(), set.to_json());
        let key = VerifyingKey::try_from(&theirs.keys[0]).unwrap();
        assert_eq!(jsonwebtoken::jwk::Jwk::try_from(&key).unwrap(), theirs.keys[0]);
    }
    let secret = EncodingKey::from_secret(SECRET.as_bytes()).unwrap();
    let secret = jsonwebtoken::jwk::Jwk::from_encoding_key(&secret, jsonwebtoken::Algorithm::HS256).unwrap();
    assert!(SigningKey::try_from(&secret).is_ok());
}

#[test]
fn keys_are_published_and_fetched_over_tls_with_the_librarys_cryptography() {
    install_hostile_providers();
    for algorithm in ALGORITHMS {
        let key = signing(algorithm).with_id("a").unwrap();
        let set = JwkSet::of([key.verifying_key().clone()]).to_json();
        let server = SecureServer::of("127.0.0.1", Answer::Body(set));
        let keys = RemoteKeys::jwks(server.url("/jwks")).trust_only(&server.authority).build().unwrap();
        keys.wait(Duration::from_mins(1)).unwrap();
        let theirs = TokenManager::builder().key(key).issuer("https://id.example").audience("billing");
        let token =
            theirs.subject_claim("sub").build().unwrap().create_access_token(&Payload::new(42)).unwrap();
        let issuer = Issuer::new("https://id.example", keys).audience("billing");
        let ours = TokenManager::builder().accept(issuer).build().unwrap();
        assert!(ours.decode_access_token::<Payload>(&token).is_ok(), "{algorithm}");
    }
}
