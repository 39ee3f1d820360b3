//! Valid tokens: created on one side, decoded on the other.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gatevault::error::InvalidReason;
use gatevault::testing::ManualClock;
use gatevault::{OAuthHandler, Payload, TokenError, TokenKind, TokenManager, UserId, Verified};
use gatevault_tests::{Account, quick_hasher};
use serde_json::{Map, Value, json};

use crate::peer::{ask, ask_string};
use crate::report;

pub(crate) const SECRET: &str = "a secret of more than thirty-two bytes, known to both";
const KINDS: [(&str, TokenKind, u64); 2] =
    [("access", TokenKind::Access, 15 * 60), ("refresh", TokenKind::Refresh, 7 * 86_400)];

/// Returns user ids of every kind: numbers at the limits, and strings with every kind of character.
fn ids() -> Vec<Value> {
    let numbers =
        [json!(0), json!(1), json!(42), json!(-7), json!(i64::MIN), json!(i64::MAX), json!(u64::MAX)];
    let strings = [
        "ada",
        "42",
        "null",
        " ",
        "Ада Лавлейс, 爱达, آدا",
        "crab 🦀, family 👩‍👩‍👧, beyond the first plane 𝕏",
        r#"a "quoted" back\slash / slash"#,
        "\u{0}\u{1}\u{8}\t\n\u{c}\r\u{1f}\u{7f}\u{80}\u{2028}\u{feff}",
    ];
    let long = Value::from("long ".repeat(500));
    numbers.into_iter().chain(strings.map(Value::from)).chain([long]).collect()
}

/// Returns claims with every type of JSON value.
fn extras() -> [(&'static str, Value); 12] {
    [
        ("role", json!("admin")),
        ("org_id", json!(7)),
        ("active", json!(true)),
        ("banned", json!(false)),
        ("scopes", json!(["read", "write", ["nested", []]])),
        ("profile", json!({"name": "Ада", "tags": {}, "a \"key\"": {"deep": [1, {"deeper": null}]}})),
        ("least", json!(i64::MIN)),
        ("most", json!(u64::MAX)),
        ("ratio", json!(0.1)),
        ("tiny", json!(2.2e-308)),
        ("vast", json!(1.797_693_134_862_315_7e308)),
        ("empty", json!("")),
    ]
}

/// Creates a manager with this secret.
fn manager(secret: &str) -> TokenManager {
    TokenManager::builder().secret(secret).build().unwrap()
}

/// Converts the id in JSON to a `UserId`.
fn user_id(id: &Value) -> UserId {
    match id {
        Value::String(text) => text.as_str().into(),
        number => number.as_u64().map(UserId::from).or_else(|| number.as_i64().map(UserId::from)).unwrap(),
    }
}

/// Creates a token of this kind.
fn create(tokens: &TokenManager, kind: TokenKind, claims: &Payload) -> String {
    match kind {
        TokenKind::Refresh => tokens.create_refresh_token(claims).unwrap(),
        _ => tokens.create_access_token(claims).unwrap(),
    }
}

/// Decodes a valid token in Rust.
fn decode(token: &str) -> Verified<Payload> {
    manager(SECRET).decode_token(token).unwrap_or_else(|error| panic!("{error:?} for {token}"))
}

/// Decodes a valid token in Python.
fn decode_in_python(secret: &str, token: &str) -> Map<String, Value> {
    let response = ask("decode", json!({"secret": secret, "token": token}));
    response["payload"].as_object().unwrap_or_else(|| panic!("{response} for {token}")).clone()
}

/// Returns the seconds until `time`.
fn seconds_from_now(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::now()).unwrap().as_secs()
}

#[test]
fn tokens_from_python_are_decoded_in_rust() {
    for id in &ids() {
        for (name, kind, lifetime) in KINDS {
            let token = ask_string("create", json!({"secret": SECRET, "kind": name, "user_id": id}), "token");
            let verified = decode(&token);
            assert_eq!(verified.user_id(), &user_id(id));
            assert_eq!(verified.iter().count(), 0, "no claims but the id");
            assert_eq!((verified.kind(), verified.issued_at(), verified.session_id()), (kind, None, None));
            assert_eq!(verified.token_id().unwrap().len(), 36);
            assert!((lifetime - 60..=lifetime).contains(&seconds_from_now(verified.expires_at())));

            let (access, refresh) = (
                manager(SECRET).decode_access_token::<Payload>(&token),
                manager(SECRET).decode_refresh_token::<Payload>(&token),
            );
            assert_eq!(
                (access.is_ok(), refresh.is_ok()),
                (kind == TokenKind::Access, kind == TokenKind::Refresh)
            );
        }
    }
    report("Python tokens decoded in Rust", ids().len() * KINDS.len());
}

#[test]
fn tokens_from_rust_are_decoded_in_python() {
    for id in &ids() {
        for (name, kind, lifetime) in KINDS {
            let token = create(&manager(SECRET), kind, &Payload::new(user_id(id)));
            let payload = decode_in_python(SECRET, &token);
            let verified = decode(&token);
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
            let issued = payload["iat"].as_u64().unwrap();
            assert!((now - 60..=now).contains(&issued));
            let expected = json!({
                "user_id": id, "exp": issued + lifetime, "iat": issued, "type": name, "jti": verified.token_id(),
            });
            assert_eq!(Value::from(payload), expected);
        }
    }
    report("Rust tokens decoded in Python", ids().len() * KINDS.len());
}

#[test]
fn both_write_the_same_header() {
    let python = ask_string("create", json!({"secret": SECRET, "kind": "access", "user_id": 1}), "token");
    let rust = create(&manager(SECRET), TokenKind::Access, &Payload::new(1));
    assert_eq!(rust.split('.').next(), python.split('.').next());
}

