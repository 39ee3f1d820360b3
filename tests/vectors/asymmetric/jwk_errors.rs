//! The errors of JWKs and key sets: they name what came, the member that is wrong, and what to give instead.

use gatevault::{ConfigError, JwkSet, SigningKey, VerifyingKey};
use serde_json::{Value, json};

use super::jwk_sets::{jwk, set};
use super::keys::*;

fn parts(error: ConfigError) -> (String, &'static str) {
    let ConfigError::InvalidKey { found, instead, .. } = error else { panic!("{error:?}") };
    (found, instead)
}

fn of_signing(json: &str) -> (String, &'static str) {
    parts(SigningKey::from_jwk(json).unwrap_err())
}

fn of_verifying(json: &str) -> (String, &'static str) {
    parts(VerifyingKey::from_jwk(json).unwrap_err())
}

fn of_set(json: &str) -> (String, &'static str) {
    parts(JwkSet::from_json(json).unwrap_err())
}

#[test]
fn input_for_another_function_is_named_with_that_function() {
    let key = jwk(3, &json!({"kid": "a"}));
    let keys = set(std::slice::from_ref(&key));
    let (found, instead) = of_verifying(&keys);
    assert!(found == "a JWK set" && instead.contains("`JwkSet::from_json`"), "{found}, {instead}");
    let (found, instead) = of_signing(&keys);
    assert!(found == "a JWK set" && instead.contains("one JWK of its `keys`"), "{found}, {instead}");
    let (found, instead) = of_set(&key.to_string());
    assert!(found == "a JWK" && instead.contains("`VerifyingKey::from_jwk`"), "{found}, {instead}");
    let array = json!([key]).to_string();
    for (found, instead) in [of_set(&array), of_verifying(&array), of_signing(&array)] {
        assert!(found == "an array of JWKs" && instead.contains("`JwkSet::from_json`"), "{found}, {instead}");
    }
}

#[test]
fn pem_is_named_with_the_constructors_that_read_it() {
    for pem in [RSA_PUBLIC, RSA, RSA_CERTIFICATE, &format!("\u{feff}\r\n {ED25519_PUBLIC}")] {
        for ((found, instead), constructor) in [
            (of_signing(pem), "`SigningKey::rs256`"),
            (of_verifying(pem), "`VerifyingKey::rs256`"),
            (of_set(pem), "`VerifyingKey::rs256`"),
        ] {
            assert!(found == "PEM" && instead.contains(constructor), "{found}, {instead}");
        }
    }
}

