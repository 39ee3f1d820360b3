//! Tokens that bring the public half of a pair: a verifier that trusts the header would accept them, so a refusal means something.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use gatevault::{KeyRing, Payload, TokenManager, VerifyingKey};
use gatevault_attack_tests::{ALGORITHMS, AUDIENCE, EMBEDDED, ISSUER, tokens, verifying_with};
use gatevault_tests::timed;
use serde_json::Value;

#[test]
fn every_token_with_a_public_key_in_its_header_is_valid_under_that_key() {
    let mut verified = Vec::new();
    for attack in tokens().iter().filter(|attack| attack.category == EMBEDDED) {
        let header = attack.token.split('.').next().unwrap();
        let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
        let algorithm = ALGORITHMS.into_iter().find(|algorithm| header["alg"] == algorithm.name()).unwrap();
        if algorithm.name().starts_with("HS") {
            continue;
        }
        let key = match header["x5c"][0].as_str() {
            Some(certificate) => verifying_with(algorithm, STANDARD.decode(certificate).unwrap()),
            None => VerifyingKey::from_jwk(&header["jwk"].to_string()).unwrap(),
        };
        let ring = KeyRing::verifying([key.with_id(algorithm.name()).unwrap()]).unwrap();
        let trusting = TokenManager::builder().key_ring(ring).issuer(ISSUER).audience(AUDIENCE);
        let trusting = trusting.clock(timed().1).build().unwrap();
        let payload = trusting.decode_access_token::<Payload>(&attack.token);
        assert!(payload.is_ok(), "{}: {payload:?}", attack.name);
        verified.push((algorithm, header["kid"].is_string(), header["jwk"].is_object()));
    }
    for algorithm in &ALGORITHMS[3..] {
        let forms = [(true, true), (true, false), (false, true), (false, false)];
        let missing = forms.into_iter().find(|(kid, jwk)| !verified.contains(&(*algorithm, *kid, *jwk)));
        assert_eq!(missing, None, "{algorithm}");
    }
}
