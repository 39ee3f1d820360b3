//! JWK sets: reading those of other issuers, and publishing our own without private members.

use gatevault::{ConfigError, Issuer, JwkSet, KeyRing, Payload, SigningKey, TokenManager, VerifyingKey};
use gatevault_tests::{SECRET, timed};
use serde_json::{Value, json};

use super::jwks::{PRIVATE, public_half};
use super::keys::*;
use crate::forge::encoded;

/// Returns the public JWK of a test key, with additional members.
pub(super) fn jwk(number: usize, members: &Value) -> Value {
    let mut jwk: Value = serde_json::from_str(&public_half(PRIVATE[number].1)).unwrap();
    jwk.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    jwk
}

pub(super) fn set(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

pub(super) fn ids(set: &JwkSet) -> Vec<&str> {
    set.keys().iter().map(|key| key.id().unwrap_or_default()).collect()
}

/// Returns a set like Keycloak's: one key for signatures, one for encryption.
fn keycloak() -> String {
    let x5c = json!([base64_of(RSA_CERTIFICATE)]);
    set(&[
        jwk(
            0,
            &json!({"kid": "FJ86GcF3jTbNLOco4NvZkUCIUmfYCqoqtOQeMfbhNlE", "alg": "RS256", "use": "sig",
                "x5c": x5c, "x5t": "BA8Q", "x5t#S256": "kP3z"}),
        ),
        jwk(
            0,
            &json!({"kid": "mB6wIFfWDVvlYyTeDnlDg2gMBU7xVjW0gUuLKGzSHH0", "alg": "RSA-OAEP", "use": "enc",
                "x5c": x5c, "x5t": "BA8Q", "x5t#S256": "kP3z"}),
        ),
    ])
}

/// Returns a set like Auth0's: the current key and the next one.
fn auth0() -> String {
    let members = |kid: &str| json!({"kid": kid, "alg": "RS256", "use": "sig", "x5t": "NEMy", "x5c": [base64_of(RSA_CERTIFICATE)]});
    set(&[jwk(0, &members("NjVBRjY5MDlCMUIwNzU4RTA2")), jwk(0, &members("vq1aMoqIK2cHYOQFWQBXo"))])
}

fn base64_of(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with("-----")).collect()
}

#[test]
fn the_tokens_of_an_issuer_verify_with_its_published_keys() {
    for (published, usable) in [(keycloak(), 1), (auth0(), 2)] {
        let set = JwkSet::from_json(&published).unwrap();
        assert_eq!((set.keys().len(), set.skipped().len()), (usable, 2 - usable));
        for key in set.keys() {
            let signing = SigningKey::rs256(RSA).unwrap().with_id(key.id().unwrap()).unwrap();
            let theirs = TokenManager::builder().key(signing).clock(timed().1);
            let theirs =
                theirs.issuer("https://id.example").audience("us").subject_claim("sub").build().unwrap();
            let token = theirs.create_access_token(&Payload::new(42)).unwrap();
            let issuer = Issuer::new("https://id.example", KeyRing::verifying(set.clone()).unwrap());
            let ours = timed().0.accept(issuer.audience("us")).build().unwrap();
            assert!(ours.decode_access_token::<Payload>(&token).is_ok(), "{published}");
        }
    }
}

#[test]
fn unusable_keys_are_skipped_and_listed() {
    let oct = json!({"kty": "oct", "alg": "HS256", "k": encoded([7; 32]), "kid": "secret"});
    let private: Value = serde_json::from_str(PRIVATE[3].1).unwrap();
    let unusable = [
        jwk(0, &json!({"use": "enc", "kid": "a"})),
        jwk(0, &json!({"alg": "RSA-OAEP-256", "kid": "a"})),
        jwk(0, &json!({"alg": "RS1"})),
        jwk(0, &json!({"n": encoded([0xff; 128])})),
        jwk(0, &json!({"key_ops": ["encrypt"]})),
        jwk(1, &json!({"crv": "secp256k1"})),
        jwk(3, &json!({"crv": "Ed448"})),
        jwk(3, &json!({"crv": "X25519"})),
        jwk(3, &json!({"kty": "AKP", "alg": "ML-DSA-44"})),
        jwk(3, &json!({"kid": 7})),
        oct,
        private,
        json!({}),
        json!("a key"),
        Value::Null,
    ];
    let unusable_only = set(&unusable);
    let mut all = unusable.to_vec();
    all.push(jwk(3, &json!({"kid": "good"})));
    all.insert(5, jwk(4, &json!({"kid": "good too"})));
    let set = JwkSet::from_json(&set(&all)).unwrap();
    assert_eq!(ids(&set), ["good too", "good"]);
    assert_eq!(set.skipped().len(), unusable.len());
    assert_eq!(set.skipped()[0].id.as_deref(), Some("a"));
    for skipped in set.skipped() {
        assert!(matches!(skipped.reason, ConfigError::InvalidKey { .. }), "{skipped:?}");
    }
    let error = JwkSet::from_json(&unusable_only).unwrap_err();
    assert!(error.to_string().contains("without a usable key"), "{error}");
}

