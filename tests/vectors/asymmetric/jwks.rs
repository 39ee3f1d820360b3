//! Single JWKs.

use gatevault::{Algorithm, ConfigError, SigningKey, VerifyingKey};
use serde_json::{Map, Value, json};

use super::keys::*;
use crate::forge::encoded;

/// The test keys as private JWKs without `alg`.
pub(crate) const PRIVATE: [(Algorithm, &str); 5] = [
    (Algorithm::RS256, include_str!("keys/rsa2048.jwk.json")),
    (Algorithm::ES256, include_str!("keys/p256.jwk.json")),
    (Algorithm::ES384, include_str!("keys/p384.jwk.json")),
    (Algorithm::EdDSA, include_str!("keys/ed25519.jwk.json")),
    (Algorithm::ES512, include_str!("keys/p521.jwk.json")),
];

fn members(jwk: &str) -> Map<String, Value> {
    serde_json::from_str(jwk).unwrap()
}

/// Returns the key without its private members.
pub(crate) fn public_half(jwk: &str) -> String {
    let mut members = members(jwk);
    for private in ["d", "p", "q", "dp", "dq", "qi"] {
        members.remove(private);
    }
    Value::from(members).to_string()
}

/// Returns the JWK with some members replaced, or removed if they are null.
pub(crate) fn with(jwk: &str, changes: &Value) -> String {
    let mut members = members(jwk);
    members.extend(changes.as_object().unwrap().clone());
    members.retain(|_, value| !value.is_null());
    Value::from(members).to_string()
}

#[test]
fn a_jwk_is_the_same_key_as_its_pem() {
    for (algorithm, jwk) in PRIVATE {
        let private = SigningKey::from_jwk(jwk).unwrap();
        let public = VerifyingKey::from_jwk(&public_half(jwk)).unwrap();
        let published = verifying(algorithm).to_jwk();
        assert_eq!((private.algorithm(), public.algorithm()), (algorithm, algorithm));
        assert_eq!(private.verifying_key().to_jwk(), published, "{algorithm}");
        let named = with(&public_half(jwk), &json!({"alg": algorithm.name()}));
        assert_eq!(VerifyingKey::from_jwk(&named).unwrap().to_jwk(), published, "{algorithm}");
        // Without `alg`, an RSA key is of no one algorithm.
        assert_eq!(public.to_jwk() == published, algorithm != Algorithm::RS256, "{algorithm}");
    }
}

#[test]
fn a_published_key_can_be_read_back() {
    for algorithm in ALGORITHMS {
        let key = verifying(algorithm).with_id("a \"quoted\" é\n").unwrap();
        let published = key.to_jwk().unwrap();
        let read = VerifyingKey::from_jwk(&published).unwrap();
        assert_eq!((read.algorithm(), read.id()), (algorithm, key.id()));
        assert_eq!(read.to_jwk().unwrap(), published);
        let names: Vec<_> = members(&published).keys().cloned().collect();
        let public = ["alg", "crv", "e", "kid", "kty", "n", "use", "x", "y"];
        assert!(names.iter().all(|name| public.contains(&name.as_str())), "{published}");
    }
}

#[test]
fn alg_selects_the_algorithm_of_an_rsa_key() {
    let jwk = PRIVATE[0].1;
    for algorithm in &ALGORITHMS[..6] {
        let named = with(
            jwk,
            &json!({"alg": algorithm.name(), "kid": "a", "use": "sig", "key_ops": ["sign", "verify"]}),
        );
        assert_eq!(SigningKey::from_jwk(&named).unwrap().algorithm(), *algorithm);
        let key = VerifyingKey::from_jwk(&public_half(&named)).unwrap();
        assert_eq!((key.algorithm(), key.id()), (*algorithm, Some("a")));
    }
}

