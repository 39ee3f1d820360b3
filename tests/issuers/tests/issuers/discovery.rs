//! The documents that lead from the name of an issuer to its keys.

use std::error::Error;
use std::time::Duration;

use gatevault_issuers::{Provider, resource, service_token};
use serde_json::json;

use crate::{accepting, es256, eventually, pending_keys_of, status};

#[test]
fn an_issuer_with_a_path_is_discovered() {
    let provider = Provider::with(&[es256("1")], json!({"path": "/realms/shop"}));
    assert_eq!(status(&accepting(&provider), &service_token(&provider, &resource("ES256"))), 200);
    assert_eq!(provider.requests("GET /realms/shop/.well-known/openid-configuration"), 1);
}

#[test]
fn an_authorization_server_without_openid_is_discovered_by_rfc_8414() {
    for path in ["", "/realms/shop"] {
        let provider = Provider::with(&[es256("1")], json!({"path": path, "hide_openid": true}));
        assert_eq!(status(&accepting(&provider), &service_token(&provider, &resource("ES256"))), 200);
        assert_eq!(provider.requests(&format!("GET /.well-known/oauth-authorization-server{path}")), 1);
    }
}

#[test]
fn a_document_that_names_another_issuer_leads_to_no_keys() {
    let provider = Provider::start(&[es256("1")]);
    let keys = pending_keys_of(&provider.url("/"), Duration::from_secs(1));
    let mut reason = String::new();
    eventually("a failed fetch", || {
        reason = keys.wait(Duration::ZERO).unwrap_err().source().unwrap().to_string();
        reason != "no response yet"
    });
    assert!(reason.contains("issuer"), "{reason}");
    assert_eq!(provider.requests("/jwks"), 0);
}