#[test]
fn a_set_is_strict_json_within_bounds() {
    let good = jwk(3, &json!({"kid": "a"}));
    let text = set(std::slice::from_ref(&good));
    let many = |count: usize| {
        let mut keys = vec![good.clone()];
        keys.resize(count, Value::Null);
        set(&keys)
    };
    assert_eq!(JwkSet::from_json(&many(150)).unwrap().skipped().len(), 100);
    assert!(JwkSet::from_json(&format!("{text}{}", " ".repeat(1024 * 1024 - text.len()))).is_ok());
    for bad in [
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        good.to_string(),
        format!("[{good}]"),
        r#"{"keys":{}}"#.to_owned(),
        r#"{"keys":[]}"#.to_owned(),
        r#"{"keys":null}"#.to_owned(),
        format!("{text}x"),
        format!("{text}{text}"),
        format!(r#"{{"keys":[],{}"#, &text[1..]),
        format!(r#"{{"ke\u0079s":[],{}"#, &text[1..]),
        text.replace(r#""kid""#, r#""kid":"b","kid""#),
        format!(r#"{{"a":1,"a":1,{}"#, &text[1..]),
        format!("{text}{}", " ".repeat(1024 * 1024)),
        format!(r#"{{"keys":{}"#, "[".repeat(500_000)),
    ] {
        let refused = JwkSet::from_json(&bad);
        assert!(matches!(refused, Err(ConfigError::InvalidKey { .. })), "{}", &bad[..bad.len().min(200)]);
    }
}

#[test]
fn a_published_set_can_be_read_back() {
    let keys =
        ALGORITHMS.map(|algorithm| verifying(algorithm).with_id(format!("{algorithm} \"é\"\n")).unwrap());
    let ring = KeyRing::verifying(keys.clone()).unwrap();
    ring.add(SigningKey::hs256(SECRET).unwrap().with_id("hmac").unwrap()).unwrap();
    let json = ring.public_keys().to_json();
    let set = JwkSet::from_json(&json).unwrap();
    assert_eq!(ids(&set), keys.iter().map(|key| key.id().unwrap()).collect::<Vec<_>>());
    assert_eq!(set.keys().iter().map(VerifyingKey::algorithm).collect::<Vec<_>>(), ALGORITHMS);
    assert!(set.skipped().is_empty());
    assert_eq!(set.to_json(), json);
    assert_eq!(JwkSet::of([]).to_json(), r#"{"keys":[]}"#);
}

#[test]
fn a_published_set_of_keys_without_alg_can_be_read_back() {
    let keys: Vec<_> =
        (0..PRIVATE.len()).map(|number| jwk(number, &json!({"kid": number.to_string()}))).collect();
    let read = JwkSet::from_json(&set(&keys)).unwrap();
    assert_eq!(ids(&read), ["0", "1", "2", "3", "4"]);
    assert_eq!(
        read.keys().iter().map(VerifyingKey::algorithm).collect::<Vec<_>>(),
        PRIVATE.map(|(name, _)| name)
    );
    let again = JwkSet::from_json(&read.to_json()).unwrap();
    assert_eq!(again.to_json(), read.to_json());
    let published: Value = serde_json::from_str(&read.to_json()).unwrap();
    let algs: Vec<_> = published["keys"].as_array().unwrap().iter().map(|key| key.get("alg")).collect();
    assert_eq!(
        algs,
        [None, Some(&json!("ES256")), Some(&json!("ES384")), Some(&json!("EdDSA")), Some(&json!("ES512"))]
    );
}

#[test]
fn nothing_private_is_ever_published() {
    let ring = KeyRing::new(SigningKey::hs512(SECRET).unwrap().with_id("hmac").unwrap());
    for (algorithm, jwk) in PRIVATE {
        let key = SigningKey::from_jwk(jwk).unwrap();
        ring.add(key.with_id(format!("jwk {algorithm}")).unwrap()).unwrap();
        ring.add(signing(algorithm).with_id(format!("pem {algorithm}")).unwrap()).unwrap();
    }
    let json = ring.public_keys().to_json();
    assert_eq!(JwkSet::from_json(&json).unwrap().keys().len(), 10);
    assert!(!json.contains(SECRET) && !json.contains(&encoded(SECRET)) && !json.contains("hmac"), "{json}");
    for (algorithm, jwk) in PRIVATE {
        let members: Value = serde_json::from_str(jwk).unwrap();
        for name in ["d", "p", "q", "dp", "dq", "qi"] {
            assert!(!json.contains(&format!("\"{name}\"")), "{name} is in {json}");
            let value = members[name].as_str();
            assert!(value.is_none_or(|value| !json.contains(value)), "{name} of {algorithm} is in {json}");
        }
    }
}
