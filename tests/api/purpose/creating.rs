//! What is in a purpose token, whom it can be for, and what it is bound to.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatevault::claims::Serde;
use gatevault::error::InvalidReason;
use gatevault::token::{Purpose, PurposeSubject};
use gatevault::{
    Claims, Issuer, KeyRing, Payload, SigningKey, TokenError, TokenManager, UserId, VerifyingKey,
};
use gatevault_tests::{SECRET, START, timed, tokens};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{CONFIRM, HASH, LINK, RESET, TICKET, ada, decode, reason, reset, wrong_signature};

fn json_of(segment: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(segment).unwrap()).unwrap()
}

/// Returns the header and the claims.
fn parts(token: &str) -> [Value; 2] {
    let mut segments = token.split('.');
    [(); 2].map(|()| json_of(segments.next().unwrap()))
}

#[test]
fn a_token_has_the_header_and_the_claims_of_its_kind_and_a_fresh_id() {
    let (builder, _) = timed();
    let tokens = builder.issuer("https://id.example").audience("shop").build().unwrap();
    let (token, other) = (reset(&tokens), reset(&tokens));
    let [header, claims] = parts(&token);
    assert_eq!(header, json!({"alg": "HS256", "typ": "purpose+jwt"}));
    let id = claims["jti"].as_str().unwrap().to_owned();
    let expected = json!({
        "user_id": 42, "exp": START + 1800, "iat": START, "type": "purpose", "purpose": "password-reset", "jti": id,
        "iss": "https://id.example", "aud": "shop",
    });
    assert_eq!(claims, expected);
    assert_eq!(uuid::Uuid::parse_str(&id).unwrap().get_version_num(), 4);
    assert_ne!(parts(&other)[1]["jti"], json!(id));
    let verified = decode(&tokens, &token).unwrap();
    assert_eq!((verified.user_id(), verified.token_id()), (&ada(), id.as_str()));
    assert_eq!((verified.session_id(), verified.user_pool()), (None, None));
    let lifetime = verified.expires_at().duration_since(verified.issued_at()).unwrap();
    assert_eq!(lifetime, RESET.lifetime());
}

#[test]
fn the_key_that_signs_is_named_in_the_header() {
    let key = SigningKey::hs512([7; 64]).unwrap().with_id("a \"quoted\" id").unwrap();
    let tokens = TokenManager::builder().key(key).build().unwrap();
    let token = reset(&tokens);
    let expected = json!({"alg": "HS512", "typ": "purpose+jwt", "kid": "a \"quoted\" id"});
    assert_eq!(parts(&token)[0], expected);
    assert!(decode(&tokens, &token).is_ok());
}

#[test]
fn the_state_is_not_in_the_token_and_neither_is_anything_that_depends_on_it_alone() {
    let (builder, _) = timed();
    let tokens = builder.build().unwrap();
    let create = |state: &str| tokens.create_purpose_token(&RESET, &ada(), state).unwrap();
    let without_id = |token: &str| {
        let [header, mut claims] = parts(token);
        claims["jti"] = Value::Null;
        (header, claims, token.rsplit_once('.').unwrap().1.len())
    };
    assert_eq!(without_id(&create("")), without_id(&create(&"long state ".repeat(1000))));
    // Not even two tokens for one state have anything in common that others do not have.
    let signature = |token: &str| token.rsplit_once('.').unwrap().1.to_owned();
    assert_ne!(signature(&create(HASH)), signature(&create(HASH)));
}

#[test]
fn a_token_is_valid_for_the_same_bytes_of_state_only() {
    let tokens = tokens();
    let states: [&[u8]; 12] =
        [b"", b"\0", b"\0\0", b"a", b"A", b"a ", b"ab", b":", b"1:a", b"0::", b"\xff\xfe", HASH.as_bytes()];
    let created = states.map(|state| tokens.create_purpose_token(&RESET, &ada(), state).unwrap());
    for (number, token) in created.iter().enumerate() {
        for (other, state) in states.iter().enumerate() {
            let decoded = tokens.decode_purpose_token(&RESET, token, state);
            assert_eq!(decoded.is_ok(), number == other, "{number} {other}");
            if number != other {
                assert_eq!(reason(decoded), wrong_signature(&RESET));
            }
        }
    }
}

#[test]
fn a_token_serves_its_own_purpose_only() {
    let tokens = tokens();
    let purposes = [RESET, CONFIRM, LINK, TICKET, Purpose::new("password-reset", RESET.lifetime()).once()];
    for (number, created) in purposes.iter().enumerate() {
        let token = tokens.create_purpose_token(created, &ada(), HASH).unwrap();
        for (other, decoded) in purposes.iter().enumerate() {
            let outcome = tokens.decode_purpose_token(decoded, &token, HASH);
            assert_eq!(outcome.is_ok(), number == other, "{number} {other}: {outcome:?}");
        }
    }
}

#[test]
fn a_user_id_of_every_form_comes_back() {
    let tokens = TokenManager::builder().secret(SECRET).subject_claim("sub").build().unwrap();
    for user in [UserId::from(0), u64::MAX.into(), i64::MIN.into(), "42".into(), "a \"b\" \u{2028}:.".into()]
    {
        let token = tokens.create_purpose_token(&RESET, &user, HASH).unwrap();
        assert_eq!(decode(&tokens, &token).unwrap().user_id(), &user);
    }
    let nameless = tokens.create_purpose_token(&RESET, &UserId::from(""), HASH);
    assert!(matches!(reason(nameless), InvalidReason::MistypedClaim(_)));
}

#[derive(Claims)]
struct Member {
    user_id: String,
    role: String,
}

