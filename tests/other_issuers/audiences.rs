//! The audience of a token of another issuer: several names, and tokens without `aud`.

use gatevault::error::InvalidReason;
use gatevault::{Issuer, TokenManager};
use serde_json::{Value, json};

use super::service::{decode, refusal, service};
use super::signer::{Signer, claims, with};

const ISSUER: &str = "https://id.example";

fn signer() -> Signer {
    Signer::hs256("the key of the issuer, at least 32 bytes").named("1")
}

fn issuer() -> Issuer {
    Issuer::new(ISSUER, signer().ring())
}

fn token(changes: Value) -> String {
    signer().sign(&with(claims(ISSUER, "orders"), changes))
}

fn opens(tokens: &TokenManager, changes: Value) -> bool {
    if decode(tokens, &token(changes.clone())).is_ok() {
        return true;
    }
    let reason = refusal(tokens, &token(changes));
    assert!(matches!(reason, InvalidReason::Audience { .. }), "{reason:?}");
    false
}

#[test]
fn one_of_several_audiences_is_enough() {
    let tokens = service([issuer().audience("orders").audience("api://orders")]);
    for aud in [
        json!("orders"),
        json!("api://orders"),
        json!(["account", "orders"]),
        json!(["api://orders", "orders"]),
    ] {
        assert!(opens(&tokens, json!({ "aud": aud })), "{aud}");
    }
    for aud in [
        json!("account"),
        json!(["account"]),
        json!("orders api://orders"),
        json!([]),
        json!("ORDERS"),
        json!(null),
    ] {
        assert!(!opens(&tokens, json!({ "aud": aud })), "{aud}");
    }
}

#[test]
fn another_claim_takes_the_place_of_a_missing_audience() {
    let tokens = service([issuer().audience_claim("client_id", "web").audience_claim("client_id", "app")]);
    for client in ["web", "app"] {
        assert!(opens(&tokens, json!({ "aud": null, "client_id": client })), "{client}");
    }
    for client in [
        json!("other"),
        json!(null),
        json!(["web"]),
        json!(7),
        json!({ "web": true }),
        json!(""),
        json!("web "),
    ] {
        assert!(!opens(&tokens, json!({ "aud": null, "client_id": client })), "{client}");
    }
    // Another claim with the value says nothing.
    assert!(!opens(&tokens, json!({ "aud": null, "azp": "web" })));
}

#[test]
fn one_of_several_claims_is_enough() {
    let tokens = service([issuer().audience_claim("client_id", "web").audience_claim("azp", "app")]);
    assert!(opens(&tokens, json!({ "aud": null, "client_id": "web" })));
    assert!(opens(&tokens, json!({ "aud": null, "azp": "app" })));
    assert!(!opens(&tokens, json!({ "aud": null, "azp": "web", "client_id": "app" })));
}

#[test]
fn an_audience_is_judged_even_if_another_claim_may_take_its_place() {
    let tokens = service([issuer().audience_claim("client_id", "web")]);
    for aud in [json!("orders"), json!("web"), json!(["web"]), json!([])] {
        assert!(!opens(&tokens, json!({ "aud": aud, "client_id": "web" })), "{aud}");
    }
    let both = service([issuer().audience("orders").audience_claim("client_id", "web")]);
    assert!(opens(&both, json!({ "client_id": "other" })));
    assert!(opens(&both, json!({ "aud": null, "client_id": "web" })));
    assert!(!opens(&both, json!({ "aud": "account", "client_id": "web" })));
    assert!(!opens(&both, json!({ "aud": null })));
}

/// A null is no audience, and an `aud` of another form is one that does not match.
#[test]
fn a_malformed_audience_is_not_a_missing_one() {
    let tokens = service([issuer().audience_claim("client_id", "web")]);
    for aud in [json!(7), json!(true), json!({ "a": 1 }), json!([7])] {
        let token = token(json!({ "aud": aud, "client_id": "web" }));
        assert!(decode(&tokens, &token).is_err(), "{aud}");
    }
}

#[test]
fn an_issuer_needs_an_audience_or_a_claim_in_its_place() {
    use gatevault::TokenManager;
    let error = |issuer| TokenManager::builder().accept(issuer).build().unwrap_err().to_string();
    let text = error(issuer());
    assert!(text.contains("Issuer::audience(..)") && text.contains("audience_claim"), "{text}");
    for issuer in [issuer().audience_claim("", "web"), issuer().audience_claim("client_id", "")] {
        let text = error(issuer);
        assert!(text.contains("`audience_claim`"), "{text}");
    }
    for issuer in [issuer().audience("orders").audience(""), issuer().audience("").audience("orders")] {
        let text = error(issuer);
        assert!(text.contains("`audience`"), "{text}");
    }
}