#[test]
fn a_secret_is_read_if_it_has_an_alg() {
    let secret = |alg: &str| json!({"kty": "oct", "alg": alg, "kid": "s", "k": encoded([7; 64])}).to_string();
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        let key = SigningKey::from_jwk(&secret(algorithm.name())).unwrap();
        assert_eq!((key.algorithm(), key.id()), (algorithm, Some("s")));
        let key = VerifyingKey::from_jwk(&secret(algorithm.name())).unwrap();
        assert_eq!((key.algorithm(), key.to_jwk()), (algorithm, None));
    }
    for alg in ["RS256", "A256KW", "hs256", "none", ""] {
        assert!(SigningKey::from_jwk(&secret(alg)).is_err(), "{alg}");
        assert!(VerifyingKey::from_jwk(&secret(alg)).is_err(), "{alg}");
    }
    let unnamed = json!({"kty": "oct", "k": encoded([7; 64])}).to_string();
    assert!(SigningKey::from_jwk(&unnamed).is_err());
    let empty = json!({"kty": "oct", "alg": "HS256", "k": ""}).to_string();
    assert!(matches!(SigningKey::from_jwk(&empty), Err(ConfigError::EmptyKey { .. })));
}

fn assert_rejected(jwk: &str) {
    let signing = SigningKey::from_jwk(jwk).unwrap_err();
    let verifying = VerifyingKey::from_jwk(&public_half_if_any(jwk)).unwrap_err();
    for error in [signing, verifying] {
        assert!(matches!(error, ConfigError::InvalidKey { .. }), "{jwk}: {error:?}");
    }
}

fn public_half_if_any(jwk: &str) -> String {
    match serde_json::from_str(jwk) {
        Ok(Value::Object(_)) if !jwk.contains("TWICE") => public_half(jwk),
        _ => jwk.to_owned(),
    }
}

#[test]
fn a_jwk_that_contradicts_itself_or_forbids_its_use_is_rejected() {
    for (algorithm, jwk) in PRIVATE {
        let is_rsa = |algorithm: Algorithm| ALGORITHMS[..6].contains(&algorithm);
        for other in ALGORITHMS {
            if other != algorithm && !(is_rsa(algorithm) && is_rsa(other)) {
                assert_rejected(&with(jwk, &json!({"alg": other.name()})));
            }
        }
        for changes in [
            json!({"alg": "none"}),
            json!({"alg": "HS256"}),
            json!({"alg": "RSA-OAEP"}),
            json!({"alg": "ES256K"}),
            json!({"alg": ""}),
            json!({"alg": 256}),
            json!({"use": "enc"}),
            json!({"use": "SIG"}),
            json!({"use": ["sig"]}),
            json!({"key_ops": []}),
            json!({"key_ops": ["encrypt"]}),
            json!({"key_ops": "sign verify"}),
            json!({"kid": ""}),
            json!({"kid": 1}),
            json!({"kty": null}),
            json!({"kty": "ec"}),
            json!({"kty": "AKP"}),
        ] {
            assert_rejected(&with(jwk, &changes));
        }
        let only_sign = with(jwk, &json!({"key_ops": ["sign"]}));
        assert!(SigningKey::from_jwk(&only_sign).is_ok());
        assert!(VerifyingKey::from_jwk(&public_half(&only_sign)).is_err());
    }
}

