//! Key sets with repeated ids and malformed members: a member never costs the others.

use gatevault::{Algorithm, ConfigError, JwkSet, KeyRing, Payload, SigningKey, TokenManager, VerifyingKey};
use gatevault_tests::{SECRET, timed};
use serde_json::{Value, json};

use super::jwk_sets::{ids, jwk, set};
use super::keys::*;
use super::peer::manager_of;

fn read(keys: &[Value]) -> JwkSet {
    JwkSet::from_json(&set(keys)).unwrap()
}

fn algorithms(set: &JwkSet) -> Vec<Algorithm> {
    set.keys().iter().map(VerifyingKey::algorithm).collect()
}

/// Returns a manager that verifies with the keys of a set.
fn reader(set: JwkSet) -> TokenManager {
    let ring = KeyRing::verifying(set).unwrap();
    TokenManager::builder().key_ring(ring).clock(timed().1).build().unwrap()
}

pub(super) fn accepts(reader: &TokenManager, signing: SigningKey) -> bool {
    let token = manager_with(signing).create_access_token(&Payload::new(42)).unwrap();
    reader.decode_access_token::<Payload>(&token).is_ok()
}

#[test]
fn a_key_that_is_listed_twice_is_one_key() {
    for (number, algorithm) in [(0, Algorithm::RS256), (1, Algorithm::ES256), (3, Algorithm::EdDSA)] {
        for members in [json!({"kid": "a"}), json!({}), json!({"kid": "a", "alg": algorithm.name()})] {
            let key = jwk(number, &members);
            let other_members =
                jwk(number, &json!({"kid": members.get("kid"), "use": "sig", "x5c": [], "ext": true}));
            let both = read(&[key.clone(), key.clone()]);
            assert_eq!((both.keys().len(), both.skipped().len()), (1, 0), "{members}");
            if members.get("kid").is_some() && members.get("alg").is_none() {
                assert_eq!(read(&[key, other_members]).keys().len(), 1, "{members}");
            }
        }
    }
}

#[test]
fn one_id_for_two_algorithms_types_or_keys_costs_no_key() {
    let named = |number, members: Value| {
        let mut key = jwk(number, &members);
        key["kid"] = json!("a");
        key
    };
    let two_algorithms = read(&[named(0, json!({"alg": "RS256"})), named(0, json!({"alg": "RS512"}))]);
    assert_eq!(algorithms(&two_algorithms), [Algorithm::RS256, Algorithm::RS512]);
    let two_types = read(&[named(1, json!({})), named(0, json!({"alg": "PS256"})), named(3, json!({}))]);
    assert_eq!(algorithms(&two_types), [Algorithm::ES256, Algorithm::PS256, Algorithm::EdDSA]);
    let other: Value =
        serde_json::from_str(&SigningKey::es256(OTHER_P256).unwrap().verifying_key().to_jwk().unwrap())
            .unwrap();
    let other = |members: &Value| {
        let mut other = other.clone();
        other.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        other
    };
    let two_keys = read(&[named(1, json!({})), other(&json!({"kid": "a"}))]);
    assert_eq!((ids(&two_keys), two_keys.skipped().len()), (vec!["a", "a"], 0));
    let nameless =
        read(&[jwk(1, &json!({})), other(&json!({})), jwk(0, &json!({})), jwk(0, &json!({"alg": "RS256"}))]);
    assert_eq!(ids(&nameless), ["", "", "", ""]);
    let enc_and_sig = read(&[named(0, json!({"use": "enc"})), named(3, json!({"use": "sig"}))]);
    assert_eq!((ids(&enc_and_sig), enc_and_sig.skipped().len()), (vec!["a"], 1));
    for set in [two_algorithms, two_types, two_keys, nameless, enc_and_sig] {
        assert_eq!(KeyRing::verifying(set.clone()).unwrap().verifying_keys().len(), set.keys().len());
        assert_eq!(JwkSet::from_json(&set.to_json()).unwrap().to_json(), set.to_json());
    }
}

#[test]
fn the_algorithm_in_the_header_chooses_among_keys_with_one_id() {
    let set = read(&[
        jwk(0, &json!({"kid": "a", "alg": "RS512"})),
        jwk(0, &json!({"kid": "a", "alg": "RS256"})),
        jwk(1, &json!({"kid": "a"})),
    ]);
    let reader = reader(set);
    for algorithm in [Algorithm::RS256, Algorithm::RS512, Algorithm::ES256] {
        assert!(accepts(&reader, signing(algorithm).with_id("a").unwrap()), "{algorithm}");
    }
    assert!(!accepts(&reader, signing(Algorithm::PS256).with_id("a").unwrap()));
    assert!(!accepts(&reader, SigningKey::es256(OTHER_P256).unwrap().with_id("a").unwrap()));
}

