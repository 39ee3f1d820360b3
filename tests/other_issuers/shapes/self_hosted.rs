//! Ory Hydra: "JWT access tokens". Zitadel: "Claims in ZITADEL". authentik: "OAuth2/OpenID provider".

use gatevault::error::InvalidReason;
use gatevault::{Issuer, KeyRing};
use gatevault_tests::START;
use serde_json::{Value, json};

use super::super::service::{decode, refusal, service};
use super::super::signer::with;
use super::Product;

const HYDRA: &str = "https://auth.shop.example";
const ZITADEL: &str = "https://shop.zitadel.example";
const AUTHENTIK: &str = "https://authentik.example/application/o/orders/";

fn authentik(keys: KeyRing) -> Issuer {
    Issuer::new(AUTHENTIK, keys).audience("5m7c0LnTvQ")
}

/// The same claims as in the ID token, with `azp` and `uid`. Where the client sent a `nonce`, it is in both tokens.
fn authentik_access() -> Value {
    json!({
        "iss": AUTHENTIK, "sub": "ad6f8c", "aud": "5m7c0LnTvQ", "exp": START + 300, "iat": START, "auth_time": START - 60,
        "acr": "goauthentik.io/providers/oauth2/default", "amr": ["pwd", "mfa"], "sid": "0d1e2f", "azp": "5m7c0LnTvQ",
        "uid": "cXo8", "email": "ada@shop.example", "preferred_username": "ada", "groups": ["clerks"],
    })
}

#[test]
fn tokens_of_ory_hydra_open_a_guard_if_they_are_access_tokens() {
    let hydra = || Product::new(|keys| Issuer::new(HYDRA, keys).audience("https://orders.example"));
    let access = json!({
        "aud": ["https://orders.example"], "client_id": "9692b3d6", "exp": START + 3600, "ext": { "role": "clerk" }, "iat": START,
        "iss": HYDRA, "jti": "8c8c1c9e", "nbf": START, "scp": ["offline", "orders"], "sub": "ada",
    });
    let id_token = json!({
        "at_hash": "dpTnbDZuHaCFz3vaZmuZcg", "aud": ["9692b3d6"], "auth_time": START - 3, "exp": START + 3600, "iat": START,
        "iss": HYDRA, "jti": "6d2e", "nonce": "n-0S6", "rat": START - 9, "sid": "b2c3", "sub": "ada",
    });
    hydra().opens(&json!({}), &access);
    hydra().opens(&json!({}), &with(access, json!({ "aud": ["https://orders.example", "x"], "ext": null })));
    hydra().needs_any_kind(&id_token, "9692b3d6");
}

#[test]
fn tokens_of_zitadel_open_a_guard_if_they_are_access_tokens() {
    let zitadel = || Product::new(|keys| Issuer::new(ZITADEL, keys).audience("orders-project"));
    let access = json!({
        "aud": ["257787991247740930@shop", "orders-project"], "client_id": "257787991247740930@shop", "exp": START + 43_199,
        "iat": START, "iss": ZITADEL, "jti": "V2_257", "nbf": START, "sub": "257781415405912066",
        "urn:zitadel:iam:org:project:roles": { "clerk": { "257781415405846530": "shop.zitadel.example" } },
    });
    let id_token = json!({
        "amr": ["pwd"], "at_hash": "8m2c", "aud": ["257787991247740930@shop", "orders-project"], "auth_time": START - 9,
        "azp": "257787991247740930@shop", "client_id": "257787991247740930@shop", "exp": START + 43_199, "iat": START,
        "iss": ZITADEL, "sid": "V1_257", "sub": "257781415405912066",
    });
    zitadel().opens(&json!({}), &access);
    // The project is in the audience of both.
    zitadel().needs_any_kind(&id_token, "orders-project");
}

#[test]
fn an_access_token_of_authentik_opens_a_guard_unless_it_looks_like_an_id_token() {
    Product::new(authentik).opens(&json!({}), &authentik_access());
    let with_nonce = with(authentik_access(), json!({ "nonce": "n-0S6" }));
    let token = Product::new(authentik).sign(&json!({}), &with_nonce);
    let reason = refusal(&service([Product::new(authentik).issuer()]), &token);
    assert!(matches!(reason, InvalidReason::NotAccess { .. }), "{reason:?}");
    Product::new(|keys| authentik(keys).any_kind()).opens(&json!({}), &with_nonce);
}

/// Tokens of password and client credentials grants have no session and no authentication.
#[test]
fn a_service_account_of_authentik_opens_a_guard() {
    let claims =
        with(authentik_access(), json!({ "sid": null, "amr": null, "acr": null, "auth_time": null }));
    Product::new(authentik).opens(&json!({}), &claims);
    let verified = decode(
        &service([Product::new(authentik).issuer()]),
        &Product::new(authentik).sign(&json!({}), &claims),
    );
    assert_eq!(verified.unwrap().session_id(), None);
}
