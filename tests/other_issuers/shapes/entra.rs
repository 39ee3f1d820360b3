//! Microsoft Entra ID: "Access token claims reference" and "ID token claims reference" of the Microsoft identity platform.
//! AD FS: "AD FS OpenID Connect/OAuth concepts"; its `auth_time` is a date in ISO 8601.

use gatevault::{Issuer, KeyRing};
use gatevault_tests::START;
use serde_json::{Value, json};

use super::super::service::{decode, service};
use super::super::signer::with;
use super::Product;

const TENANT: &str = "3f1c2b6e-8a4d-4b53-9d3e-0e6d9b8f7a21";
const V1: &str = "https://sts.windows.net/3f1c2b6e-8a4d-4b53-9d3e-0e6d9b8f7a21/";
const V2: &str = "https://login.microsoftonline.com/3f1c2b6e-8a4d-4b53-9d3e-0e6d9b8f7a21/v2.0";
const API: &str = "6e74172b-be56-4843-9ff4-e66a39bb12e3";

fn v1(keys: KeyRing) -> Issuer {
    Issuer::new(V1, keys).audience("api://orders")
}

fn v2(keys: KeyRing) -> Issuer {
    Issuer::new(V2, keys).audience(API)
}

fn any_tenant(keys: KeyRing) -> Issuer {
    Issuer::multi_tenant("https://login.microsoftonline.com/{tid}/v2.0", keys).audience(API)
}

fn access_v1() -> Value {
    json!({
        "aud": "api://orders", "iss": V1, "iat": START, "nbf": START, "exp": START + 4177, "acr": "1", "aio": "AXQAi/8IAAAA",
        "amr": ["pwd", "mfa"], "appid": "75dbe77f-10a3-4e59-85fd-8c127544f17c", "appidacr": "0",
        "family_name": "L", "given_name": "Ada", "ipaddr": "192.0.2.5", "name": "Ada L",
        "oid": "690222be-ff1a-4d56-abd1-7e4f7d38e474", "rh": "0.AXEAxx.", "scp": "access_as_user",
        "sub": "HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ", "tid": TENANT, "unique_name": "ada@shop.example",
        "upn": "ada@shop.example", "uti": "fqiBqXLPj0eQa82S-IYFAA", "ver": "1.0",
    })
}

fn access_v2() -> Value {
    json!({
        "aud": API, "iss": V2, "iat": START, "nbf": START, "exp": START + 4177, "aio": "AXQAi/8IAAAA",
        "azp": "75dbe77f-10a3-4e59-85fd-8c127544f17c", "azpacr": "0", "name": "Ada L",
        "oid": "690222be-ff1a-4d56-abd1-7e4f7d38e474", "preferred_username": "ada@shop.example", "rh": "0.AXEAxx.",
        "roles": ["clerk"], "scp": "access_as_user", "sid": "0c7d3d5e-0000-4000-8000-000000000001",
        "sub": "HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ", "tid": TENANT, "uti": "fqiBqXLPj0eQa82S-IYFAA", "ver": "2.0",
    })
}

fn id_token(issuer: &str, version: &str) -> Value {
    json!({
        "aud": "75dbe77f-10a3-4e59-85fd-8c127544f17c", "iss": issuer, "iat": START, "nbf": START, "exp": START + 3600,
        "name": "Ada L", "nonce": "678910", "oid": "690222be-ff1a-4d56-abd1-7e4f7d38e474", "rh": "0.AXEAxx.",
        "preferred_username": "ada@shop.example", "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ", "tid": TENANT,
        "uti": "fqiBqXLPj0eQa82S-IYFAA", "ver": version,
    })
}

#[test]
fn access_tokens_of_entra_open_a_guard_in_both_versions() {
    let header = json!({ "x5t": "i6lGk3FZzxRcUb2C3nEQ7syHJlY" });
    Product::new(v1).opens(&header, &access_v1());
    Product::new(v2).opens(&header, &access_v2());
    Product::new(any_tenant).opens(&header, &access_v2());
}

/// The client credentials grant: a service without a user, `roles` instead of `scp`.
#[test]
fn a_token_of_an_application_of_entra_opens_a_guard() {
    let app = json!({ "idtyp": "app", "scp": null, "name": null, "preferred_username": null });
    Product::new(v2).opens(&json!({}), &with(access_v2(), app));
}

#[test]
fn id_tokens_of_entra_open_nothing() {
    Product::new(v1).needs_any_kind(&id_token(V1, "1.0"), "75dbe77f-10a3-4e59-85fd-8c127544f17c");
    Product::new(v2).needs_any_kind(&id_token(V2, "2.0"), "75dbe77f-10a3-4e59-85fd-8c127544f17c");
    // The hybrid flow adds the hash of the code.
    let hybrid = with(id_token(V2, "2.0"), json!({ "nonce": null, "c_hash": "LDktKdoQak3Pk0cnXxCltA" }));
    Product::new(any_tenant).needs_any_kind(&hybrid, "75dbe77f-10a3-4e59-85fd-8c127544f17c");
    // Without a `nonce`, the audience is what refuses it: it names the client.
    Product::new(v2).refuses(&with(id_token(V2, "2.0"), json!({ "nonce": null })));
}

#[test]
fn a_token_of_one_version_is_not_one_of_the_other() {
    Product::new(v1).refuses(&access_v2());
    Product::new(v2).refuses(&access_v1());
    Product::new(v2).refuses(&with(access_v2(), json!({ "aud": "api://orders" })));
}

#[test]
fn an_access_token_of_ad_fs_opens_a_guard_and_its_date_can_be_read() {
    let adfs = Product::new(|keys| {
        Issuer::new("http://adfs.shop.example/adfs/services/trust", keys)
            .audience("microsoft:identityserver:orders")
    });
    let access = json!({
        "aud": "microsoft:identityserver:orders", "iss": "http://adfs.shop.example/adfs/services/trust", "iat": START,
        "nbf": START, "exp": START + 3600, "apptype": "Public", "appid": "4e2d3f6a", "ver": "1.0", "scp": "openid",
        "authmethod": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
        "auth_time": "2025-12-31T23:50:00.123Z", "sub": "1Zcp4Xw=",
    });
    adfs.opens(&json!({ "x5t": "i6lGk3FZzxRcUb2C3nEQ7syHJlY" }), &access);
    let verified = decode(&service([adfs.issuer()]), &adfs.sign(&json!({}), &access)).unwrap();
    assert_eq!(verified.authenticated_at(), None);
    assert_eq!(verified["auth_time"], "2025-12-31T23:50:00.123Z");
    // Its ID tokens have another issuer.
    adfs.refuses(&with(
        access,
        json!({ "iss": "https://adfs.shop.example/adfs", "scp": null, "nonce": "1" }),
    ));
}