#[test]
fn a_ring_still_refuses_repeated_ids_where_they_are_a_mistake() {
    let secret = |text: &str| VerifyingKey::hs256(format!("{text}{SECRET}")).unwrap().with_id("a").unwrap();
    let repeated = ConfigError::RepeatedKey { id: "a".to_owned() };
    assert_eq!(KeyRing::verifying([secret("1"), secret("2")]).unwrap_err(), repeated);
    let ring = KeyRing::new(signing(Algorithm::ES256).with_id("a").unwrap());
    assert_eq!(ring.add(verifying(Algorithm::ES256).with_id("a").unwrap()), Err(repeated.clone()));
    assert_eq!(ring.add(signing(Algorithm::EdDSA).with_id("a").unwrap()), Err(repeated));
}

#[test]
fn a_set_is_read_behind_a_byte_order_mark() {
    let key = jwk(3, &json!({"kid": "a"}));
    let marked = |json: &str| format!("\u{feff}{json}");
    assert_eq!(ids(&JwkSet::from_json(&marked(&set(std::slice::from_ref(&key)))).unwrap()), ["a"]);
    assert!(JwkSet::from_json(&marked(&marked(&set(&[key])))).is_err());
    let pem = JwkSet::from_json(&marked(P256_PUBLIC)).unwrap_err().to_string();
    assert!(pem.contains("was given PEM"), "{pem}");
}

