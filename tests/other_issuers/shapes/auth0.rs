//! Auth0: "Access Token Profiles", "ID Token Structure". Okta: "API reference, OpenID Connect & OAuth 2.0", access token and
//! ID token payloads.

use gatevault::{Issuer, KeyRing};
use gatevault_tests::START;
use serde_json::{Value, json};

use super::super::signer::with;
use super::Product;

const TENANT: &str = "https://shop.eu.auth0.com/";
const OKTA: &str = "https://shop.okta.com/oauth2/default";

fn auth0(keys: KeyRing) -> Issuer {
    Issuer::new(TENANT, keys).audience("https://orders.example/api")
}

fn okta(keys: KeyRing) -> Issuer {
    Issuer::new(OKTA, keys).audience("api://default")
}

/// The profile that an API has unless another is chosen.
fn auth0_access() -> Value {
    json!({
        "iss": TENANT, "sub": "auth0|5f7c8ec7c33c6c004bbafe82", "aud": ["https://orders.example/api", "https://shop.eu.auth0.com/userinfo"],
        "azp": "my_client_id", "exp": START + 7200, "iat": START, "scope": "openid profile read:orders", "gty": "password",
    })
}

/// The profile of RFC 9068.
fn auth0_access_9068() -> Value {
    with(
        auth0_access(),
        json!({ "azp": null, "gty": null, "client_id": "my_client_id", "jti": "73WakrfVbNJBaAmhQtEeDv" }),
    )
}

fn auth0_id_token() -> Value {
    json!({
        "iss": TENANT, "sub": "auth0|5f7c8ec7c33c6c004bbafe82", "aud": "my_client_id", "exp": START + 36_000, "iat": START,
        "name": "Ada L", "nickname": "ada", "email": "ada@shop.example", "email_verified": true, "nonce": "gFZJe",
        "sid": "YjQ5", "updated_at": "2025-12-30T10:00:00.000Z",
    })
}

#[test]
fn access_tokens_of_auth0_open_a_guard_in_both_profiles() {
    Product::new(auth0).opens(&json!({}), &auth0_access());
    Product::new(auth0).opens(&json!({ "typ": "at+jwt" }), &auth0_access_9068());
    Product::new(|keys| auth0(keys).at_jwt()).opens(&json!({ "typ": "at+jwt" }), &auth0_access_9068());
    Product::new(|keys| auth0(keys).at_jwt()).refuses(&auth0_access());
    // The header wins over a `nonce` that an action has added.
    Product::new(auth0)
        .opens(&json!({ "typ": "at+jwt" }), &with(auth0_access_9068(), json!({ "nonce": "gFZJe" })));
}

#[test]
fn id_tokens_and_logout_tokens_of_auth0_open_nothing() {
    Product::new(auth0).needs_any_kind(&auth0_id_token(), "my_client_id");
    let logout = json!({
        "iss": TENANT, "sub": "auth0|5f7c8ec7c33c6c004bbafe82", "aud": "my_client_id", "iat": START, "exp": START + 120,
        "jti": "bWJq", "sid": "YjQ5", "trace_id": "1", "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    Product::new(|keys| auth0(keys).audience("my_client_id")).refuses(&logout);
    Product::new(|keys| auth0(keys).audience("my_client_id").any_kind())
        .refuses_with(&json!({ "typ": "logout+jwt" }), &logout);
}

#[test]
fn tokens_of_okta_open_a_guard_if_they_are_access_tokens() {
    let access = json!({
        "ver": 1, "jti": "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE", "iss": OKTA, "aud": "api://default", "iat": START,
        "exp": START + 3600, "cid": "0oab8eb55Kb9jdMIr0h7", "uid": "00uid4BxXw6I6TV4m0g3", "scp": ["openid", "orders"],
        "auth_time": START - 9, "sub": "ada@shop.example",
    });
    let id_token = json!({
        "ver": 1, "jti": "ID.0eFi8tbJ0rWuAEsGDhjYOPDdFdOkzZ1rM0", "iss": OKTA, "aud": "0oab8eb55Kb9jdMIr0h7", "iat": START,
        "exp": START + 3600, "sub": "00uid4BxXw6I6TV4m0g3", "amr": ["pwd"], "idp": "00ok1u7AsAkrwdZL3z0g3", "nonce": "abcde",
        "auth_time": START - 9, "at_hash": "cpqKfdQA5eH891Ff5oJr_Q", "name": "Ada L", "preferred_username": "ada@shop.example",
    });
    Product::new(okta).opens(&json!({ "typ": null }), &access);
    Product::new(okta).needs_any_kind(&id_token, "0oab8eb55Kb9jdMIr0h7");
    Product::new(okta).needs_any_kind(&with(id_token, json!({ "nonce": null })), "0oab8eb55Kb9jdMIr0h7");
}
