//! The examples of RFC 7520, the JOSE cookbook, with its additions for RFC 7797 and RFC 8037.

use gatevault::{SigningKey, VerifyingKey};
use serde_json::{Value, json};

use super::{NOT_CLAIMS, Tally, is_verified, parsed, reader, refusal};
use crate::asymmetric::jwks::{public_half, with};

macro_rules! files {
    ($($file:literal),+ $(,)?) => {
        [$(($file, include_str!(concat!("../data/cookbook/", $file, ".json")))),+]
    };
}

/// Examples with signatures.
pub(super) const SIGNED: [(&str, &str); 11] = files![
    "jws/4_1.rsa_v15_signature",
    "jws/4_2.rsa-pss_signature",
    "jws/4_3.ecdsa_signature",
    "jws/4_4.hmac-sha2_integrity_protection",
    "jws/4_5.signature_with_detached_content",
    "jws/4_6.protecting_specific_header_fields",
    "jws/4_7.protecting_content_only",
    "jws/4_8.multiple_signatures",
    "curve25519/jws",
    "rfc7797/4.2.hmac-sha2_b64_false",
    "rfc7797/hmac-sha2_b64_false",
];

/// Encrypted examples.
pub(super) const ENCRYPTED: [(&str, &str); 15] = files![
    "jwe/5_1.key_encryption_using_rsa_v15_and_aes-hmac-sha2",
    "jwe/5_2.key_encryption_using_rsa-oaep_with_aes-gcm",
    "jwe/5_3.key_wrap_using_pbes2-aes-keywrap_with-aes-cbc-hmac-sha2",
    "jwe/5_4.key_agreement_with_key_wrapping_using_ecdh-es_and_aes-keywrap_with_aes-gcm",
    "jwe/5_5.key_agreement_using_ecdh-es_with_aes-cbc-hmac-sha2",
    "jwe/5_6.direct_encryption_using_aes-gcm",
    "jwe/5_7.key_wrap_using_aes-gcm_keywrap_with_aes-cbc-hmac-sha2",
    "jwe/5_8.key_wrap_using_aes-keywrap_with_aes-gcm",
    "jwe/5_9.compressed_content",
    "jwe/5_10.including_additional_authentication_data",
    "jwe/5_11.protecting_specific_header_fields",
    "jwe/5_12.protecting_content_only",
    "jwe/5_13.encrypting_to_multiple_recipients",
    "6.nesting_signatures_and_encryption",
    "curve25519/ecdh-es",
];

pub(super) const KEYS: [(&str, &str); 6] = files![
    "jwk/3_1.ec_public_key",
    "jwk/3_2.ec_private_key",
    "jwk/3_3.rsa_public_key",
    "jwk/3_4.rsa_private_key",
    "jwk/3_5.symmetric_key_mac_computation",
    "jwk/3_6.symmetric_key_encryption",
];

/// Returns the serializations of an example by their names: `compact`, `json`, `json_flat`. The nested example has those of its
/// outer token, which is encrypted.
fn serializations(example: &Value) -> impl Iterator<Item = (&String, String)> {
    let outer = example.get("encrypt").unwrap_or(example);
    let output = outer["output"].as_object().unwrap().iter();
    output.map(|(name, value)| (name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
}

/// Returns the keys of an example, each with its algorithm.
fn keys(example: &Value) -> Vec<VerifyingKey> {
    let input = &example["input"];
    let list = |member: &Value| member.as_array().cloned().unwrap_or_else(|| vec![member.clone()]);
    let keys = list(&input["key"]).into_iter().zip(list(&input["alg"]));
    keys.map(|(key, alg)| {
        let jwk = with(&public_half(&key.to_string()), &json!({ "alg": alg }));
        VerifyingKey::from_jwk(&jwk).unwrap()
    })
    .collect()
}

#[test]
fn every_signature_of_the_cookbook_has_its_verdict() {
    let mut tally = Tally::default();
    for (file, json) in SIGNED {
        let example = parsed(json);
        for (form, jws) in serializations(&example) {
            let name = format!("{file} {form}");
            for key in keys(&example) {
                let tokens = reader([key]);
                let found = refusal(&tokens, &jws);
                let is_plain = form == "compact" && example["signing"]["protected"].get("b64").is_none();
                if is_plain && !file.contains("detached") {
                    tally.must_verify(&name, is_verified(&tokens, &jws), &found);
                } else {
                    tally.must_refuse(&name, found != NOT_CLAIMS, &found);
                }
            }
        }
    }
    tally.assert(
        "RFC 7520, signatures",
        r#"verified 5, refused 25, excluded 0 of 30
        refused 18: Decode(Opaque)
        refused 2: Decode(Segments { found: 2 })
        refused 3: Decode(Segments { found: 5 })
        refused 1: Invalid(Extension("crit"))
        refused 1: Invalid(Signature)"#,
    );
}

#[test]
fn every_encrypted_example_of_the_cookbook_is_refused() {
    let (mut tally, tokens) = (Tally::default(), reader([VerifyingKey::hs256([7; 32]).unwrap()]));
    for (file, json) in ENCRYPTED {
        for (form, jwe) in serializations(&parsed(json)) {
            let found = refusal(&tokens, &jwe);
            tally.must_refuse(&format!("{file} {form}"), found != NOT_CLAIMS, &found);
        }
    }
    tally.assert(
        "RFC 7520, encrypted",
        "verified 0, refused 40, excluded 0 of 40
        refused 11: Decode(Encrypted)
        refused 28: Decode(Opaque)
        refused 1: Decode(Segments { found: 5 })",
    );
}

#[test]
fn the_keys_of_the_cookbook_are_read() {
    let read = KEYS.map(|(file, json)| {
        let signs = SigningKey::from_jwk(json).is_ok();
        let verifies = VerifyingKey::from_jwk(json).is_ok();
        (&file[4..7], signs, verifies)
    });
    let expected = [
        ("3_1", false, true),
        ("3_2", true, false),
        ("3_3", false, true),
        ("3_4", true, false),
        ("3_5", true, true),
        ("3_6", false, false),
    ];
    assert_eq!(read, expected);
}
