//! Tokens that are bound to a key of their client: `cnf` (RFC 7800), by a certificate (RFC 8705) or DPoP (RFC 9449).

use gatevault::Issuer;
use serde_json::json;

use super::service::{decode, logged, open, service};
use super::signer::{Signer, claims, with};

fn signer() -> Signer {
    Signer::hs256("the key of the issuer, at least 32 bytes").named("1")
}

fn issuer() -> Issuer {
    Issuer::new("https://id.example", signer().ring()).audience("orders")
}

fn confirmations() -> Vec<serde_json::Value> {
    vec![
        json!({ "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" }),
        json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" }),
        json!({ "kid": "dfd1aa97-6d8d-4575-a0fe-34b96de2bfad" }),
        json!({}),
        json!("x"),
        json!(1),
    ]
}

#[test]
fn a_bound_token_is_refused_with_a_text_that_says_so() {
    for issuer in [issuer(), issuer().any_kind(), issuer().at_jwt()] {
        let tokens = service([issuer]);
        for cnf in confirmations() {
            let header = with(signer().header(), json!({ "typ": "at+jwt" }));
            let token = signer()
                .sign_with(&header, &with(claims("https://id.example", "orders"), json!({ "cnf": cnf })));
            let error = decode(&tokens, &token).unwrap_err();
            let text = logged(&error);
            assert!(
                text.contains("bound") && text.contains("`cnf`") && text.contains("accept_bound"),
                "{text}"
            );
            assert!(!error.to_string().contains("bound"), "{error}");
            let denied = open(&tokens, &token).unwrap_err();
            assert_eq!(denied.status(), 401);
            assert!(!denied.to_string().contains("bound"), "{denied}");
        }
    }
}

#[test]
fn a_service_behind_a_proxy_that_checks_the_binding_accepts_it() {
    let tokens = service([issuer().accept_bound()]);
    for cnf in confirmations() {
        let token = signer().sign(&with(claims("https://id.example", "orders"), json!({ "cnf": cnf })));
        // The binding stays readable.
        assert_eq!(decode(&tokens, &token).unwrap()["cnf"], cnf);
    }
    // It accepts the binding, and no other kind of token.
    let id_token = with(claims("https://id.example", "orders"), json!({ "cnf": {}, "at_hash": "HK6E" }));
    assert!(decode(&tokens, &signer().sign(&id_token)).is_err());
}
