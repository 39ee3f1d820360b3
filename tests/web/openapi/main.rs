//! The security of operations in API documents, from what guards their functions.
#![cfg(test)]
#![expect(dead_code, clippy::unused_async, reason = "handlers that are described and not called")]

mod aide;
mod documents;
mod frameworks;
mod own_security;
mod poem_openapi;
mod problems;
mod schemes;

use gatevault::guard::GuardRecord;
use gatevault::web::openapi::{ApiSecurity, ApiSecurityError, ApiSecurityProblem};
use serde_json::{Value, json};

/// Returns a document with operations: method, path and id.
fn document(operations: &[(&str, &str, &str)]) -> Value {
    let mut document = json!({"openapi": "3.1.0", "info": {"title": "", "version": ""}, "paths": {}});
    for (method, path, id) in operations {
        document["paths"][path][method] = json!({"operationId": id, "responses": {}});
    }
    document
}

/// Writes the security into a document, without the responses of denied calls.
fn secured(security: ApiSecurity, mut document: Value) -> Value {
    security.without_denials().secure(&mut document).expect("a document that fits the guards");
    document
}

/// Returns the problems of a document, and asserts that it is unchanged.
fn problems(security: &ApiSecurity, mut document: Value) -> Vec<ApiSecurityProblem> {
    let before = document.clone();
    match security.secure(&mut document) {
        Err(ApiSecurityError::Problems(problems)) => {
            assert_eq!(document, before);
            problems
        }
        other => panic!("{other:?} for {document}"),
    }
}

/// Returns the record of a function in lists.
fn guard<'g>(guards: &'g [GuardRecord], name: &str) -> &'g GuardRecord {
    guards.iter().find(|guard| guard.name == name).expect("a guard of that name")
}
