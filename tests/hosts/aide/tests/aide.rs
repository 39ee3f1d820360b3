//! Handlers of axum with an OpenAPI document by aide, whose parameters and errors implement its traits.

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use aide::openapi::OpenApi;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use gatevault::protected;
use hosts_common::http::{Server, get};
use hosts_common::{Callers, User};

#[protected(role = "admin", denied = |denial| Err(denial.into_response()))]
async fn report(token: HeaderMap, Path(year): Path<u16>, payload: User) -> Result<Json<String>, Response> {
    Ok(Json(format!("{year} for user {}", payload.user_id)))
}

fn app() -> (Router, OpenApi) {
    let mut document = OpenApi::default();
    let router =
        ApiRouter::new().api_route("/report/{year}", get_with(report, |operation| operation.id("report")));
    (router.finish_api(&mut document), document)
}

#[test]
fn only_the_role_is_served() {
    let callers = Callers::get();
    let server = Server::start(|listener| axum::serve(listener, app().0).into_future());
    let path = "/report/2026";
    assert_eq!(get(&server, path, None).status, 401);
    assert_eq!(get(&server, path, Some(&callers.expired)).status, 401);
    assert_eq!(get(&server, path, Some(&callers.member)).status, 403);
    let served = get(&server, path, Some(&callers.admin));
    assert_eq!((served.status, &*served.body), (200, r#""2026 for user 7""#));
}

#[test]
fn the_document_has_neither_token_nor_payload() {
    let document = serde_json::to_string_pretty(&app().1).expect("a document");
    assert!(document.contains("/report/{year}"), "{document}");
    for word in ["token", "payload", "User", "user_id", "Bearer"] {
        assert!(!document.contains(word), "{word}: {document}");
    }
}
