//! Issuers with one name for each tenant.

use gatevault::error::InvalidReason;
use gatevault::{Algorithm, Issuer, TokenManager};
use gatevault_tests::timed;
use serde_json::{Value, json};

use super::service::{decode, issuer_of, refusal, service, services};
use super::signer::{ED25519, Signer, claims, with};

const TEMPLATE: &str = "https://login.microsoftonline.com/{tid}/v2.0";
const TENANT: &str = "3f1c2b6e-8a4d-4b53-9d3e-0e6d9b8f7a21";

fn signer() -> Signer {
    Signer::new(Algorithm::EdDSA, ED25519).named("1")
}

fn entra() -> Issuer {
    Issuer::multi_tenant(TEMPLATE, signer().ring()).audience("orders")
}

fn name(tenant: &str) -> String {
    TEMPLATE.replace("{tid}", tenant)
}

fn token(issuer: &str, changes: Value) -> String {
    signer().sign(&with(claims(issuer, "orders"), changes))
}

#[test]
fn every_tenant_is_accepted_and_named() {
    let tokens = service([entra()]);
    for tenant in [TENANT, "contoso", "a", "shop.example", "A_b~c-1"] {
        for changes in [json!({ "tid": tenant }), json!({})] {
            assert_eq!(issuer_of(&tokens, &token(&name(tenant), changes)), Some(name(tenant)));
        }
    }
}

#[test]
fn the_claim_of_the_tenant_must_agree_with_the_name() {
    let tokens = service([entra()]);
    let others = [
        json!("another"),
        json!(""),
        json!(TENANT.to_uppercase()),
        json!(7),
        json!([TENANT]),
        json!({ "tid": TENANT }),
    ];
    for tid in others {
        let reason = refusal(&tokens, &token(&name(TENANT), json!({ "tid": tid })));
        assert!(matches!(reason, InvalidReason::Issuer { .. }), "{tid}: {reason:?}");
    }
}

#[test]
fn a_tenant_is_one_segment_of_a_path() {
    let tokens = service([entra()]);
    let segments = [
        "",
        ".",
        "..",
        "a/b",
        "../common",
        "a%2Fb",
        "%2e%2e",
        "%41",
        "a?b",
        "a#b",
        "a b",
        " a",
        "a\n",
        "a\u{0}",
        "a\\b",
        "a;b",
        "a@b",
        "a:b",
        "{tid}",
        "\u{e9}",
        "*",
        "https:",
        "a/v2.0/b",
        "a//",
    ];
    for tenant in segments {
        for changes in [json!({}), json!({ "tid": tenant })] {
            let reason = refusal(&tokens, &token(&name(tenant), changes));
            assert!(matches!(reason, InvalidReason::Issuer { .. }), "{tenant:?}: {reason:?}");
        }
    }
}

#[test]
fn what_surrounds_the_tenant_is_compared_exactly() {
    let tokens = service([entra()]);
    let names = [
        format!("https://login.microsoftonline.com/{TENANT}/v2.0/"),
        format!("https://login.microsoftonline.com/{TENANT}/v1.0"),
        format!("https://login.microsoftonline.com/{TENANT}"),
        format!("https://login.microsoftonline.com/{TENANT}/v2.0?x"),
        format!("https://login.microsoftonline.com.evil.example/{TENANT}/v2.0"),
        format!("http://login.microsoftonline.com/{TENANT}/v2.0"),
        format!("HTTPS://login.microsoftonline.com/{TENANT}/v2.0"),
        format!("https://login.microsoftonline.com//{TENANT}/v2.0"),
        format!(" https://login.microsoftonline.com/{TENANT}/v2.0"),
        "https://login.microsoftonline.com/v2.0".to_owned(),
        TENANT.to_owned(),
        String::new(),
    ];
    for name in names {
        let reason = refusal(&tokens, &token(&name, json!({})));
        assert!(matches!(reason, InvalidReason::Issuer { .. }), "{name}: {reason:?}");
    }
    assert!(decode(&tokens, &token(&name(TENANT), json!({ "iss": null }))).is_err());
}

/// Prefix and suffix may overlap in a short name.
#[test]
fn a_tenant_is_never_outside_of_its_name() {
    let issuer = Issuer::multi_tenant("https://id.example/t/{tid}/t/", signer().ring()).audience("orders");
    let tokens = service([issuer]);
    refusal(&tokens, &token("https://id.example/t/", json!({})));
    refusal(&tokens, &token("https://id.example/t/t/", json!({})));
    assert!(decode(&tokens, &token("https://id.example/t/a/t/", json!({}))).is_ok());
}

#[test]
fn a_template_has_one_placeholder() {
    for template in [
        "https://id.example/v2.0",
        "https://id.example/{tid}/{oid}",
        "https://id.example/{tid}/{tid}",
        "https://id.example/{}",
        "https://id.example/{tid",
        "https://id.example/tid}",
        "https://id.example/{{tid}}",
        "https://id.example/}tid{",
        "",
    ] {
        let issuer = Issuer::multi_tenant(template, signer().ring()).audience("orders");
        let text = TokenManager::builder().accept(issuer).build().unwrap_err().to_string();
        assert!(text.contains("Issuer::"), "{template}: {text}");
    }
}

/// A name in braces is no template unless it is given as one.
#[test]
fn a_plain_name_is_compared_literally() {
    let tokens = service([Issuer::new(TEMPLATE, signer().ring()).audience("orders")]);
    refusal(&tokens, &token(&name(TENANT), json!({ "tid": TENANT })));
}

#[test]
fn a_tenant_can_have_settings_of_its_own_beside_the_template() {
    let one = Issuer::new(name(TENANT), signer().ring()).audience("billing").subject_claim("oid");
    for tokens in services([entra(), one]) {
        let billing = token(&name(TENANT), json!({ "aud": "billing", "oid": "o-1", "tid": TENANT }));
        assert_eq!(decode(&tokens, &billing).unwrap().user_id().to_string(), "o-1");
        let other = token(&name("contoso"), json!({ "aud": "billing", "oid": "o-1", "tid": "contoso" }));
        refusal(&tokens, &other);
        assert_eq!(issuer_of(&tokens, &token(&name("contoso"), json!({}))), Some(name("contoso")));
    }
}

#[test]
fn users_of_two_tenants_are_revoked_apart() {
    let (_, clock) = timed();
    let tokens = TokenManager::builder().clock(clock.clone()).accept(entra()).build().unwrap();
    let [one, two] = ["one", "two"].map(name);
    let now = gatevault::Clock::now(&clock);
    tokens.revoke_user(Some(&one), &"f3b1-ada".into(), now).unwrap();
    assert_eq!(refusal(&tokens, &token(&one, json!({}))), InvalidReason::Revoked);
    assert!(decode(&tokens, &token(&two, json!({}))).is_ok());
    // A name that no tenant can have.
    for unknown in ["https://login.microsoftonline.com/a/b/v2.0", "https://other.example", TEMPLATE, ""] {
        assert!(tokens.revoke_user(Some(unknown), &"f3b1-ada".into(), now).is_err(), "{unknown}");
    }
}