#[test]
fn extra_claims_of_every_type_are_equal_on_both_sides() {
    let all = extras();
    let each = all.chunks(1).chain([all.as_slice()]);
    for claims in each.clone() {
        let object: Map<_, _> =
            claims.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let request = json!({"secret": SECRET, "kind": "access", "user_id": 42, "extras": object});
        let python = decode(&ask_string("create", request, "token"));
        let rust = claims.iter().fold(Payload::new(42), |payload, (name, value)| payload.with(*name, value));
        let decoded = decode_in_python(SECRET, &create(&manager(SECRET), TokenKind::Access, &rust));
        for (name, value) in claims {
            assert_eq!(&python[name], value, "{name}, from Python");
            assert_eq!(&decoded[*name], value, "{name}, from Rust");
        }
        assert_eq!((python.iter().count(), decoded.len()), (claims.len(), claims.len() + 5));
    }
    report("extra claims of every type", each.count() * 2);
}

/// Python writes a claim of `None` as null. Rust leaves it out, which reads the same.
#[test]
fn a_null_claim_reads_as_null_on_both_sides() {
    let request = json!({"secret": SECRET, "kind": "access", "user_id": 42, "extras": {"team": null}});
    assert!(decode(&ask_string("create", request, "token"))["team"].is_null());
    let rust = create(&manager(SECRET), TokenKind::Access, &Payload::new(42).with("team", Value::Null));
    assert!(!decode_in_python(SECRET, &rust).contains_key("team"));
    report("null claims", 2);
}

#[test]
fn a_uuid_is_the_same_id_on_both_sides() {
    let uuids = [
        "00000000-0000-0000-0000-000000000000",
        "f81d4fae-7dec-41d0-a765-00a0c91e6bf6",
        "FFFFFFFF-ffff-4fff-bfff-ffffffffffff",
    ];
    for text in uuids {
        let id: uuid::Uuid = text.parse().unwrap();
        let request = json!({"secret": SECRET, "kind": "access", "user_id": text, "uuid": true});
        assert_eq!(decode(&ask_string("create", request, "token")).user_id(), &UserId::from(id));
        let rust = create(&manager(SECRET), TokenKind::Access, &Payload::new(id));
        assert_eq!(decode_in_python(SECRET, &rust)["user_id"], text.to_lowercase());
    }
    report("UUIDs", uuids.len() * 2);
}

#[test]
fn a_secret_is_the_same_key_and_equally_short_on_both_sides() {
    let secrets = [
        "s".to_owned(),
        "секрет 🔑".to_owned(),
        " padded with spaces \n".to_owned(),
        "thirty-one bytes of secret.....".to_owned(),
        "thirty-two bytes of secret......".to_owned(),
        "ünïcödé, and longer than thirty-two bytes".to_owned(),
        "a block of HMAC is sixty-four bytes, this is longer ".repeat(4),
        "NUL \0 in the middle of what is long enough".to_owned(),
    ];
    for (index, secret) in secrets.iter().enumerate() {
        let request = json!({"secret": secret, "kind": "access", "user_id": 42});
        let python = ask_string("create", request.clone(), "token");
        let rust = create(&manager(secret), TokenKind::Access, &Payload::new(42));
        assert_eq!(manager(secret).decode_token::<Payload>(&python).unwrap().user_id(), &42.into());
        assert_eq!(decode_in_python(secret, &rust)["user_id"], 42);
        assert_eq!(!manager(secret).warnings().is_empty(), ask("is_short", request)["short"], "{secret:?}");

        let other = &secrets[(index + 1) % secrets.len()];
        let rejected = manager(other).decode_token::<Payload>(&python).unwrap_err();
        assert_eq!(rejected, TokenError::Invalid(InvalidReason::Signature));
        assert_eq!(ask("decode", json!({"secret": other, "token": rust}))["raised"], "InvalidTokenError");
    }
    report("secrets, right and wrong", secrets.len() * 4);
}

#[test]
fn an_expired_token_is_expired_on_both_sides() {
    let request = json!({"secret": SECRET, "kind": "access", "user_id": 42, "minutes": -1});
    let python = ask_string("create", request, "token");
    let yesterday = ManualClock::at(SystemTime::now() - Duration::from_hours(24));
    let tokens = TokenManager::builder().secret(SECRET).clock(yesterday).build().unwrap();
    let rust = create(&tokens, TokenKind::Access, &Payload::new(42));
    for token in [python, rust] {
        assert_eq!(manager(SECRET).decode_token::<Payload>(&token).unwrap_err(), TokenError::Expired);
        assert_eq!(ask("decode", json!({"secret": SECRET, "token": token}))["raised"], "TokenExpiredError");
    }
    report("expired tokens", 4);
}

/// The refreshed token has a registered claim more.
#[test]
fn the_token_of_a_refresh_after_a_demotion_is_decoded_in_python() {
    let ada = Account::new(1, "correct horse");
    let found = ada.clone();
    let oauth = OAuthHandler::new(manager(SECRET), move |_: &str| Some(found.clone()))
        .lookup_by_id(move |_: &UserId| Some(ada.clone()))
        .claims(|user: &Account| Payload::new(user.id.clone()).with("role", "member"))
        .hasher(quick_hasher());
    let pair = oauth.login("ada", "correct horse").unwrap();
    assert!(!decode_in_python(SECRET, &pair.access_token).contains_key("claims_since"));
    oauth.revoke_access_tokens(1).unwrap();
    let next = oauth.refresh(&pair.refresh_token).unwrap();
    let payload = decode_in_python(SECRET, &next.access_token);
    assert_eq!((&payload["user_id"], &payload["role"]), (&json!(1), &json!("member")));
    assert!(payload["claims_since"].is_u64(), "{payload:?}");
}