/// Returns members that are no key, as JSON.
fn malformed() -> Vec<String> {
    let rsa = jwk(0, &json!({"kid": "bad"})).to_string();
    let repeat = |member: &str| format!("{{{member},{}", &rsa[1..]);
    vec![
        r#"{"kid":"a","kid":"b"}"#.to_owned(),
        repeat(r#""kid":"other""#),
        repeat(r#""kty":"RSA""#),
        repeat(r#""k\u0074y":"RSA""#),
        repeat(r#""x5c":[{"a":1,"a":1}]"#),
        repeat(r#""x":"\ud800""#),
        repeat(r#""x":1e999"#),
        format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)),
        repeat(&format!(r#""x":{}{}"#, "[".repeat(10_000), "]".repeat(10_000))),
        "null".to_owned(),
        "7".to_owned(),
        "-0.5e-3".to_owned(),
        "true".to_owned(),
        r#""a key""#.to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        r#"{"kty":7,"kid":"bad"}"#.to_owned(),
        r#"{"kty":"RSA","kid":null}"#.to_owned(),
        r#"{"kty":"RSA","kid":{},"n":[],"e":null}"#.to_owned(),
        rsa.replace("\"RSA\"", "null"),
    ]
}

#[test]
fn a_malformed_member_is_skipped_with_its_reason_and_the_others_are_used() {
    let good = jwk(3, &json!({"kid": "good"}));
    for bad in malformed() {
        for json in
            [format!(r#"{{"keys":[{bad},{good}]}}"#), format!(r#"{{"a":[1],"keys":[{good}, {bad} ]}}"#)]
        {
            let set = JwkSet::from_json(&json).unwrap();
            assert_eq!((ids(&set), set.skipped().len()), (vec!["good"], 1), "{}", &bad[..bad.len().min(100)]);
            let reason = set.skipped()[0].reason.to_string();
            assert!(reason.starts_with("`JwkSet::from_json` was given "), "{reason}");
            assert!(reason.len() < 300 && !reason.contains("[["), "{reason}");
        }
    }
    let repeated = JwkSet::from_json(&format!(r#"{{"keys":[{},{good}]}}"#, malformed()[2])).unwrap();
    assert_eq!(repeated.skipped()[0].id.as_deref(), Some("bad"));
    assert!(repeated.skipped()[0].reason.to_string().contains("a repeated member"), "{repeated:?}");
}

#[test]
fn of_more_than_a_hundred_keys_the_first_hundred_usable_ones_are_used() {
    let key = |number: usize| jwk(3, &json!({"kid": number.to_string()}));
    let mut keys: Vec<Value> = (0..130).map(key).collect();
    keys.insert(0, jwk(0, &json!({"use": "enc", "kid": "enc"})));
    let set = read(&keys);
    assert_eq!(ids(&set), (0..100).map(|number| number.to_string()).collect::<Vec<_>>());
    let skipped: Vec<_> = set.skipped().iter().map(|key| key.id.clone().unwrap()).collect();
    assert_eq!(skipped[0], "enc");
    assert_eq!(skipped[1..], (100..130).map(|number| number.to_string()).collect::<Vec<_>>());
    let reason = set.skipped()[30].reason.to_string();
    assert!(reason.contains("a key after the first hundred usable ones"), "{reason}");
    // Copies of one key do not fill the set.
    let mut copies = vec![key(0); 300];
    copies.push(key(1));
    assert_eq!(ids(&read(&copies)), ["0", "1"]);
    // Unusable keys do not either.
    let mut unusable = vec![Value::Null; 300];
    unusable.push(key(1));
    let set = read(&unusable);
    assert_eq!((ids(&set), set.skipped().len()), (vec!["1"], 100));
}

#[test]
fn an_ed25519_key_can_have_the_name_of_rfc_9864_as_its_alg() {
    let alias = jwk(3, &json!({"kid": "a", "alg": "Ed25519"}));
    let set = read(std::slice::from_ref(&alias));
    assert_eq!(algorithms(&set), [Algorithm::EdDSA]);
    assert_eq!(set.keys()[0].to_jwk(), verifying(Algorithm::EdDSA).with_id("a").unwrap().to_jwk());
    assert!(accepts(&reader(set), signing(Algorithm::EdDSA).with_id("a").unwrap()));
    let private = super::jwks::with(super::jwks::PRIVATE[3].1, &json!({"alg": "Ed25519"}));
    assert_eq!(SigningKey::from_jwk(&private).unwrap().algorithm(), Algorithm::EdDSA);
    for alg in ["Ed448", "ed25519", "ED25519", "EDDSA", "EdDSA ", "ESP256", "ES512", ""] {
        let key = jwk(3, &json!({"alg": alg})).to_string();
        assert!(VerifyingKey::from_jwk(&key).is_err(), "{alg}");
    }
    for number in [0, 1, 2, 4] {
        let key = jwk(number, &json!({"alg": "Ed25519"})).to_string();
        assert!(VerifyingKey::from_jwk(&key).is_err(), "{number}");
    }
}

#[test]
fn a_token_can_have_the_name_of_rfc_9864_in_its_header() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    let message = super::peer::message("Ed25519");
    let signature = super::peer::signature(&message, Algorithm::EdDSA);
    let token = format!("{message}.{signature}");
    let tokens = manager_of(Algorithm::EdDSA);
    assert!(tokens.decode_access_token::<Payload>(&token).is_ok());
    // The name of a key with another type chooses nothing, and our own tokens have the older name.
    assert!(manager_of(Algorithm::ES256).decode_access_token::<Payload>(&token).is_err());
    let ours = tokens.create_access_token(&Payload::new(42)).unwrap();
    let header = URL_SAFE_NO_PAD.decode(crate::forge::segments(&ours)[0]).unwrap();
    assert!(String::from_utf8(header).unwrap().contains(r#""alg":"EdDSA""#));
}

#[test]
fn each_of_two_keys_with_one_id_and_one_algorithm_verifies_its_tokens() {
    let other = SigningKey::es256(OTHER_P256).unwrap();
    let other: Value = serde_json::from_str(&other.verifying_key().to_jwk().unwrap()).unwrap();
    for id in [json!({"kid": "a"}), json!({})] {
        let mut second = other.clone();
        second.as_object_mut().unwrap().extend(id.as_object().unwrap().clone());
        let reader = reader(read(&[jwk(1, &id), second]));
        for pem in [P256, OTHER_P256] {
            let key = SigningKey::es256(pem).unwrap();
            let key = if id.get("kid").is_some() { key.with_id("a").unwrap() } else { key };
            assert!(accepts(&reader, key), "{id}");
        }
    }
}

#[test]
fn a_certificate_selects_its_key_for_a_token_without_kid_and_trusts_nothing() {
    let certificate: String = RSA_CERTIFICATE.lines().filter(|line| !line.starts_with('-')).collect();
    let other: Value =
        serde_json::from_str(&SigningKey::rs256(OTHER_RSA).unwrap().verifying_key().to_jwk().unwrap())
            .unwrap();
    let mut other = other;
    other["kid"] = json!("b");
    let reader = reader(read(&[jwk(0, &json!({"kid": "a", "x5c": [certificate]})), other]));
    let token = |members: &Value| {
        let mut header = json!({"alg": "RS256"});
        header.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let claims = crate::forge::encoded(crate::forge::Members::claims().json());
        let message = format!("{}.{claims}", crate::forge::encoded(header.to_string()));
        format!("{message}.{}", super::peer::signature(&message, Algorithm::RS256))
    };
    let accepts = |members: Value| reader.decode_access_token::<Payload>(&token(&members)).is_ok();
    // The hashes are those of `openssl x509 -fingerprint`.
    assert!(accepts(json!({"x5t": "wINR2wbubYVAcWH54PDx894H-pQ"})));
    assert!(accepts(json!({"x5t#S256": "4uBW3a6ul4WdLK3C0lkngeEg965T7yZIgb_9dYvP86k"})));
    assert!(!accepts(json!({"x5t": "kBkVW3xXlbqoNZTOYhD6nQDZjdw"})));
    assert!(!accepts(json!({})), "two keys of the algorithm");
    let forged = token(&json!({"x5t": "wINR2wbubYVAcWH54PDx894H-pQ"}));
    let (message, _) = forged.rsplit_once('.').unwrap();
    assert!(reader.decode_access_token::<Payload>(&format!("{message}.{}", "A".repeat(342))).is_err());
}
