//! Debug output and errors of keys: they contain no key material.

use std::fmt::Debug;

use gatevault::{JwkSet, KeyRing, SigningKey, TokenManager, VerifyingKey};
use gatevault_tests::hex;
use serde_json::Value;

use super::jwks::{PRIVATE, public_half};
use super::keys::*;

fn shown(value: &impl Debug) -> String {
    format!("{value:?} {value:#?}")
}

/// Returns each part of the key in the forms it could be printed in: base64 of both alphabets, hexadecimal, a list of bytes.
fn pieces(pem: &str, jwk: &str) -> Vec<String> {
    let der = der(pem);
    let key = &der[der.len() - 24..];
    let members: Value = serde_json::from_str(jwk).unwrap();
    let numbers = ["n", "d", "p", "x", "y"].into_iter().filter_map(|name| members[name].as_str());
    let hex = hex(key);
    let list = key.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    let mut pieces: Vec<_> = numbers.map(|number| number[..16].to_owned()).collect();
    pieces.extend(
        pem.lines().filter(|line| !line.starts_with('-') && line.len() >= 8).map(|line| line[..8].to_owned()),
    );
    pieces.extend([hex.to_ascii_uppercase(), hex, list]);
    pieces
}

fn assert_silent(text: &str, pem: &str, jwk: &str) {
    let leaked = pieces(pem, jwk).into_iter().find(|piece| text.contains(piece));
    assert_eq!(leaked, None, "{text}");
}

#[test]
fn the_debug_output_of_keys_rings_sets_and_managers_contains_no_key_material() {
    for (algorithm, jwk) in PRIVATE {
        let pem = pair(algorithm).0;
        let (signing, verifying) = (signing(algorithm), verifying(algorithm));
        let ring = KeyRing::new(signing.clone());
        let tokens = TokenManager::builder().key_ring(ring.clone());
        let set = JwkSet::from_json(&format!(r#"{{"keys":[{},{jwk}]}}"#, public_half(jwk))).unwrap();
        let outputs = [
            shown(&signing),
            shown(&verifying),
            shown(&ring),
            shown(&tokens),
            shown(&tokens.build().unwrap()),
            shown(&set),
        ];
        for output in outputs {
            assert_silent(&output, pem, jwk);
        }
    }
}

#[test]
fn no_error_contains_the_key_that_was_given() {
    for (algorithm, jwk) in PRIVATE {
        let pem = pair(algorithm).0;
        let broken = jwk.replace("\"kty\"", "\"use\": \"enc\", \"kty\"");
        let errors = [
            VerifyingKey::from_jwk(jwk).unwrap_err(),
            VerifyingKey::from_jwk(pem).unwrap_err(),
            SigningKey::from_jwk(&broken).unwrap_err(),
            SigningKey::from_jwk(pem).unwrap_err(),
            JwkSet::from_json(&format!(r#"{{"keys":[{jwk}]}}"#)).unwrap_err(),
            verify_with(algorithm, pem).unwrap_err(),
            verify_with(algorithm, der(pem)).unwrap_err(),
            sign_with(algorithm, jwk).unwrap_err(),
            sign_with(algorithm, &der(pem)[1..]).unwrap_err(),
        ];
        for error in errors {
            assert_silent(&format!("{error} {}", shown(&error)), pem, jwk);
        }
    }
}
