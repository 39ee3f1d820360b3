//! poem-openapi: the document of a service, completed as JSON.

use gatevault::web::openapi::ApiSecurity;
use gatevault::web::poem_openapi::ApiBearer;
use gatevault::{GuardError, Payload, guarded, protected};
use poem_openapi::payload::PlainText;
use poem_openapi::{OpenApi, OpenApiService};
use serde_json::{Value, json};

struct Api;

#[guarded]
#[OpenApi]
impl Api {
    #[oai(path = "/notes/:id", method = "get")]
    #[protected(scope = "notes:read")]
    async fn read(&self, token: ApiBearer) -> Result<PlainText<String>, GuardError> {
        Ok(PlainText(String::new()))
    }

    #[oai(path = "/caller", method = "get", operation_id = "caller")]
    #[protected(scope = "notes:read", payload = _: Payload)]
    async fn caller(&self, token: ApiBearer) -> Result<PlainText<String>, GuardError> {
        Ok(PlainText(String::new()))
    }

    #[oai(path = "/health", method = "get")]
    #[public(reason = "probes have no token")]
    async fn health(&self) -> PlainText<String> {
        PlainText(String::new())
    }
}

#[test]
fn a_document_of_poem_openapi_gets_the_scopes() {
    let document = OpenApiService::new(Api, "Notes", "1").spec();
    let secured = ApiSecurity::new([Api::GUARDS]).secure_json(&document).expect("each operation has a guard");
    let secured: Value = serde_json::from_str(&secured).expect("JSON");
    let security = |path: &str| secured["paths"][path]["get"]["security"].clone();
    assert_eq!(security("/notes/{id}"), json!([{"bearerAuth": ["notes:read"]}]));
    assert_eq!(security("/caller"), json!([{"bearerAuth": ["notes:read"]}]));
    assert_eq!(security("/health"), json!([]));
}
