//! Tokens that libraries create: a sister service with this library, its Python twin, did-jwt, Flask, Django and `SimpleJWT`.

use std::time::Duration;

use gatevault::error::InvalidReason;
use gatevault::{Issuer, KeyRing, Payload, TokenManager, VerifyingKey};
use gatevault_tests::{SECRET, START, timed};
use serde_json::json;

use super::super::service::{decode, open, refusal, service};
use super::super::signer::with;
use super::Product;

/// A service with this library, whose users are accepted here.
fn sister(
    builder: impl Fn(gatevault::token::TokenManagerBuilder) -> gatevault::token::TokenManagerBuilder,
) -> TokenManager {
    let sister = TokenManager::builder()
        .secret(SECRET)
        .clock(timed().1)
        .issuer("https://sister.example")
        .audience("orders");
    builder(sister).build().unwrap()
}

fn accepted() -> Issuer {
    let keys = KeyRing::verifying([VerifyingKey::hs256(SECRET).unwrap()]).unwrap();
    Issuer::new("https://sister.example", keys).audience("orders").subject_claim("user_id")
}

#[test]
fn an_access_token_of_a_sister_service_opens_a_guard_and_its_refresh_token_does_not() {
    let sister = sister(|builder| builder);
    let access = sister.create_access_token(&Payload::new(42)).unwrap();
    let refresh = sister.create_refresh_token(&Payload::new(42)).unwrap();
    let here = service([accepted()]);
    assert_eq!(open(&here, &access).unwrap(), "42");
    assert_eq!(decode(&here, &access).unwrap().foreign_issuer(), Some("https://sister.example"));
    // It lives longer than an access token may.
    refusal(&here, &refresh);
    let here = service([accepted().max_lifetime(Duration::from_hours(30 * 24))]);
    assert!(matches!(refusal(&here, &refresh), InvalidReason::NotAccess { .. }));
    // No other service may exchange it.
    assert!(here.decode_refresh_token::<Payload>(&refresh).is_err());
    assert!(here.decode_token::<Payload>(&refresh).is_err());
}

#[test]
fn an_access_token_of_rfc_9068_of_a_sister_service_opens_a_guard() {
    let sister = sister(gatevault::token::TokenManagerBuilder::at_jwt);
    let access = sister.create_access_token(&Payload::new(42).with("client_id", "web")).unwrap();
    assert_eq!(open(&service([accepted().subject_claim("sub").at_jwt()]), &access).unwrap(), "42");
}

#[test]
fn a_numeric_type_of_did_jwt_is_no_kind() {
    let wallet =
        Product::new(|keys| Issuer::new("did:web:wallet.example", keys).audience("did:web:shop.example"));
    let token = json!({
        "type": 2, "iss": "did:web:wallet.example", "aud": "did:web:shop.example", "sub": "did:key:z6Mk", "iat": START,
        "exp": START + 300,
    });
    wallet.opens(&json!({}), &token);
    let verified = decode(&service([wallet.issuer()]), &wallet.sign(&json!({}), &token)).unwrap();
    assert_eq!(verified["type"], 2);
}

/// `flask-jwt-extended` writes `type`, `djangorestframework-simplejwt` writes `token_type`, for both kinds.
#[test]
fn a_refresh_token_of_a_python_library_opens_nothing() {
    let flask = || Product::new(|keys| Issuer::new("https://flask.example", keys).audience("orders"));
    let access = json!({
        "fresh": false, "iat": START, "jti": "0a1b", "type": "access", "sub": "ada", "nbf": START, "csrf": "9e1c",
        "exp": START + 900, "iss": "https://flask.example", "aud": "orders",
    });
    flask().opens(&json!({}), &access);
    flask().refuses(&with(access, json!({ "type": "refresh" })));
}

#[test]
fn an_issuer_s_own_word_for_access_is_a_setting() {
    let product = |accept| Product::new(accept);
    let token = |kind: &str| {
        json!({
            "iss": "https://id.example", "aud": "orders", "sub": "ada", "iat": START, "exp": START + 300, "type": kind,
        })
    };
    product(|keys| Issuer::new("https://id.example", keys).audience("orders")).refuses(&token("user"));
    let with_setting =
        || product(|keys| Issuer::new("https://id.example", keys).audience("orders").access_type("user"));
    with_setting().opens(&json!({}), &token("user"));
    with_setting().opens(&json!({}), &token("access"));
    for other in ["User", "user ", "admin", "refresh", "id_token", ""] {
        with_setting().refuses(&token(other));
    }
}
