//! Operations that have a `security` before.

use gatevault::guarded;
use gatevault::web::openapi::{ApiSecurity, ApiSecurityProblem};
use serde_json::{Value, json};

use crate::{document, problems, secured};

#[guarded]
mod api {
    use gatevault::{GuardError, Payload, protected};

    #[protected(scope = "a")]
    #[cfg_attr(any(), utoipa::path(get, path = "/a"))]
    pub(super) fn a() -> Result<(), GuardError> {
        Ok(())
    }

    #[protected(optional, payload = _who: Option<Payload>)]
    #[cfg_attr(any(), utoipa::path(get, path = "/b"))]
    pub(super) fn b() -> Result<(), GuardError> {
        Ok(())
    }

    #[public(reason = "open")]
    #[cfg_attr(any(), utoipa::path(get, path = "/c"))]
    pub(super) fn c() {}
}

fn security() -> ApiSecurity {
    ApiSecurity::new([api::GUARDS])
}

/// Returns the document with this `security` of one operation.
fn with(path: &str, own: Value) -> Value {
    let mut document = document(&[("get", "/a", "a"), ("get", "/b", "b"), ("get", "/c", "c")]);
    document["paths"][path]["get"]["security"] = own;
    document
}

#[test]
fn a_scheme_without_scopes_is_completed() {
    let bearer = json!([{"bearerAuth": []}]);
    let document = secured(security(), with("/a", bearer));
    assert_eq!(document["paths"]["/a"]["get"]["security"], json!([{"bearerAuth": ["a"]}]));
    // poem-openapi writes the empty alternative last.
    let document = secured(security(), with("/b", json!([{"bearerAuth": []}, {}])));
    assert_eq!(document["paths"]["/b"]["get"]["security"], json!([{}, {"bearerAuth": []}]));
}

#[test]
fn the_same_security_stays() {
    for (path, own) in [("/a", json!([{"bearerAuth": ["a"]}])), ("/c", json!([]))] {
        let document = secured(security(), with(path, own.clone()));
        assert_eq!(document["paths"][path]["get"]["security"], own);
    }
}

#[test]
fn another_security_than_that_of_the_guard_is_a_problem() {
    for (path, own) in [
        ("/a", json!([])),
        ("/a", json!([{}])),
        ("/a", json!([{"bearerAuth": []}, {}])),
        ("/a", json!([{"bearerAuth": ["b"]}])),
        ("/a", json!([{"apiKey": []}])),
        ("/a", json!([{"bearerAuth": [], "apiKey": []}])),
        ("/b", json!([{"bearerAuth": []}])),
        ("/b", json!([{}])),
        ("/c", json!([{"bearerAuth": []}])),
    ] {
        let name = path.trim_start_matches('/');
        let expected = match name {
            "a" => r#"[{"bearerAuth":["a"]}]"#,
            "b" => r#"[{},{"bearerAuth":[]}]"#,
            _ => "[]",
        };
        let contradicts = ApiSecurityProblem::Contradicts {
            operation: format!("GET {path} ({name})"),
            guard: format!("{}::api::{name}", module_path!()),
            expected: expected.to_owned(),
        };
        assert_eq!(problems(&security(), with(path, own.clone())), [contradicts], "{path} {own}");
    }
}

#[test]
fn a_public_operation_is_open_beside_a_security_of_the_whole_document() {
    let mut document = with("/a", json!([{"bearerAuth": []}]));
    document["security"] = json!([{"bearerAuth": []}]);
    let document = secured(security(), document);
    assert_eq!(document["paths"]["/c"]["get"]["security"], json!([]));
}
