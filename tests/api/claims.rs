//! Dynamic claims, and claims that cannot be written or read.

use gatevault::claims::{ClaimWriter, ToClaims};
use gatevault::error::InvalidReason;
use gatevault::{Payload, TokenError, TokenManager, UserId};
use gatevault_tests::{SECRET, tokens};
use serde_json::json;

fn round_trip(payload: &Payload) -> Payload {
    let tokens = tokens();
    tokens.decode_token::<Payload>(&tokens.create_access_token(payload).unwrap()).unwrap().into_claims()
}

#[test]
fn ids_of_every_kind_survive_a_round_trip() {
    let uuid = uuid::Uuid::from_u128(0x1234_5678_9abc_4def_8123_4567_89ab_cdef);
    let ids: [UserId; 10] = [
        0.into(),
        42_u8.into(),
        (-7).into(),
        i64::MIN.into(),
        i64::MAX.into(),
        u64::MAX.into(),
        "ada".into(),
        "quote\" back\\slash \u{1} é 🦀".into(),
        "42".into(),
        uuid.into(),
    ];
    for id in ids {
        assert_eq!(round_trip(&Payload::new(id.clone())).user_id(), &id);
    }
}

#[test]
fn an_id_of_any_integer_type_loses_no_digit() {
    assert_eq!(UserId::from(7_usize), UserId::from(7_u8));
    assert_eq!(UserId::from(-7_isize), UserId::from(-7_i8));
    assert_eq!(UserId::from(u128::from(u64::MAX)), UserId::from(u64::MAX));
    assert_eq!(UserId::from(i128::from(i64::MIN)), UserId::from(i64::MIN));
    assert_eq!(UserId::from(u128::MAX).as_str(), Some("340282366920938463463374607431768211455"));
}

#[test]
fn extras_of_every_json_type_survive_and_null_is_left_out() {
    let payload = Payload::new(1)
        .with("text", "a\"b\\c\u{0}é🦀")
        .with("number", -1.5)
        .with("big", u64::MAX)
        .with("flag", true)
        .with("list", [1, 2, 3])
        .with("object", json!({"a": {"b": [null, {}]}}))
        .with("absent", None::<u8>);
    let read = round_trip(&payload);
    for (name, value) in payload.iter().filter(|(name, _)| *name != "absent") {
        assert_eq!(&read[name], value, "{name}");
    }
    assert_eq!(read.iter().count(), 6);
    assert!(read["absent"].is_null());
    assert_eq!(read.get::<Vec<u8>>("list"), Some(vec![1, 2, 3]));
    assert_eq!(read.get::<String>("list"), None);
}

#[test]
fn the_id_can_be_read_like_any_claim() {
    let payload = round_trip(&Payload::new(42).with("role", "admin"));
    assert_eq!(payload["user_id"], 42);
    assert_eq!(payload.get::<u64>("user_id"), Some(42));
    assert_eq!(payload.get::<String>("role").as_deref(), Some("admin"));
}

#[test]
fn a_registered_name_is_an_error_when_the_token_is_created() {
    for name in ["exp", "iat", "nbf", "iss", "aud", "jti", "sid", "type", "auth_time", "user_id"] {
        let error = tokens().create_access_token(&Payload::new(1).with(name, 1)).unwrap_err();
        assert_eq!(error, InvalidReason::ReservedClaim(name.into()).into());
    }
}

#[test]
fn a_value_that_json_cannot_represent_is_an_error_when_the_token_is_created() {
    let keys_are_not_strings = std::collections::HashMap::from([([1, 2], 3)]);
    let error = tokens().create_access_token(&Payload::new(1).with("map", keys_are_not_strings)).unwrap_err();
    assert_eq!(error, InvalidReason::MistypedClaim("map".into()).into());
}

