//! Which key of an issuer verifies a token: by `kid`, by `x5t`, or as the only one of the algorithm.

use gatevault::error::InvalidReason;
use gatevault::{Algorithm, GuardError, Issuer, JwkSet, KeyRing, TokenManager};
use serde_json::{Value, json};

use super::service::{decode, open, refusal, service};
use super::signer::{ED25519, OTHER_ED25519, OTHER_P256, P256, RSA, Signer, claims, with};

const ISSUER: &str = "https://id.example";

fn ed(kid: &str) -> Signer {
    Signer::new(Algorithm::EdDSA, ED25519).named(kid)
}

fn other_ed(kid: &str) -> Signer {
    Signer::new(Algorithm::EdDSA, OTHER_ED25519).named(kid)
}

fn es(kid: &str) -> Signer {
    Signer::new(Algorithm::ES256, P256).named(kid)
}

fn accepting(keys: impl Into<KeyRing>) -> TokenManager {
    service([Issuer::new(ISSUER, keys).audience("orders")])
}

fn published(keys: &[Value]) -> KeyRing {
    KeyRing::verifying(JwkSet::from_json(&json!({ "keys": keys }).to_string()).unwrap()).unwrap()
}

fn ring(signers: &[Signer]) -> KeyRing {
    KeyRing::verifying(signers.iter().map(Signer::key)).unwrap()
}

fn token(signer: &Signer) -> String {
    signer.sign(&claims(ISSUER, "orders"))
}

#[test]
fn a_repeated_id_leaves_every_key_usable() {
    // The same key twice, two keys of one algorithm, and one id for keys of two types (RFC 7517 section 4.5).
    for set in [
        vec![ed("1"), ed("1")],
        vec![ed("1"), other_ed("1")],
        vec![other_ed("1"), ed("1")],
        vec![es("1"), ed("1"), other_ed("1")],
    ] {
        let tokens = accepting(ring(&set));
        for signer in &set {
            assert!(decode(&tokens, &token(signer)).is_ok());
        }
        let jwks: Vec<_> = set.iter().map(Signer::jwk).collect();
        let tokens = accepting(published(&jwks));
        for signer in &set {
            assert!(decode(&tokens, &token(signer)).is_ok());
        }
        let forged = Signer::new(Algorithm::ES256, OTHER_P256).named("1");
        assert!(decode(&tokens, &token(&forged)).is_err());
    }
}

#[test]
fn one_key_can_be_listed_for_two_algorithms() {
    let [rs256, ps256] =
        [Algorithm::RS256, Algorithm::PS256].map(|algorithm| Signer::new(algorithm, RSA).named("1"));
    let jwk = |algorithm: &str| with(rs256.jwk(), json!({ "alg": algorithm }));
    let tokens = accepting(published(&[jwk("RS256"), jwk("PS256")]));
    assert!(decode(&tokens, &token(&rs256)).is_ok() && decode(&tokens, &token(&ps256)).is_ok());
    let rs512 = with(rs256.header(), json!({ "alg": "RS512" }));
    assert!(decode(&tokens, &rs256.sign_with(&rs512, &claims(ISSUER, "orders"))).is_err());
    // One entry without `alg` serves the family.
    let tokens = accepting(published(&[rs256.jwk()]));
    assert!(decode(&tokens, &token(&rs256)).is_ok() && decode(&tokens, &token(&ps256)).is_ok());
}

#[test]
fn a_token_without_an_id_takes_the_only_key_of_its_algorithm() {
    let tokens = accepting(ring(&[es("1"), ed("2")]));
    for signer in [es("1"), ed("2")] {
        assert!(decode(&tokens, &token(&signer.nameless())).is_ok());
    }
    // Keys without an id beside keys that have one.
    let tokens = accepting(ring(&[ed("1"), other_ed("-").nameless()]));
    assert!(decode(&tokens, &token(&other_ed("-").nameless())).is_ok());
    assert!(decode(&tokens, &token(&ed("1"))).is_ok());
}

#[test]
fn a_token_without_an_id_is_refused_with_a_true_text_if_several_keys_may_be_meant() {
    let tokens = accepting(ring(&[ed("1"), other_ed("2"), es("3")]));
    for signer in [ed("1"), other_ed("2")] {
        let nameless = token(&signer.nameless());
        let reason = refusal(&tokens, &nameless);
        assert!(matches!(reason, InvalidReason::NoKeyId { .. }), "{reason:?}");
        let text = reason.to_string();
        assert!(text.contains("`kid`") && text.contains("EdDSA") && text.contains('2'), "{text}");
        assert_eq!(open(&tokens, &nameless).unwrap_err().status(), 401);
    }
    // The other algorithm has one key.
    assert!(decode(&tokens, &token(&es("3").nameless())).is_ok());
}

