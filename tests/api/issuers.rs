//! Tokens of other issuers, and access tokens of RFC 9068.

use std::collections::BTreeMap;
use std::time::Duration;

use gatevault::error::InvalidReason;
use gatevault::{
    ConfigError, GateVault, Issuer, KeyRing, Payload, SigningKey, TokenError, TokenManager, Verified,
    VerifyingKey, protected,
};
use gatevault_tests::{Outline, SECRET, timed};

const PARTNER: &str = "https://id.partner.example";
const PARTNER_SECRET: &str = "another secret of at least thirty-two bytes";

fn partner_keys() -> KeyRing {
    KeyRing::verifying([VerifyingKey::hs256(PARTNER_SECRET).unwrap().with_id("p1").unwrap()]).unwrap()
}

fn partner() -> Issuer {
    Issuer::new(PARTNER, partner_keys()).audience("billing").max_lifetime(Duration::MAX)
}

/// Signs a token as the partner does, without the claims that only our tokens have.
fn by_partner(header: &str, claims: &str) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use hmac::{Hmac, KeyInit, Mac};
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let mac = Hmac::<sha2::Sha256>::new_from_slice(PARTNER_SECRET.as_bytes()).unwrap();
    let tag = mac.chain_update(&message).finalize().into_bytes();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
}

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT","kid":"p1"}"#;

