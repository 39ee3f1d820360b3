//! The document of an application whose operations utoipa describes.

use gatevault::guarded;
use gatevault::web::openapi::ApiSecurity;
use serde_json::{Value, json};
use utoipa::OpenApi;

use crate::guard;

#[guarded]
mod notes {
    use gatevault::{Bearer, GuardError, Payload, Verified, guarded, protected};

    #[utoipa::path(get, path = "/notes", responses((status = 200, description = "The notes", body = str)))]
    #[protected(scopes("notes:read", "notes:list"))]
    pub(super) async fn list(token: Bearer, payload: Payload) -> Result<String, GuardError> {
        Ok(payload.user_id().to_string())
    }

    #[protected(any_scope("notes:write", "admin"), scope = "notes:read", role = "clerk")]
    #[utoipa::path(post, path = "/notes", responses((status = 201), (status = 403, description = "Full")))]
    pub(super) async fn add(token: Bearer) -> Result<(), GuardError> {
        Ok(())
    }

    #[utoipa::path(get, path = "/notes/{id}", operation_id = "readNote", params(("id" = u64, Path)), responses((status = 200)))]
    #[protected(handler, optional)]
    pub(super) async fn read(id: u64, user: Option<Payload>) -> Result<String, GuardError> {
        Ok(format!("{id} {}", user.is_some()))
    }

    #[protected(handler, require = *user.user_id() == id.into())]
    #[utoipa::path(put, path = "/notes/{id}", params(("id" = u64, Path)), responses((status = 200)))]
    pub(super) async fn change(id: u64, user: Payload) -> Result<(), GuardError> {
        Ok(())
    }

    #[utoipa::path(method(get, head), path = "/health", responses((status = 200)))]
    #[public(reason = "probes have no token")]
    pub(super) async fn health() {}

    #[utoipa::path(get, path = "/caller", responses((status = 200)))]
    pub(super) async fn caller(who: Verified<Payload>) -> String {
        who.user_id().to_string()
    }

    /// Not an operation: no attribute describes it as one.
    #[protected]
    pub(super) fn count(payload: Payload) -> Result<u64, GuardError> {
        Ok(payload.get("count").unwrap_or_default())
    }

    #[guarded(scope = "tags")]
    pub(super) mod tags {
        use gatevault::{Bearer, GuardError, protected};

        #[utoipa::path(delete, path = "/tags", responses((status = 200)))]
        #[protected(scope = "notes:write")]
        pub(crate) async fn remove(token: Bearer) -> Result<(), GuardError> {
            Ok(())
        }
    }
}

#[guarded]
mod tokens {
    use gatevault::{Bearer, GuardError, protected};

    #[utoipa::path(post, path = "/tokens", responses((status = 200)))]
    #[protected(refresh)]
    pub(super) async fn renew(token: Bearer) -> Result<(), GuardError> {
        Ok(())
    }
}

#[derive(OpenApi)]
#[openapi(
    paths(
        notes::list,
        notes::add,
        notes::read,
        notes::change,
        notes::health,
        notes::caller,
        notes::tags::remove,
        tokens::renew
    ),
    info(title = "Notes", version = "1", description = "Notes of users", license(name = "MIT"))
)]
struct Api;

fn secured() -> Value {
    let mut document = Api::openapi();
    ApiSecurity::new([notes::GUARDS, tokens::GUARDS])
        .secure(&mut document)
        .expect("each operation has a guard");
    serde_json::to_value(document).expect("JSON")
}

#[test]
fn each_operation_has_the_security_of_its_guard() {
    let paths = &secured()["paths"];
    for (method, path, expected) in [
        ("get", "/notes", json!([{"bearerAuth": ["notes:read", "notes:list"]}])),
        (
            "post",
            "/notes",
            json!([{"bearerAuth": ["notes:write", "notes:read"]}, {"bearerAuth": ["admin", "notes:read"]}]),
        ),
        ("get", "/notes/{id}", json!([{}, {"bearerAuth": []}])),
        ("put", "/notes/{id}", json!([{"bearerAuth": []}])),
        ("get", "/health", json!([])),
        ("head", "/health", json!([])),
        ("get", "/caller", json!([{"bearerAuth": []}])),
        ("delete", "/tags", json!([{"bearerAuth": ["tags", "notes:write"]}])),
        ("post", "/tokens", json!([{"refreshAuth": []}])),
    ] {
        assert_eq!(paths[path][method]["security"], expected, "{method} {path}");
    }
}

