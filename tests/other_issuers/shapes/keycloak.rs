//! Keycloak: "Server Administration Guide", chapters "Client scopes" and "Using lightweight access tokens"; "Upgrading
//! Guide", "Nonce claim is only added to the ID token" (25.0); "Securing applications", "Backchannel logout".

use gatevault::error::InvalidReason;
use gatevault::{Issuer, Payload};
use gatevault_tests::START;
use serde_json::{Value, json};

use super::super::service::{decode, refusal, service};
use super::super::signer::with;
use super::Product;

const REALM: &str = "https://id.example/realms/shop";
const USER: &str = "f1c4f64e-2c0c-4cda-8c9f-9f3f8f3a2b0e";

fn keycloak() -> Product {
    Product::new(|keys| Issuer::new(REALM, keys).audience("orders-api"))
}

/// An access token of version 20: it has the `nonce` of the authorization request.
fn access_20() -> Value {
    json!({
        "exp": START + 300, "iat": START, "auth_time": START - 60,
        "jti": "8d5f0f5e-7d0c-4c3b-9b7e-6f3f2a6f4c11",
        "iss": REALM, "aud": ["orders-api", "account"], "sub": USER, "typ": "Bearer", "azp": "shop-web",
        "nonce": "0b1c7b8e-1e57-4a0e-8f38-66a35d2d8d0f", "session_state": "2a88c258-f73a-4103-b862-e1fbd8f4e04e",
        "acr": "1", "allowed-origins": ["https://shop.example"],
        "realm_access": { "roles": ["default-roles-shop", "offline_access"] },
        "resource_access": { "account": { "roles": ["manage-account", "view-profile"] } },
        "scope": "openid profile email", "sid": "2a88c258-f73a-4103-b862-e1fbd8f4e04e",
        "email_verified": true, "name": "Ada L", "preferred_username": "ada", "email": "ada@shop.example",
    })
}

/// An access token of version 26: no `nonce`, and `jti` says how the token was obtained.
fn access_26() -> Value {
    with(
        access_20(),
        json!({ "nonce": null, "session_state": null, "jti": "onrtac:8d5f0f5e-7d0c-4c3b-9b7e-6f3f2a6f4c11" }),
    )
}

fn id_token() -> Value {
    json!({
        "exp": START + 300, "iat": START, "auth_time": START - 60, "jti": "e2f5b4a9-4a0c-4b39-8a68-7a5a6c7a9d01",
        "iss": REALM, "aud": "shop-web", "sub": USER, "typ": "ID", "azp": "shop-web", "nonce": "0b1c7b8e",
        "sid": "2a88c258-f73a-4103-b862-e1fbd8f4e04e", "at_hash": "bPMFa6AaVCmsVmvCJJvKkw", "acr": "1",
        "email_verified": true, "preferred_username": "ada",
    })
}

fn refresh_token() -> Value {
    json!({
        "exp": START + 1800, "iat": START, "jti": "c7e1a7c6-b1b8-4f6e-8a5f-5a4b5f6c7d8e",
        "iss": REALM, "aud": REALM, "sub": USER, "typ": "Refresh", "azp": "shop-web",
        "sid": "2a88c258-f73a-4103-b862-e1fbd8f4e04e", "scope": "openid profile email",
    })
}

fn logout_token() -> Value {
    json!({
        "iat": START, "exp": START + 120, "jti": "7f6b1c2d-2b1a-4d3c-9e8f-0a1b2c3d4e5f", "iss": REALM, "aud": "shop-web",
        "sub": USER, "typ": "Logout", "sid": "2a88c258-f73a-4103-b862-e1fbd8f4e04e",
        "events": { "http://schemas.openid.net/event/backchannel-logout": {}, "revoke_offline_access": false },
    })
}

#[test]
fn access_tokens_of_keycloak_20_and_26_open_a_guard() {
    for access in [access_20(), access_26()] {
        keycloak().opens(&json!({}), &access);
    }
    // The administrator of a realm can choose the header of RFC 9068.
    keycloak().opens(&json!({ "typ": "at+jwt" }), &access_26());
}

/// Lightweight tokens leave out everything that introspection returns.
#[test]
fn a_lightweight_access_token_of_keycloak_26_opens_a_guard() {
    keycloak().opens(
        &json!({}),
        &json!({
            "exp": START + 300, "iat": START, "jti": "onltac:1d2e", "iss": REALM, "aud": "orders-api", "sub": USER,
            "typ": "Bearer", "azp": "shop-web", "sid": "2a88c258", "scope": "openid",
        }),
    );
}

#[test]
fn other_tokens_of_keycloak_open_nothing() {
    for claims in [
        id_token(),
        refresh_token(),
        with(refresh_token(), json!({ "typ": "Offline", "exp": null })),
        logout_token(),
    ] {
        keycloak().refuses(&claims);
        // An audience mapper can add the audience of a service to every token of a client.
        keycloak().refuses(&with(claims, json!({ "aud": ["orders-api"], "exp": START + 300 })));
    }
    keycloak().needs_any_kind(&id_token(), "shop-web");
}

/// Each mark of another kind is enough by itself.
#[test]
fn one_mark_of_another_kind_is_enough() {
    for changes in [
        json!({ "typ": "ID" }),
        json!({ "typ": "Refresh" }),
        json!({ "typ": "Offline" }),
        json!({ "typ": "Logout" }),
        json!({ "typ": "Serialized-ID" }),
        json!({ "at_hash": "bPMFa6AaVCmsVmvCJJvKkw" }),
        json!({ "c_hash": "bPMFa6AaVCmsVmvCJJvKkw" }),
        json!({ "events": {} }),
    ] {
        let token = keycloak().sign(&json!({}), &with(access_26(), changes.clone()));
        let reason = refusal(&service([keycloak().issuer()]), &token);
        assert!(matches!(reason, InvalidReason::NotAccess { .. }), "{changes}: {reason:?}");
    }
}

/// "DPoP", chapter of the "Server Administration Guide": the token has `typ: DPoP` and the thumbprint of the client's key.
#[test]
fn a_dpop_token_of_keycloak_is_refused_as_bound_until_a_proxy_checks_it() {
    let bound = with(
        access_26(),
        json!({ "typ": "DPoP", "cnf": { "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" } }),
    );
    let token = keycloak().sign(&json!({}), &bound);
    assert!(decode(&service([keycloak().issuer()]), &token).is_err());
    let behind_a_proxy = service([keycloak().issuer().accept_bound().access_type("DPoP")]);
    assert_eq!(decode(&behind_a_proxy, &token).unwrap().user_id().to_string(), USER);
}

#[test]
fn registered_claims_of_keycloak_can_be_read() {
    let token = keycloak().sign(&json!({}), &access_26());
    let verified = service([keycloak().issuer()]).decode_access_token::<Payload>(&token).unwrap();
    assert_eq!(verified.session_id(), Some("2a88c258-f73a-4103-b862-e1fbd8f4e04e"));
    assert_eq!(verified.token_id(), Some("onrtac:8d5f0f5e-7d0c-4c3b-9b7e-6f3f2a6f4c11"));
    assert_eq!((verified.acr(), verified["iss"].as_str()), (Some("1"), Some(REALM)));
    assert_eq!(verified["aud"], json!(["orders-api", "account"]));
}