#[test]
fn a_map_of_certificates_and_the_configuration_of_an_issuer_are_named() {
    let firebase = json!({"c5ad": RSA_CERTIFICATE, "9a8b": format!("\n{P256_CERTIFICATE}")}).to_string();
    let discovery = json!({"issuer": "https://a", "jwks_uri": "https://a/keys"}).to_string();
    for read in [of_set, of_verifying, of_signing] {
        let (found, instead) = read(&firebase);
        assert!(
            found == "a map of certificates" && instead.contains("`VerifyingKey::rs256`"),
            "{found}, {instead}"
        );
        let (found, instead) = read(&discovery);
        assert!(
            found == "the configuration of an issuer" && instead.contains("`RemoteKeys::discover`"),
            "{found}, {instead}"
        );
    }
    let (found, _) = of_set(r#"{"a":"-----BEGIN CERTIFICATE-----","b":1}"#);
    assert_eq!(found, "JSON without `keys`");
}

#[test]
fn other_input_is_described_without_its_contents() {
    for (json, expected) in [
        ("", "invalid JSON"),
        ("<html>", "invalid JSON: expected value at line 1 column 1"),
        (r#"{"keys":[}"#, "invalid JSON"),
        (r#"{"keys":[]"#, "invalid JSON"),
        ("{}", "JSON without `keys`"),
        (r#"{"keys":7}"#, "JSON whose `keys` is not an array"),
        (r#"{"keys":"hunter2"}"#, "JSON whose `keys` is not an array"),
        (r#"{"keys":[],"keys":[]}"#, "a repeated member, at line 1 column"),
        (r#"{"keys":[]}"#, "a JWK set without keys"),
        (r#""hunter2""#, "JSON that is no object"),
        ("[]", "JSON that is no object"),
    ] {
        let (found, _) = of_set(json);
        assert!(found.contains(expected), "{json}: {found}");
        assert!(!found.contains("hunter2"), "{found}");
    }
    for read in [of_verifying, of_signing] {
        for (json, expected) in [
            ("null", "null"),
            (r#""hunter2""#, "a JSON string"),
            ("7", "a JSON number"),
            ("[]", "a JSON array"),
            ("{}", "a JWK without `kty`"),
            ("<html>", "invalid JSON"),
            (r#"{"kty":"RSA","kty":"RSA"}"#, "a repeated member"),
            (r#"{"$serde_json::private::Number":"hunter2"}"#, "a repeated member"),
        ] {
            let (found, _) = read(json);
            assert!(found.contains(expected) && !found.contains("hunter2"), "{json}: {found}");
        }
    }
}

#[test]
fn the_reason_names_the_member_and_what_is_wrong_with_it() {
    let n = jwk(0, &json!({}))["n"].as_str().unwrap().to_owned();
    let standard = n.replace('-', "+").replace('_', "/");
    for (number, members, expected) in [
        (0, json!({"n": format!("{n}==")}), "`n` is base64url with padding (`=`)"),
        (0, json!({"n": standard}), "`n` is base64 and not base64url"),
        (0, json!({"n": format!("{n}\n")}), "`n` is not base64url"),
        (0, json!({"e": 65537}), "`e` is not a string"),
        (0, json!({"use": "enc"}), "`use` is \"enc\""),
        (0, json!({"alg": "RSA-OAEP-256"}), "`alg` is \"RSA-OAEP-256\""),
        (0, json!({"key_ops": ["encrypt"]}), "`key_ops` do not contain `verify`"),
        (0, json!({"kid": ""}), "`kid` is empty"),
        (1, json!({"crv": "secp256k1"}), "`kty` is `EC` and whose `crv` is \"secp256k1\""),
        (1, json!({"x": "AAAA"}), "`x` has 3 bytes and not 32"),
        (3, json!({"crv": "X25519"}), "`kty` is `OKP` and whose `crv` is \"X25519\""),
        (3, json!({"kty": "AKP"}), "`kty` is \"AKP\""),
        (4, json!({"y": "AAAA"}), "`y` has 3 bytes and not 66"),
        (3, json!({"kty": "é\n\u{1b}[31m"}), r#"`kty` is "é\n\u{1b}[31m""#),
        (3, json!({"kty": "A".repeat(100_000)}), ".."),
    ] {
        let (found, instead) = of_verifying(&jwk(number, &members).to_string());
        assert!(found.contains(expected), "{found} instead of {expected}");
        assert!(!instead.is_empty() && found.len() < 200, "{found}");
    }
    for (number, member) in [(0, "n"), (0, "e"), (1, "x"), (1, "y"), (3, "x"), (4, "y")] {
        let mut key = jwk(number, &json!({}));
        key.as_object_mut().unwrap().remove(member);
        assert_eq!(of_verifying(&key.to_string()).0, format!("a JWK without `{member}`"));
    }
}

#[test]
fn a_set_without_a_usable_key_lists_why_each_was_passed_over() {
    let oct = json!({"kty": "oct", "alg": "HS256", "k": "AAAA", "kid": "secret"});
    let keys = [
        jwk(0, &json!({"use": "enc", "kid": "a \"b\"\n"})),
        jwk(1, &json!({"crv": "secp256k1"})),
        jwk(3, &json!({"crv": "X25519", "kid": "x"})),
        oct,
        Value::Null,
    ];
    let (found, instead) = of_set(&set(&keys));
    assert_eq!(
        found,
        "a JWK set without a usable key (\
         key \"a \\\"b\\\"\\n\" is a JWK whose `use` is \"enc\" and not `sig`; \
         key 2 (no `kid`) is a JWK whose `kty` is `EC` and whose `crv` is \"secp256k1\"; \
         key \"x\" is a JWK whose `kty` is `OKP` and whose `crv` is \"X25519\"; \
         key \"secret\" is a published secret; \
         key 5 (no `kid`) is null)"
    );
    assert!(instead.contains("P-521"), "{instead}");
    let one = of_set(&set(&[jwk(0, &json!({"n": "AQAB=="}))])).0;
    assert!(one.contains("`n` is base64url with padding"), "{one}");
    let (found, _) = of_set(&set(&vec![keys[0].clone(); 1000]));
    assert!(found.ends_with("; and 995 more)"), "{found}");
    let long = jwk(0, &json!({"use": "é".repeat(100_000), "kid": "\u{7f}".repeat(100_000)}));
    let (found, _) = of_set(&set(&[long.clone(), long]));
    assert!(found.len() < 2000, "{}", found.len());
}
