//! Amazon Cognito: "Understanding the access token", "Understanding the identity (ID) token". Kubernetes: "Managing Service
//! Accounts", "Schema for service account private claims".

use gatevault::{Issuer, KeyRing};
use gatevault_tests::START;
use serde_json::{Value, json};

use super::super::service::{decode, service};
use super::super::signer::with;
use super::Product;

const POOL: &str = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example";
const CLIENT: &str = "57cbishk4j24pabc1234567890";
const CLUSTER: &str = "https://kubernetes.default.svc.cluster.local";

fn cognito(keys: KeyRing) -> Issuer {
    Issuer::new(POOL, keys).audience_claim("client_id", CLIENT)
}

fn cognito_access() -> Value {
    json!({
        "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "cognito:groups": ["clerks"], "iss": POOL, "version": 2,
        "client_id": CLIENT, "origin_jti": "a1b2", "event_id": "a1b3", "token_use": "access", "scope": "phone openid",
        "auth_time": START - 5, "exp": START + 3600, "iat": START, "jti": "a1b4", "username": "ada",
    })
}

fn cognito_id_token() -> Value {
    json!({
        "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "cognito:groups": ["clerks"], "email_verified": true, "iss": POOL,
        "cognito:username": "ada", "origin_jti": "a1b2", "aud": CLIENT, "event_id": "a1b3", "token_use": "id",
        "auth_time": START - 5, "exp": START + 3600, "iat": START, "jti": "a1b5", "email": "ada@shop.example",
    })
}

#[test]
fn an_access_token_of_cognito_opens_a_guard_although_it_has_no_audience() {
    Product::new(cognito).opens(&json!({ "typ": null }), &cognito_access());
    // Another application of the same pool.
    Product::new(cognito).refuses(&with(cognito_access(), json!({ "client_id": "another" })));
    Product::new(cognito).refuses(&with(cognito_access(), json!({ "client_id": null })));
    // With resource binding, access tokens have an `aud`, which is then judged.
    let bound = with(cognito_access(), json!({ "aud": "https://orders.example" }));
    Product::new(cognito).refuses(&bound);
    Product::new(|keys| cognito(keys).audience("https://orders.example")).opens(&json!({}), &bound);
}

#[test]
fn an_id_token_of_cognito_opens_nothing() {
    Product::new(cognito).needs_any_kind(&cognito_id_token(), CLIENT);
    // After a login at another provider.
    Product::new(cognito)
        .needs_any_kind(&with(cognito_id_token(), json!({ "at_hash": "hjR", "nonce": "n1" })), CLIENT);
    // `token_use` alone decides, too.
    let audience_claim_and_id = with(cognito_id_token(), json!({ "aud": null, "client_id": CLIENT }));
    Product::new(cognito).refuses(&audience_claim_and_id);
}

#[test]
fn a_projected_token_of_a_kubernetes_service_account_opens_a_guard() {
    let kubernetes = Product::new(|keys| Issuer::new(CLUSTER, keys).audience("orders"));
    let token = json!({
        "aud": ["orders"], "exp": START + 3607, "iat": START, "iss": CLUSTER, "jti": "aed34954-b33a-4142-b1ec-389d6bbb4936",
        "kubernetes.io": {
            "namespace": "shop", "node": { "name": "node-1", "uid": "646e7c5e" }, "pod": { "name": "web-0", "uid": "5e0bd49b" },
            "serviceaccount": { "name": "web", "uid": "14ee3fa4" }, "warnafter": START + 3000,
        },
        "nbf": START, "sub": "system:serviceaccount:shop:web",
    });
    kubernetes.opens(&json!({ "typ": null }), &token);
    kubernetes.refuses(&with(token.clone(), json!({ "aud": [CLUSTER] })));
    let verified = decode(&service([kubernetes.issuer()]), &kubernetes.sign(&json!({}), &token)).unwrap();
    assert_eq!(verified["kubernetes.io"]["serviceaccount"]["name"], "web");
}

/// The tokens of secrets, from before version 1.24, never expire and have no audience.
#[test]
fn a_legacy_token_of_a_kubernetes_service_account_opens_nothing() {
    let kubernetes = Product::new(|keys| Issuer::new("kubernetes/serviceaccount", keys).audience("orders"));
    kubernetes.refuses(&json!({
        "iss": "kubernetes/serviceaccount", "kubernetes.io/serviceaccount/namespace": "shop",
        "kubernetes.io/serviceaccount/secret.name": "web-token-pnj77", "sub": "system:serviceaccount:shop:web",
    }));
}

/// The projected tokens of a cluster that extends them live for a year (`--service-account-extend-token-expiration`).
#[test]
fn an_extended_token_of_kubernetes_needs_a_longer_lifetime() {
    let kubernetes = Product::new(|keys| Issuer::new(CLUSTER, keys).audience("orders"));
    let year = 365 * 24 * 3600;
    let token = json!({ "aud": ["orders"], "exp": START + year, "iat": START, "iss": CLUSTER, "sub": "system:serviceaccount:shop:web" });
    kubernetes.refuses(&token);
    let longer = kubernetes.issuer().max_lifetime(std::time::Duration::from_secs(year + 60));
    assert!(decode(&service([longer]), &kubernetes.sign(&json!({}), &token)).is_ok());
}