#[test]
fn a_payload_serializes_as_the_object_of_its_claims_with_the_id_first() {
    let payload = Payload::new(42).with("role", "admin").with("orgs", [1, 2]).with("absent", None::<u8>);
    let expected = json!({ "user_id": 42, "orgs": [1, 2], "role": "admin" });
    // The order of the others depends on whether a crate of the build turns on serde_json's `preserve_order`.
    assert!(serde_json::to_string(&payload).unwrap().starts_with(r#"{"user_id":42,"#));
    assert_eq!(serde_json::to_value(&payload).unwrap(), expected);
    let read = serde_json::to_value(round_trip(&payload)).unwrap();
    assert_eq!(read, expected, "without the registered claims");
    assert_eq!(serde_json::to_value(Payload::new("ada")).unwrap(), json!({ "user_id": "ada" }));
    assert_eq!(serde_json::to_value(Payload::new(-7)).unwrap(), json!({ "user_id": -7 }));

    // As in `payload["user_id"]`, the id is the subject, under any name in the token.
    let subs = TokenManager::builder().secret(SECRET).subject_claim("sub").build().unwrap();
    let token = subs.create_access_token(&Payload::new("ada").with("user_id", 7)).unwrap();
    let read = subs.decode_token::<Payload>(&token).unwrap().into_claims();
    assert_eq!(serde_json::to_string(&read).unwrap(), r#"{"user_id":"ada"}"#);
}

#[test]
fn a_payload_with_a_value_that_json_cannot_represent_does_not_serialize() {
    let payload = Payload::new(1).with("map", std::collections::HashMap::from([([1, 2], 3)]));
    let error = serde_json::to_string(&payload).unwrap_err().to_string();
    assert!(error.contains("`map`"), "{error}");
}

#[derive(Debug, PartialEq, gatevault::Claims)]
struct Member {
    user_id: u64,
    name: String,
}

#[test]
fn the_claims_of_a_verified_token_can_be_taken_out_of_it() {
    let tokens = tokens();
    let token = tokens.create_access_token(&Member { user_id: 42, name: "Ada".into() }).unwrap();
    let member: Member = tokens.decode_access_token::<Member>(&token).unwrap().into_claims();
    assert_eq!(member, Member { user_id: 42, name: "Ada".into() });
}

/// Ignores the error of a claim that cannot be written.
struct Stubborn;

impl ToClaims for Stubborn {
    fn write_claims(&self, claims: &mut ClaimWriter<'_>) -> Result<(), TokenError> {
        claims.subject(&42)?;
        let half_written = [(1, std::collections::BTreeMap::from([([1, 2], 3)]))];
        assert!(claims.claim("half", &half_written).is_err());
        claims.claim("role", "clerk")
    }
}

#[test]
fn a_claim_that_fails_half_way_leaves_nothing_behind() {
    let token = tokens().create_access_token(&Stubborn).unwrap();
    let payload = tokens().decode_access_token::<Payload>(&token).unwrap();
    assert_eq!(payload.iter().collect::<Vec<_>>(), [("role", &json!("clerk"))]);
}

#[test]
fn an_empty_id_is_an_error_when_the_token_is_created() {
    let error = tokens().create_access_token(&Payload::new("")).unwrap_err();
    assert_eq!(error, InvalidReason::MistypedClaim("user_id".into()).into());
}

#[test]
fn the_manager_names_the_subject_claim() {
    let subs = TokenManager::builder().secret(SECRET).subject_claim("sub").build().unwrap();
    let token = subs.create_access_token(&Payload::new("ada").with("user_id", 7)).unwrap();
    let payload = subs.decode_token::<Payload>(&token).unwrap();
    assert_eq!(payload.user_id(), &"ada".into());
    assert_eq!(payload["user_id"], "ada", "the subject, and never a claim of that name");
    let elsewhere = tokens().decode_token::<Payload>(&token).unwrap();
    assert_eq!(elsewhere.user_id(), &7.into());
    let plain = tokens().create_access_token(&Payload::new(1)).unwrap();
    let missing = TokenError::from(InvalidReason::MissingClaim("sub".into()));
    assert_eq!(subs.decode_token::<Payload>(&plain).unwrap_err(), missing);
}
