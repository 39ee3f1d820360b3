//! The document and the server agree, on every operation.

#![expect(clippy::unwrap_used, reason = "a fault of a test fails it")]

use axum::Router;
use gatevault::testing::{Browser, PASSWORD_HASH, browser, hasher};
use gatevault::{Auth, MemorySessions};
use openapi_example::{Person, Users, api, app};
use serde_json::{Value, json};

fn document() -> Value {
    serde_json::to_value(api().unwrap().1).unwrap()
}

/// Opens the browser of a user with these scopes.
async fn user_with(scope: &str) -> Browser<Router> {
    let ada = Person {
        id: 1,
        name: "ada".to_owned(),
        password_hash: PASSWORD_HASH.to_owned(),
        scope: scope.to_owned(),
    };
    let auth = Auth::new(Users(vec![ada.clone()]), [7; 32], MemorySessions::new()).unwrap().hasher(hasher());
    browser(app(&auth, "https://notes.example").unwrap()).acting_as(&auth, &ada).await
}

/// Returns the method, the path and the `security` of each operation.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().unwrap();
        item.iter().map(move |(method, operation)| {
            (method.to_uppercase(), path.clone(), operation["security"].clone())
        })
    });
    operations.collect()
}

async fn status(browser: &Browser<Router>, method: &str, path: &str) -> u16 {
    let request = axum::http::Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json")
        .body(r#"{"text":"milk"}"#)
        .unwrap();
    browser.send(request).await.status()
}

#[test]
fn the_document_has_the_scopes_of_the_guards() {
    let both = |scopes: &[&str]| json!([{"bearerAuth": scopes}, {"oauth2": scopes}]);
    let clear = json!([{"bearerAuth": ["notes:write"]}, {"oauth2": ["notes:write"]}, {"bearerAuth": ["admin"]}, {"oauth2": ["admin"]}]);
    let of = |method: &str, path: &str, security: Value| (method.to_owned(), path.to_owned(), security);
    let mut expected = vec![
        of("GET", "/notes", both(&["notes:read"])),
        of("POST", "/notes", both(&["notes:read", "notes:write"])),
        of("DELETE", "/notes", clear),
        of("GET", "/notes/count", json!([])),
    ];
    let mut found = operations(&document());
    let key = |(method, path, _): &(String, String, Value)| (path.clone(), method.clone());
    expected.sort_by_key(key);
    found.sort_by_key(key);
    assert_eq!(found, expected);
}

#[tokio::test]
async fn the_server_does_what_the_document_says() {
    for (method, path, security) in operations(&document()) {
        let alternatives = security.as_array().unwrap();
        let without_token = status(&user_with("").await.another(), &method, &path).await;
        assert_eq!(without_token == 401, !alternatives.is_empty(), "{method} {path}: {without_token}");
        for alternative in alternatives {
            let scopes = alternative.as_object().unwrap().values().next().unwrap().as_array().unwrap();
            let scopes: Vec<_> = scopes.iter().map(|scope| scope.as_str().unwrap()).collect();
            let served = status(&user_with(&scopes.join(" ")).await, &method, &path).await;
            assert!((200..300).contains(&served), "{method} {path} with {scopes:?}: {served}");
            let fewer = scopes.split_last().unwrap().1.join(" ");
            assert_eq!(
                status(&user_with(&fewer).await, &method, &path).await,
                403,
                "{method} {path} with {fewer:?}"
            );
        }
    }
}