#[test]
fn a_jwk_whose_numbers_are_not_a_key_is_rejected() {
    let [rsa, p256, p384, ed25519, p521] = PRIVATE.map(|(_, jwk)| jwk);
    let x = |jwk: &str| members(jwk)["x"].as_str().unwrap().to_owned();
    for (jwk, changes) in [
        (rsa, json!({"n": null})),
        (rsa, json!({"e": null})),
        (rsa, json!({"n": 5})),
        (rsa, json!({"n": "="})),
        (rsa, json!({"n": ""})),
        (rsa, json!({"n": encoded([0xff; 128])})),
        (rsa, json!({"n": encoded([0xff; 1025])})),
        (rsa, json!({"e": "AQ"})),
        (rsa, json!({"e": "AA"})),
        (rsa, json!({"e": "Ag"})),
        (rsa, json!({"e": "AQAB=="})),
        (rsa, json!({"e": "AQAC"})),
        (p256, json!({"crv": "P-384"})),
        (p256, json!({"crv": "P-521"})),
        (p256, json!({"crv": "secp256k1"})),
        (p256, json!({"crv": null})),
        (p256, json!({"x": x(ed25519)})),
        (p256, json!({"x": encoded([0; 32])})),
        (p256, json!({"x": encoded([1; 31])})),
        (p256, json!({"x": encoded([0xff; 32])})),
        (p256, json!({"y": null})),
        (p256, json!({"x": x(p384)})),
        (p521, json!({"crv": "P-256"})),
        (p521, json!({"x": encoded([1; 65])})),
        (p521, json!({"x": encoded([0xff; 66])})),
        (p521, json!({"y": null})),
        (p384, json!({"crv": "P-256"})),
        (ed25519, json!({"crv": "Ed448"})),
        (ed25519, json!({"crv": "X25519"})),
        (ed25519, json!({"x": encoded([1; 31])})),
        (ed25519, json!({"x": encoded(der(ED25519_PUBLIC))})),
        (ed25519, json!({"x": null})),
    ] {
        assert_rejected(&with(jwk, &changes));
    }
}

#[test]
fn halves_of_different_key_pairs_are_rejected() {
    let [rsa, p256, p384, ed25519, p521] = PRIVATE.map(|(_, jwk)| jwk);
    for (jwk, changes) in [
        (rsa, json!({"d": null})),
        (rsa, json!({"p": null})),
        (rsa, json!({"qi": null})),
        (rsa, json!({"oth": []})),
        (rsa, json!({"dp": "AQAB"})),
        (rsa, json!({"d": "AQAB"})),
        (rsa, json!({"p": members(rsa)["q"]})),
        (p256, json!({"d": null})),
        (p256, json!({"d": encoded([1; 32])})),
        (p256, json!({"d": encoded([0; 32])})),
        (p256, json!({"d": encoded([1; 31])})),
        (p384, json!({"d": encoded([0xff; 48])})),
        (p521, json!({"d": encoded([1; 66])})),
        (p521, json!({"d": encoded([1; 65])})),
        (ed25519, json!({"d": encoded([1; 32])})),
        (ed25519, json!({"d": encoded([1; 33])})),
        (ed25519, json!({"d": null})),
    ] {
        let refused = SigningKey::from_jwk(&with(jwk, &changes));
        assert!(matches!(refused, Err(ConfigError::InvalidKey { .. })), "{changes}: {refused:?}");
    }
}

#[test]
fn a_private_jwk_is_not_a_verifying_key() {
    for (algorithm, jwk) in PRIVATE {
        let error = VerifyingKey::from_jwk(jwk).unwrap_err().to_string();
        assert!(error.contains("a private key") && error.contains("public half"), "{algorithm}: {error}");
        let odd = with(&public_half(jwk), &json!({"k": encoded([7; 32])}));
        assert!(VerifyingKey::from_jwk(&odd).is_err());
    }
}

#[test]
fn a_jwk_is_strict_json() {
    let jwk = public_half(PRIVATE[3].1);
    for text in [
        String::new(),
        "[]".to_owned(),
        "null".to_owned(),
        "\"TWICE\"".to_owned(),
        format!("{jwk} {jwk}"),
        format!("\u{feff}{jwk}"),
        format!(r#"{{"TWICE":1,"kty":"OKP",{}"#, &jwk[1..]),
        format!(r#"{{"kt\u0079":"OKP","TWICE":1,{}"#, &jwk[1..]),
        format!(r#"{{"x5c":{{"TWICE":1,"TWICE":2}},{}"#, &jwk[1..]),
        format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("[{jwk}]"),
        format!(r#"{{"keys":[{jwk}]}}"#),
    ] {
        assert!(VerifyingKey::from_jwk(&text).is_err(), "{}", &text[..text.len().min(200)]);
        assert!(SigningKey::from_jwk(&text).is_err(), "{}", &text[..text.len().min(200)]);
    }
}