#[derive(Serialize, Deserialize)]
struct Session {
    sub: u64,
    iss: String,
    exp: u64,
}

#[test]
fn a_payload_of_any_type_is_a_subject() {
    let builder = TokenManager::builder().secret(SECRET).issuer("https://id.example").subject_claim("sub");
    let tokens = builder.build().unwrap();
    let member = Member { user_id: "ada".to_owned(), role: "admin".to_owned() };
    let access = tokens.create_access_token(&member).unwrap();
    let member = tokens.decode_access_token::<Member>(&access).unwrap();
    let ticket = tokens.create_purpose_token(&TICKET, &member, "").unwrap();
    assert_eq!(parts(&ticket)[1].get("role"), None, "{}", member.role);
    assert_eq!(tokens.decode_purpose_token(&TICKET, &ticket, "").unwrap().user_id(), &"ada".into());

    let access = tokens.create_access_token(&Payload::new(7).with("role", "admin")).unwrap();
    let payload = tokens.decode_access_token::<Payload>(&access).unwrap();
    let ticket = tokens.create_purpose_token(&TICKET, &payload, "").unwrap();
    assert_eq!(tokens.decode_purpose_token(&TICKET, &ticket, "").unwrap().user_id(), &7.into());
    // Claims that know their expiry cannot be written into another token, but their user can.
    let session = tokens.decode_access_token::<Serde<Session>>(&access).unwrap();
    let ticket = tokens.create_purpose_token(&TICKET, &session, "").unwrap();
    assert_eq!(tokens.decode_purpose_token(&TICKET, &ticket, "").unwrap().user_id(), &7.into());
}

#[test]
fn a_user_of_another_issuer_is_no_subject_since_their_id_may_be_that_of_one_of_ours() {
    let partner_key = SigningKey::hs256([9; 32]).unwrap();
    let partner = TokenManager::builder().key(partner_key.clone());
    let partner =
        partner.issuer("https://partner.example").audience("shop").subject_claim("sub").build().unwrap();
    let ring = KeyRing::verifying([VerifyingKey::hs256([9; 32]).unwrap()]).unwrap();
    let issuer = Issuer::new("https://partner.example", ring).audience("shop");
    let tokens = TokenManager::builder().secret(SECRET).issuer("us").audience("shop").accept(issuer);
    let tokens = tokens.build().unwrap();
    let access = partner.create_access_token(&Payload::new(42)).unwrap();
    let foreign = tokens.decode_access_token::<Payload>(&access).unwrap();
    let refused = reason(tokens.create_purpose_token(&TICKET, &foreign, ""));
    assert_eq!(refused, InvalidReason::ForeignSubject { issuer: "https://partner.example".to_owned() });
}

#[test]
fn a_session_or_a_pool_without_a_name_and_a_pool_that_is_not_accepted_are_errors() {
    let (tokens, user) = (tokens(), ada());
    let create = |subject: PurposeSubject<'_>| tokens.create_purpose_token(&TICKET, subject, "");
    let mistyped = |name: &'static str| InvalidReason::MistypedClaim(name.into());
    assert_eq!(reason(create(PurposeSubject::new(&user).session(""))), mistyped("sid"));
    assert_eq!(reason(create(PurposeSubject::new(&user).pool(""))), mistyped("pool"));
    let unknown = reason(create(PurposeSubject::new(&user).pool("admins"))).to_string();
    assert!(unknown.contains("admins") && unknown.contains("user_pools"), "{unknown}");
}

#[test]
fn a_manager_without_a_signing_key_creates_none_and_decodes_those_of_its_ring() {
    let ring = KeyRing::verifying([VerifyingKey::hs256(SECRET).unwrap()]).unwrap();
    let verifying = TokenManager::builder().key_ring(ring.clone()).build().unwrap();
    let created = verifying.create_purpose_token(&RESET, &ada(), HASH);
    assert_eq!(reason(created), InvalidReason::NoSigningKey);
    assert!(decode(&verifying, &reset(&tokens())).is_ok());

    let issuer = Issuer::new("https://id.example", ring).audience("shop");
    let guarding = TokenManager::builder().accept(issuer).build().unwrap();
    assert_eq!(reason(guarding.create_purpose_token(&RESET, &ada(), HASH)), InvalidReason::NoSigningKey);
    assert_eq!(reason(decode(&guarding, &reset(&tokens()))), InvalidReason::KeyId);
}

#[test]
fn a_token_longer_than_the_limit_is_neither_created_nor_read() {
    let short = TokenManager::builder().secret(SECRET).max_token_bytes(256).build().unwrap();
    assert!(matches!(
        reason(short.create_purpose_token(&RESET, &ada(), HASH)),
        InvalidReason::TooLong { .. }
    ));
    assert!(matches!(reason(decode(&short, &reset(&tokens()))), InvalidReason::TooLong { .. }));
}

#[test]
fn an_error_for_a_client_reveals_nothing_and_its_reason_names_the_purpose() {
    let error = tokens().decode_purpose_token(&CONFIRM, &reset(&tokens()), HASH).unwrap_err();
    assert_eq!(error.to_string(), "the token is not valid");
    let TokenError::Invalid(reason) = error else { panic!("{error:?}") };
    assert!(reason.to_string().contains("`confirm-address`"), "{reason}");
}

#[test]
fn debug_shows_no_state_and_no_token() {
    let (tokens, user) = (tokens(), ada());
    let token = reset(&tokens);
    let verified = decode(&tokens, &token).unwrap();
    let printed = format!("{RESET:?} {:?} {verified:?}", PurposeSubject::new(&user));
    assert!(printed.contains("password-reset") && !printed.contains(&token), "{printed}");
    assert!(!printed.contains(HASH), "{printed}");
}
