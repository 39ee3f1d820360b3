//! Handlers of axum with an OpenAPI document by utoipa, above or below the guard.

use axum::Router;
use axum::extract::Path;
use gatevault::{Bearer, GuardError, protected};
use hosts_common::http::{Server, get};
use hosts_common::{Callers, User};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[utoipa::path(get, path = "/above/{year}", responses((status = 200, body = String)))]
#[protected(role = "admin")]
async fn above(token: Bearer, Path(year): Path<u16>, payload: User) -> Result<String, GuardError> {
    Ok(format!("{year} for user {}", payload.user_id))
}

#[protected(role = "admin")]
#[utoipa::path(get, path = "/below/{year}", responses((status = 200, body = String)))]
async fn below(token: Bearer, Path(year): Path<u16>, payload: User) -> Result<String, GuardError> {
    Ok(format!("{year} for user {}", payload.user_id))
}

fn app() -> (Router, OpenApi) {
    OpenApiRouter::new().routes(routes!(above)).routes(routes!(below)).split_for_parts()
}

#[test]
fn only_the_role_is_served() {
    let callers = Callers::get();
    let server = Server::start(|listener| axum::serve(listener, app().0).into_future());
    for path in ["/above/2026", "/below/2026"] {
        assert_eq!(get(&server, path, None).status, 401, "{path}");
        assert_eq!(get(&server, path, Some(&callers.expired)).status, 401, "{path}");
        assert_eq!(get(&server, path, Some(&callers.member)).status, 403, "{path}");
        let served = get(&server, path, Some(&callers.admin));
        assert_eq!((served.status, &*served.body), (200, "2026 for user 7"), "{path}");
    }
}

#[test]
fn the_document_has_neither_token_nor_payload() {
    let document = app().1.to_pretty_json().expect("a document");
    for word in ["/above/{year}", "/below/{year}"] {
        assert!(document.contains(word), "{document}");
    }
    for word in ["token", "payload", "User", "user_id", "Bearer"] {
        assert!(!document.contains(word), "{word}: {document}");
    }
}