#[test]
fn an_id_that_no_key_has_is_not_replaced_by_another_key() {
    let tokens = accepting(ring(&[ed("1")]));
    assert_eq!(refusal(&tokens, &token(&ed("2"))), InvalidReason::KeyId);
    assert_eq!(GuardError::from(decode(&tokens, &token(&ed("2"))).unwrap_err()).status(), 401);
    // A key without an id serves every token of its algorithm.
    let tokens = accepting(ring(&[ed("-").nameless()]));
    assert!(decode(&tokens, &token(&ed("2"))).is_ok());
}

#[test]
fn several_keys_without_an_id_are_all_tried() {
    for set in [
        vec![ed("-").nameless(), other_ed("-").nameless()],
        vec![other_ed("-").nameless(), ed("-").nameless()],
    ] {
        for tokens in
            [accepting(ring(&set)), accepting(published(&set.iter().map(Signer::jwk).collect::<Vec<_>>()))]
        {
            for signer in [ed("x"), other_ed("y"), ed("-").nameless(), other_ed("-").nameless()] {
                assert!(decode(&tokens, &token(&signer)).is_ok());
            }
            assert!(decode(&tokens, &token(&es("-").nameless())).is_err());
        }
    }
}

#[test]
fn a_thumbprint_chooses_the_key_of_a_token_without_an_id() {
    let [one, two] = ["i6lGk3FZzxRcUb2C3nEQ7syHJlY", "ykNaY4qM_ta4k2TgZOCEYLkcYlA"];
    let jwk = |signer: &Signer, x5t: &str| with(signer.jwk(), json!({ "x5t": x5t }));
    let tokens = accepting(published(&[jwk(&ed("1"), one), jwk(&other_ed("2"), two)]));
    let by_thumbprint = |signer: &Signer, x5t: Value| {
        let header = with(signer.clone().nameless().header(), json!({ "x5t": x5t }));
        signer.sign_with(&header, &claims(ISSUER, "orders"))
    };
    assert!(decode(&tokens, &by_thumbprint(&ed("1"), json!(one))).is_ok());
    assert!(decode(&tokens, &by_thumbprint(&other_ed("2"), json!(two))).is_ok());
    assert!(decode(&tokens, &by_thumbprint(&ed("1"), json!(two))).is_err());
    // Without a thumbprint that a key has, nothing chooses.
    for x5t in [json!("x"), json!(7), json!("")] {
        assert!(decode(&tokens, &by_thumbprint(&ed("1"), x5t.clone())).is_err(), "{x5t}");
    }
    // An id decides before a thumbprint.
    let both = with(ed("1").header(), json!({ "x5t": two }));
    assert!(decode(&tokens, &ed("1").sign_with(&both, &claims(ISSUER, "orders"))).is_ok());
}

#[test]
fn an_issuer_can_name_its_algorithms() {
    let [rs256, ps256] =
        [Algorithm::RS256, Algorithm::PS256].map(|algorithm| Signer::new(algorithm, RSA).named("1"));
    let accepting = |algorithms: &[Algorithm]| {
        let keys = published(&[rs256.jwk(), ed("2").jwk()]);
        service([Issuer::new(ISSUER, keys).audience("orders").algorithms(algorithms.iter().copied())])
    };
    let tokens = accepting(&[Algorithm::PS256]);
    assert!(decode(&tokens, &token(&ps256)).is_ok());
    assert_eq!(refusal(&tokens, &token(&rs256)), InvalidReason::Algorithm);
    assert_eq!(refusal(&tokens, &token(&ed("2"))), InvalidReason::Algorithm);
    let tokens = accepting(&[Algorithm::PS256, Algorithm::EdDSA]);
    assert!(decode(&tokens, &token(&ps256)).is_ok() && decode(&tokens, &token(&ed("2"))).is_ok());
    assert_eq!(refusal(&tokens, &token(&rs256)), InvalidReason::Algorithm);
}

/// RFC 9864 gives EdDSA with Ed25519 the name of its curve.
#[test]
fn the_name_of_rfc_9864_is_the_same_algorithm() {
    let renamed = |signer: &Signer| with(signer.header(), json!({ "alg": "Ed25519" }));
    let jwk = with(ed("1").jwk(), json!({ "alg": "Ed25519" }));
    for keys in [ring(&[ed("1")]), published(&[jwk]), published(&[ed("1").jwk()])] {
        let tokens = service([Issuer::new(ISSUER, keys).audience("orders").algorithms([Algorithm::EdDSA])]);
        assert!(decode(&tokens, &token(&ed("1"))).is_ok());
        assert!(decode(&tokens, &ed("1").sign_with(&renamed(&ed("1")), &claims(ISSUER, "orders"))).is_ok());
        let forged = other_ed("1").sign_with(&renamed(&other_ed("1")), &claims(ISSUER, "orders"));
        assert_eq!(refusal(&tokens, &forged), InvalidReason::Signature);
    }
    let tokens = accepting(ring(&[es("1")]));
    assert!(decode(&tokens, &ed("1").sign_with(&renamed(&ed("1")), &claims(ISSUER, "orders"))).is_err());
}