/// Returns the claims of a valid token, with one member replaced, or removed if `value` is empty.
fn claims(name: &str, value: &str) -> String {
    let good = [
        ("iss", r#""https://id.partner.example""#),
        ("aud", r#"["billing","account"]"#),
        ("sub", r#""f3b1-ada""#),
        ("exp", "4102444800"),
        ("scope", r#""openid orders:read""#),
        ("realm_access", r#"{"roles":["clerk","user"]}"#),
    ];
    let kept = good.iter().filter(|(other, _)| *other != name).copied();
    let changed = (!value.is_empty()).then_some((name, value));
    let members: Vec<_> = kept.chain(changed).map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

fn good() -> String {
    by_partner(HEADER, &claims("x", "1"))
}

/// Reads the roles where Keycloak writes them.
fn is_clerk(payload: &Payload) -> bool {
    let access = payload.get::<BTreeMap<String, Vec<String>>>("realm_access").unwrap_or_default();
    access.get("roles").is_some_and(|roles| roles.iter().any(|role| role == "clerk"))
}

#[protected(gate = gate, require = is_clerk(&payload))]
fn orders(gate: &GateVault, payload: Payload) -> Result<String, gatevault::GuardError> {
    Ok(payload.user_id().to_string())
}

#[test]
fn a_token_of_another_issuer_opens_a_guard() {
    let tokens = TokenManager::builder().secret(SECRET).accept(partner()).build().unwrap();
    let gate = GateVault::new(tokens.clone());
    assert_eq!(orders(good(), &gate).unwrap(), "f3b1-ada");
    let ours = Payload::new(42).with("realm_access", serde_json::json!({"roles": ["clerk"]}));
    assert_eq!(orders(tokens.create_access_token(&ours).unwrap(), &gate).unwrap(), "42");

    let verified = tokens.decode_access_token::<Payload>(&good()).unwrap();
    assert_eq!((verified.token_id(), verified.session_id(), verified.issued_at()), (None, None, None));
    assert_eq!(verified.foreign_issuer(), Some(PARTNER));
    let with_ids = by_partner(HEADER, &claims("jti", r#""t-1""#));
    assert_eq!(tokens.decode_access_token::<Payload>(&with_ids).unwrap().token_id(), Some("t-1"));
}

#[protected(gate = gate, require = payload.foreign_issuer().is_none())]
fn for_our_own_users(gate: &GateVault, payload: Verified<Payload>) -> Result<String, gatevault::GuardError> {
    Ok(payload.user_id().to_string())
}

#[test]
fn a_guard_can_distinguish_users_of_two_issuers_with_the_same_id() {
    let ours = TokenManager::builder().secret(SECRET).issuer("https://us.example").audience("billing");
    let tokens = ours.accept(partner()).build().unwrap();
    let gate = GateVault::new(tokens.clone());
    let ada = tokens.create_access_token(&Payload::new("f3b1-ada")).unwrap();
    assert_eq!(for_our_own_users(&ada, &gate).unwrap(), "f3b1-ada");
    assert_eq!(for_our_own_users(good(), &gate).unwrap_err().status(), 403);
}

#[test]
fn the_claims_of_another_issuer_are_validated() {
    let tokens = TokenManager::builder().secret(SECRET).accept(partner()).build().unwrap();
    let refusal =
        |name, value| tokens.decode_access_token::<Payload>(&by_partner(HEADER, &claims(name, value)));
    let cases = [
        // Our own tokens have no `iss`.
        ("iss", "", InvalidReason::Signature.into()),
        ("iss", r#""https://id.partner.example/""#, Outline::ISSUER),
        ("aud", "", Outline::AUDIENCE),
        ("aud", r#""account""#, Outline::AUDIENCE),
        ("exp", "", InvalidReason::MissingClaim("exp".into()).into()),
        ("sub", "", InvalidReason::MissingClaim("sub".into()).into()),
        ("nbf", "4102444800", Outline::not_yet("nbf")),
    ];
    for (name, value, reason) in cases {
        assert_eq!(reason, refusal(name, value).unwrap_err(), "{name}: {value}");
    }
    assert_eq!(refusal("exp", "1000000000").unwrap_err(), TokenError::Expired);
    // Another issuer's tokens are never refresh tokens here.
    let kind = InvalidReason::Kind { expected: "refresh" };
    assert_eq!(tokens.decode_refresh_token::<Payload>(&good()).unwrap_err(), kind.into());
}

#[test]
fn an_issuer_cannot_sign_for_another() {
    // The partner's key, with our issuer and our claims.
    let forger = SigningKey::hs256(PARTNER_SECRET).unwrap().with_id("p1").unwrap();
    let forger = TokenManager::builder().key(forger).issuer("https://us.example").audience("billing").build();
    let token = forger.unwrap().create_access_token(&Payload::new(42).with("sub", "42")).unwrap();
    let ours = TokenManager::builder().secret(SECRET).issuer("https://us.example").audience("billing");
    let tokens = ours.accept(partner()).build().unwrap();
    // Only our keys are tried for a token in our name.
    let refused = tokens.decode_access_token::<Payload>(&token).unwrap_err();
    assert_eq!(refused, TokenError::from(InvalidReason::Signature));
}

#[test]
fn issuers_whose_keys_have_the_same_id_are_distinguished_by_their_signatures() {
    let other_key = VerifyingKey::hs256(SECRET).unwrap().with_id("p1").unwrap();
    let other =
        Issuer::new("https://other.example", KeyRing::verifying([other_key]).unwrap()).audience("billing");
    let tokens = TokenManager::builder().accept(other).accept(partner()).build().unwrap();
    assert!(tokens.decode_access_token::<Payload>(&good()).is_ok());
}

#[test]
fn a_manager_without_a_key_of_its_own_creates_no_tokens() {
    let tokens = TokenManager::builder().accept(partner()).build().unwrap();
    assert!(tokens.decode_access_token::<Payload>(&good()).is_ok());
    let refused = tokens.create_access_token(&Payload::new(42)).unwrap_err();
    assert_eq!(refused, InvalidReason::NoSigningKey.into());
    assert!(tokens.retire_key("p1").is_err());
}

#[test]
fn an_invalid_setting_of_an_issuer_is_an_error_that_names_the_setting() {
    let keys = partner_keys;
    let misuses = [
        ("audience", Issuer::new(PARTNER, keys())),
        ("audience", Issuer::new(PARTNER, keys()).audience("")),
        ("Issuer::new", Issuer::new("", keys()).audience("billing")),
        ("subject_claim", partner().subject_claim("")),
        ("subject_claim", partner().subject_claim("jti")),
    ];
    for (setting, issuer) in misuses {
        let error = TokenManager::builder().accept(issuer).build().unwrap_err().to_string();
        assert!(error.contains(&format!("`{setting}`")), "{setting}: {error}");
    }
    let nothing = TokenManager::builder().build().unwrap_err();
    assert_eq!(nothing, ConfigError::MissingKey);
}

#[test]
fn an_issuer_of_rfc_9068_must_write_the_type() {
    let tokens = TokenManager::builder().accept(partner().at_jwt()).build().unwrap();
    let decode = |typ: &str| {
        let header = format!(r#"{{"alg":"HS256","kid":"p1"{typ}}}"#);
        tokens.decode_access_token::<Payload>(&by_partner(&header, &claims("x", "1"))).map(drop)
    };
    assert_eq!(decode(r#","typ":"at+jwt""#), Ok(()));
    assert_eq!(decode(r#","typ":"application/at+JWT""#), Ok(()));
    for typ in [r#","typ":"JWT""#, "", r#","typ":"id_token+jwt""#] {
        assert_eq!(decode(typ), Err(InvalidReason::Type.into()), "{typ}");
    }
}

#[test]
fn access_tokens_of_rfc_9068_are_created_and_required() {
    let (builder, clock) = timed();
    let tokens = builder.issuer("https://us.example").audience("billing").at_jwt().build().unwrap();
    let access = tokens.create_access_token(&Payload::new(42).with("client_id", "web")).unwrap();
    let refresh = tokens.create_refresh_token(&Payload::new(42)).unwrap();
    let header = |token: &str| {
        use base64::Engine;
        let segment = token.split('.').next().unwrap().to_owned();
        String::from_utf8(base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(segment).unwrap()).unwrap()
    };
    assert_eq!(header(&access), r#"{"alg":"HS256","typ":"at+jwt"}"#);
    assert_eq!(header(&refresh), r#"{"alg":"HS256","typ":"JWT"}"#);
    assert_eq!(tokens.decode_access_token::<Payload>(&access).unwrap().user_id(), &42.into());
    assert!(tokens.decode_refresh_token::<Payload>(&refresh).is_ok());

    // The same claims without the type are not an access token here.
    let plain =
        TokenManager::builder().secret(SECRET).clock(clock).issuer("https://us.example").audience("billing");
    let untyped = plain.subject_claim("sub").build().unwrap().create_access_token(&Payload::new(42)).unwrap();
    assert_eq!(tokens.decode_access_token::<Payload>(&untyped).unwrap_err(), InvalidReason::Type.into());

    let lacking = TokenManager::builder().secret(SECRET).at_jwt().build().unwrap_err().to_string();
    assert!(lacking.contains("`issuer`"), "{lacking}");
    assert_eq!(tokens.access_expiry(), Duration::from_mins(15));
}

/// A sister service that uses this library signs its refresh tokens with the same key, issuer and audience.
#[test]
fn a_refresh_token_of_a_sister_service_opens_nothing() {
    let tokens = TokenManager::builder().accept(partner()).build().unwrap();
    let access = by_partner(HEADER, &claims("type", r#""access""#));
    assert!(tokens.decode_access_token::<Payload>(&access).is_ok());
    let refresh = by_partner(HEADER, &claims("type", r#""refresh""#));
    let refused = |token| tokens.decode_access_token::<Payload>(token).unwrap_err();
    assert!(matches!(refused(&refresh), TokenError::Invalid(InvalidReason::NotAccess { .. })));
    // Only the sister service may exchange it.
    assert!(tokens.decode_refresh_token::<Payload>(&refresh).is_err());
    assert!(tokens.decode_token::<Payload>(&refresh).is_err());
    // A value that does not mean access is refused, unless the settings name it.
    let other = by_partner(HEADER, &claims("type", r#""customer""#));
    assert!(matches!(refused(&other), TokenError::Invalid(InvalidReason::NotAccess { .. })));
    let tokens = TokenManager::builder().accept(partner().access_type("customer")).build().unwrap();
    assert!(tokens.decode_access_token::<Payload>(&other).is_ok());
}
