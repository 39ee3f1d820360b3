//! The thumbprints of a JWK's certificates (RFC 7517 sections 4.7 to 4.9). They only select a key: a token that names one
//! still needs a valid signature, so a wrong thumbprint, or SHA-1, endangers nothing. Malformed ones are ignored.

use std::sync::Arc;

use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::base64url;

/// Returns the `x5t` and the `x5t#S256` of a JWK. A missing one is computed from the first certificate of `x5c`.
pub(super) fn of(members: &Map<String, Value>) -> Vec<String> {
    let named =
        ["x5t", "x5t#S256"].map(|name| members.get(name).and_then(Value::as_str).filter(is_plausible));
    let is_complete = named.iter().all(Option::is_some);
    let certificate = if is_complete { None } else { certificate(members) };
    let computed = [&SHA1_FOR_LEGACY_USE_ONLY, &SHA256].map(|hash| {
        let der = certificate.as_ref()?;
        Some(base64url::encoded(digest::digest(hash, der).as_ref()))
    });
    named
        .into_iter()
        .zip(computed)
        .filter_map(|(named, computed)| named.map(str::to_owned).or(computed))
        .collect()
}

/// Adds the thumbprints of a copy of the key, if there is room: a mebibyte can hold ten thousand copies.
pub(super) fn add(known: &mut Arc<[String]>, others: &[String]) {
    let mut all = known.to_vec();
    for other in others {
        if all.len() < MAX_THUMBPRINTS && !all.contains(other) {
            all.push(other.clone());
        }
    }
    if all.len() > known.len() {
        *known = all.into();
    }
}

/// Returns whether a thumbprint can be one. Some issuers encode the hexadecimal digits of a hash, so any length passes.
fn is_plausible(thumbprint: &&str) -> bool {
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=MAX_LENGTH).contains(&thumbprint.len()) && thumbprint.bytes().all(is_base64url)
}

/// Returns the DER of the first certificate, which belongs to the key.
fn certificate(members: &Map<String, Value>) -> Option<Vec<u8>> {
    STANDARD.decode(members.get("x5c")?.get(0)?.as_str()?).ok()
}

/// Characters of the longest thumbprint: the hexadecimal digits of SHA-256, encoded again, need 86.
const MAX_LENGTH: usize = 128;

/// Thumbprints of one key: both of each of its certificates.
const MAX_THUMBPRINTS: usize = 16;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::key::{JwkSet, VerifyingKey};

    /// The empty certificate, and its hashes (FIPS 180-4 examples of the empty message).
    const SHA1_OF_NOTHING: &str = "2jmj7l5rSw0yVb_vlWAYkK_YBwk";
    const SHA256_OF_NOTHING: &str = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

    fn key(members: &Value) -> VerifyingKey {
        let mut jwk =
            json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
        jwk.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        VerifyingKey::from_jwk(&jwk.to_string()).unwrap()
    }

    #[test]
    fn the_thumbprints_of_a_jwk_select_its_key() {
        let both = key(&json!({"x5t": "NEMy", "x5t#S256": "kP3z"})).with_id("a").unwrap();
        assert!(both.has_thumbprint("NEMy") && both.has_thumbprint("kP3z"));
        assert!(!both.has_thumbprint("nemy") && !both.has_thumbprint("") && !both.has_thumbprint("NEMy="));
        assert!(!key(&json!({})).has_thumbprint(""));
        assert!(!both.to_jwk().unwrap().contains("x5t"));
    }

    #[test]
    fn missing_thumbprints_are_computed_from_the_first_certificate() {
        let certified = key(&json!({"x5c": ["", "AAAA"]}));
        assert!(certified.has_thumbprint(SHA1_OF_NOTHING) && certified.has_thumbprint(SHA256_OF_NOTHING));
        let named = key(&json!({"x5c": [""], "x5t": "NEMy"}));
        assert!(named.has_thumbprint("NEMy") && named.has_thumbprint(SHA256_OF_NOTHING));
        assert!(!named.has_thumbprint(SHA1_OF_NOTHING));
    }

    #[test]
    fn malformed_thumbprints_and_certificates_are_ignored() {
        for members in [
            json!({"x5t": ""}),
            json!({"x5t": 7, "x5t#S256": null}),
            json!({"x5t": "not base64url"}),
            json!({"x5t": "A".repeat(1000)}),
            json!({"x5c": "AAAA"}),
            json!({"x5c": []}),
            json!({"x5c": [7]}),
            json!({"x5c": ["!"]}),
            json!({"x5c": {"0": "AAAA"}}),
        ] {
            assert!(key(&members).thumbprints.is_empty(), "{members}");
        }
    }

    #[test]
    fn a_key_that_a_set_lists_twice_has_the_thumbprints_of_both() {
        let jwk = |x5t: &str| json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "x5t": x5t});
        let set = json!({"keys": [jwk("one"), jwk("two"), jwk("one")]}).to_string();
        let [key]: [VerifyingKey; 1] = JwkSet::from_json(&set).unwrap().keys().to_vec().try_into().unwrap();
        assert!(key.has_thumbprint("one") && key.has_thumbprint("two"));
        assert_eq!(key.thumbprints.len(), 2);
    }

    #[test]
    fn thousands_of_copies_of_a_key_give_it_a_bounded_number_of_thumbprints() {
        let copy = |number: usize| json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "x5t": number.to_string()});
        let set = json!({"keys": (0..5000).map(copy).collect::<Vec<_>>()}).to_string();
        let set = JwkSet::from_json(&set).unwrap();
        assert_eq!((set.keys().len(), set.skipped().len()), (1, 0));
        let thumbprints = &set.keys()[0].thumbprints;
        assert_eq!(**thumbprints, (0..16).map(|number| number.to_string()).collect::<Vec<_>>());
    }
}