#[test]
fn each_operation_has_the_denials_of_its_guard_besides_its_own_responses() {
    let paths = &secured()["paths"];
    let responses = |method: &str, path: &str| {
        let responses = paths[path][method]["responses"].as_object().expect("an object");
        responses.keys().cloned().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(responses("get", "/notes"), "200 401 403 503");
    assert_eq!(responses("get", "/notes/{id}"), "200 401 503");
    assert_eq!(responses("put", "/notes/{id}"), "200 401 403 503");
    assert_eq!(responses("get", "/health"), "200");
    assert_eq!(
        paths["/notes"]["get"]["responses"]["401"],
        json!({"$ref": "#/components/responses/Unauthorized"})
    );
    assert_eq!(paths["/notes"]["post"]["responses"]["403"], json!({"description": "Full"}));
}

#[test]
fn neither_the_token_nor_the_payload_nor_the_guard_is_a_parameter() {
    let paths = &secured()["paths"];
    assert_eq!(paths["/notes"]["get"].get("parameters"), None);
    for method in ["get", "put"] {
        let parameters = paths["/notes/{id}"][method]["parameters"].as_array().expect("a list");
        let names: Vec<_> = parameters.iter().map(|parameter| parameter["name"].clone()).collect();
        assert_eq!(names, ["id"], "{method}");
        assert_eq!(paths["/notes/{id}"][method].get("requestBody"), None);
    }
}

#[test]
fn everything_that_is_written_is_in_one_small_document() {
    #[derive(OpenApi)]
    #[openapi(
        paths(notes::list),
        info(title = "Notes", version = "1", description = "Notes of users", license(name = "MIT"))
    )]
    struct Small;

    let mut document = Small::openapi();
    let others = ["add", "read", "change", "health", "caller", "remove"];
    let security = others.into_iter().fold(ApiSecurity::new([notes::GUARDS]), ApiSecurity::undocumented);
    security.secure(&mut document).expect("a guard");
    let string = json!({"type": "string"});
    let denial = json!({"application/problem+json": {"schema": {
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {
            "type": string, "title": string, "status": {"type": "integer"}, "error": string,
            "error_description": string,
        },
    }}});
    let challenge = json!({"WWW-Authenticate": {"schema": string}});
    let expected = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Notes", "version": "1", "description": "Notes of users", "license": {"name": "MIT"},
        },
        "paths": {"/notes": {"get": {
            "tags": ["notes"],
            "operationId": "list",
            "responses": {
                "200": {"description": "The notes", "content": {"text/plain": {"schema": string}}},
                "401": {"$ref": "#/components/responses/Unauthorized"},
                "403": {"$ref": "#/components/responses/Forbidden"},
                "503": {"$ref": "#/components/responses/Unavailable"},
            },
            "security": [{"bearerAuth": ["notes:read", "notes:list"]}],
        }}},
        "components": {
            "responses": {
                "Unauthorized": {"description": "The token is missing or not valid", "headers": challenge, "content": denial},
                "Forbidden": {"description": "Not allowed", "headers": challenge, "content": denial},
                "Unavailable": {"description": "Temporarily unavailable", "content": denial},
            },
            "securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    });
    assert_eq!(serde_json::to_value(document).expect("JSON"), expected);
}

/// Bodies of each form that a schema has.
mod bodies {
    use std::collections::HashMap;

    use gatevault::{Bearer, GuardError, guarded, protected};
    use utoipa::{IntoParams, ToSchema};

    #[derive(ToSchema)]
    #[schema(example = json!({"text": "milk", "size": 1.5}))]
    pub(super) struct Note {
        /// Limited.
        #[schema(min_length = 1, max_length = 10, default = "milk")]
        text: String,
        #[schema(no_recursion)]
        parent: Option<Box<Note>>,
        labels: HashMap<String, Vec<Option<u64>>>,
        pair: (u8, String),
        kind: Kind,
        #[schema(deprecated, nullable)]
        size: f64,
    }

    #[derive(serde::Deserialize, ToSchema)]
    #[serde(untagged)]
    #[schema(discriminator = "type")]
    pub(super) enum Kind {
        Plain(Plain),
        List(List),
    }

    #[derive(serde::Deserialize, ToSchema)]
    pub(super) struct Plain {
        r#type: String,
    }

    #[derive(serde::Deserialize, ToSchema)]
    pub(super) struct List {
        r#type: String,
        items: [u8; 3],
    }

