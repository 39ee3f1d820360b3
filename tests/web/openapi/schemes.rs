//! The security schemes, and their settings.

use gatevault::error::ConfigError;
use gatevault::guarded;
use gatevault::web::openapi::{ApiSecurity, ApiSecurityProblem};
use serde_json::{Value, json};

use crate::{document, problems, secured};

#[guarded]
mod api {
    use gatevault::{GuardError, protected};

    #[protected(scope = "a")]
    #[cfg_attr(any(), utoipa::path(get, path = "/a"))]
    pub(super) fn a() -> Result<(), GuardError> {
        Ok(())
    }

    #[protected(optional, payload = _who: Option<gatevault::Payload>)]
    #[cfg_attr(any(), utoipa::path(get, path = "/b"))]
    pub(super) fn b() -> Result<(), GuardError> {
        Ok(())
    }
}

fn security() -> ApiSecurity {
    ApiSecurity::new([api::GUARDS])
}

fn unsecured() -> Value {
    document(&[("get", "/a", "a"), ("get", "/b", "b")])
}

#[test]
fn a_token_endpoint_and_a_discovery_document_are_alternatives() {
    let security = security()
        .password_flow("/auth/token")
        .and_then(|security| security.open_id_connect("https://id.example/.well-known/openid-configuration"))
        .expect("URLs")
        .scope("a", "Reads a")
        .scope("b", "Reads b");
    let document = secured(security, unsecured());
    assert_eq!(
        document["paths"]["/a"]["get"]["security"],
        json!([{"bearerAuth": ["a"]}, {"oauth2": ["a"]}, {"openIdConnect": ["a"]}])
    );
    assert_eq!(
        document["paths"]["/b"]["get"]["security"],
        json!([{}, {"bearerAuth": []}, {"oauth2": []}, {"openIdConnect": []}])
    );
    let flow = json!({
        "tokenUrl": "/auth/token", "refreshUrl": "/auth/token", "scopes": {"a": "Reads a", "b": "Reads b"},
    });
    let expected = json!({
        "bearerAuth": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "oauth2": {"type": "oauth2", "flows": {"password": flow}},
        "openIdConnect": {
            "type": "openIdConnect", "openIdConnectUrl": "https://id.example/.well-known/openid-configuration",
        },
    });
    assert_eq!(document["components"]["securitySchemes"], expected);
}

#[test]
fn a_flow_lists_the_scopes_that_are_not_described() {
    let document = secured(security().password_flow("https://id.example/token").expect("a URL"), unsecured());
    let flow = &document["components"]["securitySchemes"]["oauth2"]["flows"]["password"];
    assert_eq!(flow["scopes"], json!({"a": ""}));
}

#[test]
fn a_bearer_scheme_of_the_document_stays() {
    let mut document = unsecured();
    let own = json!({"type": "http", "scheme": "Bearer", "description": "From `POST /login`"});
    document["components"] = json!({"securitySchemes": {"jwt": own, "mutual": {"type": "mutualTLS"}}});
    let document = secured(security().bearer_scheme("jwt").expect("a name"), document);
    let expected = json!({"jwt": own, "mutual": {"type": "mutualTLS"}});
    assert_eq!(document["components"]["securitySchemes"], expected);
    assert_eq!(document["paths"]["/a"]["get"]["security"], json!([{"jwt": ["a"]}]));
}

#[test]
fn another_scheme_of_the_name_is_a_problem() {
    let exists = |scheme: &str| vec![ApiSecurityProblem::SchemeExists { scheme: scheme.to_owned() }];
    let with = |name: &str, scheme: Value| {
        let mut document = unsecured();
        document["components"] = json!({"securitySchemes": {name: scheme}});
        document
    };
    let basic = json!({"type": "http", "scheme": "basic"});
    assert_eq!(problems(&security(), with("bearerAuth", basic.clone())), exists("bearerAuth"));
    let security = security().password_flow("/token").expect("a path");
    assert_eq!(problems(&security, with("oauth2", basic)), exists("oauth2"));
}

#[test]
fn a_document_without_guarded_operations_gets_no_scheme() {
    let security = ["a", "b"].into_iter().fold(security(), ApiSecurity::undocumented);
    let document = document(&[("get", "/health", "health")]);
    assert_eq!(secured(security.outside("health"), document.clone()), document);
}

#[test]
fn settings_that_no_document_can_have_are_refused() {
    let refused = |result: Result<ApiSecurity, ConfigError>| {
        let message = result.expect_err("an error").to_string();
        assert!(message.contains("ApiSecurity::"), "{message}");
    };
    for url in [
        "",
        "token",
        "ftp://id.example/token",
        "https://user:secret@id.example/token",
        "/to ken",
        "//host/token",
    ] {
        refused(security().password_flow(url));
        refused(security().open_id_connect(url));
    }
    refused(security().open_id_connect("/.well-known/openid-configuration"));
    for name in ["", "a b", "oauth2", "openIdConnect", "refreshAuth"] {
        refused(security().bearer_scheme(name));
    }
}