    #[derive(IntoParams)]
    pub(super) struct Page {
        /// The first.
        #[param(minimum = 1)]
        from: Option<u32>,
        order: Order,
    }

    #[derive(ToSchema)]
    pub(super) enum Order {
        Up,
        Down,
    }

    #[guarded]
    pub(super) mod operations {
        use super::{Bearer, GuardError, Note, Page, protected};

        /// Replaces a note.
        ///
        /// The old one is lost.
        #[utoipa::path(put, path = "/", tag = "notes", params(Page, ("id" = i64, Path, description = "Its id")),
            request_body(content((Note = "application/json"), (Vec<u8> = "application/octet-stream"))),
            responses((status = 200, body = [Note], headers(("etag" = String))), (status = "4XX", description = "No")))]
        #[protected]
        pub(crate) async fn replace(token: Bearer) -> Result<(), GuardError> {
            Ok(())
        }
    }
}

#[test]
fn every_form_of_a_schema_is_kept() {
    #[derive(OpenApi)]
    #[openapi(
        paths(bodies::operations::replace),
        servers((url = "https://{host}/v1", variables(("host" = (default = "a", enum_values("a", "b")))))),
        tags((name = "notes", description = "Notes"))
    )]
    struct Rich;

    let mut document = Rich::openapi();
    let before = serde_json::to_value(&document).expect("JSON");
    ApiSecurity::new([bodies::operations::GUARDS]).secure(&mut document).expect("a guard");
    let mut after = serde_json::to_value(&document).expect("JSON");
    assert_eq!(after["components"]["schemas"], before["components"]["schemas"]);
    let operation = after["paths"]["/"]["put"].as_object_mut().expect("an operation");
    operation.remove("security").expect("a security");
    let responses = operation["responses"].as_object_mut().expect("responses");
    responses.retain(|status, _| !["401", "503"].contains(&status.as_str()));
    assert_eq!(after["paths"], before["paths"]);
    assert_eq!((&after["servers"], &after["tags"]), (&before["servers"], &before["tags"]));
}

#[test]
fn a_document_that_is_secured_twice_stays_the_same() {
    let mut document = Api::openapi();
    let security = ApiSecurity::new([notes::GUARDS, tokens::GUARDS, notes::GUARDS])
        .password_flow("/token")
        .expect("a path");
    security.secure(&mut document).expect("each operation has a guard");
    let once = document.to_json().expect("JSON");
    security.secure(&mut document).expect("the same guards");
    assert_eq!(document.to_json().expect("JSON"), once);
}

#[test]
fn the_rest_of_a_document_is_not_touched() {
    let written = r#"{"openapi":"3.1.0","x-b":1.0,"x-a":100000000000000000000000,"paths":{"/z":{},"x-note":7,"/notes":{"summary":"s","get":{"x-z":1,"operationId":"list","responses":{},"x-a":[1.50]}}},"components":{"schemas":{"B":{"z":1,"a":2}}}}"#;
    let others = ["add", "read", "change", "health", "caller", "remove"];
    let security = others.into_iter().fold(ApiSecurity::new([notes::GUARDS]), ApiSecurity::undocumented);
    let secured = security.without_denials().secure_json(written).expect("a guard");
    let expected = written
        .replace(
            r#""x-a":[1.50]}"#,
            r#""x-a":[1.50],"security":[{"bearerAuth":["notes:read","notes:list"]}]}"#,
        )
        .replace(r#"{"B":{"z":1,"a":2}}}}"#, r#"{"B":{"z":1,"a":2}},"securitySchemes":{"bearerAuth":{"#);
    // The order of the members of the scheme depends on a feature of `serde_json`.
    assert_eq!(secured.get(..expected.len()), Some(&*expected));
}

#[test]
fn guards_lists_the_operation_of_each_function() {
    let operation = |name: &str| {
        let operation = guard(notes::GUARDS, name).operation?;
        Some((operation.id, operation.path, operation.methods))
    };
    assert_eq!(operation("list"), Some((Some("list"), Some("/notes"), &["get"][..])));
    assert_eq!(operation("read"), Some((Some("readNote"), Some("/notes/{id}"), &["get"][..])));
    assert_eq!(operation("health"), Some((Some("health"), Some("/health"), &["get", "head"][..])));
    assert_eq!(operation("remove"), Some((Some("remove"), Some("/tags"), &["delete"][..])));
    assert_eq!(operation("count"), None);
}
